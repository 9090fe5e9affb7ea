//! When to try again: exponential with jitter, so that many controllers that lost the same server do not come back at the same
//! moment ("equal jitter" of Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).

use std::time::Duration;

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    random: fastrand::Rng,
}

impl Backoff {
    /// Waits of at most `first`, doubling up to `longest`; the same for the same seed.
    pub fn new(first: Duration, longest: Duration, seed: u64) -> Self {
        Backoff {
            first,
            longest,
            failures: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// The wait after one more failure: between a half and the whole of a limit that doubles.
    pub fn next(&mut self) -> Duration {
        let limit = self
            .first
            .saturating_mul(2u32.saturating_pow(self.failures))
            .min(self.longest);
        self.failures = self.failures.saturating_add(1);
        limit.mul_f64(0.5 + 0.5 * self.random.f64())
    }

    /// It worked: the next failure is the first again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIRST: Duration = Duration::from_millis(500);

    fn backoff(seed: u64) -> Backoff {
        Backoff::new(FIRST, Duration::from_secs(60), seed)
    }

    proptest! {
        #[test]
        fn every_wait_lies_between_a_half_and_the_whole_of_its_limit(seed: u64) {
            let mut backoff = backoff(seed);
            for failure in 0..100 {
                let limit_s = (0.5 * 2f64.powi(failure)).min(60.0);
                let wait_s = backoff.next().as_secs_f64();
                prop_assert!(wait_s >= 0.5 * limit_s - 1e-6 && wait_s <= limit_s + 1e-6, "{failure}: {wait_s} s");
            }
        }
    }

    #[test]
    fn after_a_success_the_waits_begin_anew() {
        let mut backoff = backoff(1);
        for _ in 0..20 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn controllers_with_different_seeds_spread_out() {
        let mut waits: Vec<_> = (0..1000).map(|seed| backoff(seed).next()).collect();
        waits.sort();
        // Uniform between 0.25 s and 0.5 s: each quarter of that has a quarter of them, ±4 standard deviations (13.7).
        for quarter in 0..4 {
            let (from, to) = (
                Duration::from_micros(250_000 + 62_500 * quarter),
                Duration::from_micros(312_500 + 62_500 * quarter),
            );
            let count = waits.iter().filter(|wait| (from..to).contains(*wait)).count();
            assert!((195..=305).contains(&count), "{count} in quarter {quarter}");
        }
    }
}
