//! When to try again: exponential with jitter, so that many controllers that lost the same tenant do not come back at the
//! same moment ("equal jitter" of Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).

use std::time::Duration;

/// The first wait is at most this: a hiccup should not be noticed.
const FIRST: Duration = Duration::from_millis(500);
/// No wait is longer: after an outage the data is there within a minute.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    failures: u32,
    random: u64,
}

impl Backoff {
    /// Waits that are the same for the same seed.
    pub fn new(seed: u64) -> Self {
        Backoff {
            failures: 0,
            random: seed,
        }
    }

    /// The wait after one more failure: between a half and the whole of a limit that doubles up to [`LONGEST`].
    pub fn next(&mut self) -> Duration {
        let limit = FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        limit.mul_f64(0.5 + 0.5 * self.fraction())
    }

    /// It worked: the next failure is the first again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next random number in 0..1, by SplitMix64 (Steele, Lea, Flood 2014).
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The upper 53 bits, as many as a double holds.
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_wait_lies_between_a_half_and_the_whole_of_its_limit(seed: u64) {
            let mut backoff = Backoff::new(seed);
            for failure in 0..100 {
                let limit_s = (0.5 * 2f64.powi(failure)).min(60.0);
                let wait_s = backoff.next().as_secs_f64();
                prop_assert!(wait_s >= 0.5 * limit_s - 1e-6 && wait_s <= limit_s + 1e-6, "{failure}: {wait_s} s");
            }
        }
    }

    #[test]
    fn after_a_success_the_waits_begin_anew() {
        let mut backoff = Backoff::new(1);
        for _ in 0..20 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn controllers_with_different_seeds_spread_out() {
        let mut waits: Vec<_> = (0..1000).map(|seed| Backoff::new(seed).next()).collect();
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
