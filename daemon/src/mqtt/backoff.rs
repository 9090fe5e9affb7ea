//! When to connect again: random between 1 s and a limit that doubles from 2 s to 30 s, so that many controllers that lost
//! the same broker do not come back at the same moment ("full jitter" of Brooker, Exponential Backoff And Jitter, AWS
//! Architecture Blog, 2015, above a least wait).

use std::time::Duration;

/// No wait is shorter: a broker that is there but refuses is not besieged.
const SHORTEST: Duration = Duration::from_secs(1);
/// The limit of the first wait.
const FIRST_LIMIT: Duration = Duration::from_secs(2);
/// No wait is longer: after an outage commands work again within half a minute.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Nothing has failed yet.
    pub fn new() -> Self {
        Backoff { failures: 0 }
    }

    /// The wait after one more failure; `random` is 64 random bits.
    pub fn next(&mut self, random: u64) -> Duration {
        let limit = FIRST_LIMIT.saturating_mul(2u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        SHORTEST + (limit - SHORTEST).mul_f64(random as f64 / u64::MAX as f64)
    }

    /// It worked: the next failure is the first again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_lie_between_a_second_and_a_limit_that_doubles_to_thirty() {
        let (mut low, mut high) = (Backoff::new(), Backoff::new());
        for failure in 0..100 {
            let limit_s = (2.0 * 2f64.powi(failure)).min(30.0);
            assert_eq!(low.next(0).as_secs_f64(), 1.0);
            assert!((high.next(u64::MAX).as_secs_f64() - limit_s).abs() < 1e-6, "{failure}");
        }
    }

    #[test]
    fn after_a_success_the_waits_begin_anew() {
        let mut backoff = Backoff::new();
        for _ in 0..20 {
            backoff.next(0);
        }
        backoff.reset();
        assert!((backoff.next(u64::MAX).as_secs_f64() - 2.0).abs() < 1e-6);
    }
}
