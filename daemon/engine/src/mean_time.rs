//! The mean of a time that one thread takes and others read.

use std::sync::atomic::{AtomicI64, Ordering};

/// Stands for a mean that is not known yet.
const UNKNOWN: i64 = i64::MIN;

/// Nothing that sound has to wait for takes longer; whoever says so does not know what it says.
const LONGEST_S: f64 = 60.0;

/// Time constant of the mean, seconds: callbacks come and go by tens of milliseconds.
const AVERAGING_S: f64 = 1.0;

/// Mean over a second, kept in nanoseconds.
#[derive(Debug)]
pub(crate) struct MeanTime(AtomicI64);

impl Default for MeanTime {
    fn default() -> Self {
        MeanTime(AtomicI64::new(UNKNOWN))
    }
}

impl MeanTime {
    /// Takes one more time, seconds, so long after the one before.
    pub(crate) fn take(&self, time_s: f64, since_s: f64) {
        let time_ns = time_s.clamp(-LONGEST_S, LONGEST_S) * 1e9;
        let mean_ns = match self.0.load(Ordering::Relaxed) {
            UNKNOWN => time_ns,
            mean_ns => mean_ns as f64 + (since_s / AVERAGING_S).min(1.0) * (time_ns - mean_ns as f64),
        };
        self.0.store(mean_ns.round() as i64, Ordering::Relaxed);
    }

    /// The mean, seconds; `None` before the first.
    pub(crate) fn read_s(&self) -> Option<f64> {
        let mean_ns = self.0.load(Ordering::Relaxed);
        (mean_ns != UNKNOWN).then_some(mean_ns as f64 * 1e-9)
    }

    /// Begins anew.
    pub(crate) fn forget(&self) {
        self.0.store(UNKNOWN, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_the_mean_and_later_ones_move_it_by_their_share() {
        let mean = MeanTime::default();
        assert_eq!(mean.read_s(), None);
        mean.take(-0.04, 0.02);
        assert!((mean.read_s().unwrap() + 0.04).abs() < 1e-9);
        mean.take(0.06, 0.01);
        assert!((mean.read_s().unwrap() + 0.039).abs() < 1e-9);
        mean.take(1e9, 1.0);
        assert!((mean.read_s().unwrap() - LONGEST_S).abs() < 1e-9);
        mean.forget();
        assert_eq!(mean.read_s(), None);
    }
}
