//! Percentile levels over a sliding time.
//!
//! A histogram and the last samples in a ring: adding a sample is constant work.

use super::{LevelHistogram, histogram::bin_of};
use crate::PercentileLevels;

/// Levels of a sliding number of samples, from 0 to 160 dB.
#[derive(Clone, Debug)]
pub struct Percentiles {
    histogram: LevelHistogram,
    recent: Vec<u16>,
    next: usize,
    filled: usize,
}

impl Percentiles {
    /// Over the last `samples` samples.
    pub fn new(samples: usize) -> Self {
        Percentiles {
            histogram: LevelHistogram::default(),
            recent: vec![0; samples.max(1)],
            next: 0,
            filled: 0,
        }
    }

    /// Adds a level; levels outside 0-160 dB count as the nearest of these.
    pub fn push(&mut self, level_db: f64) {
        let bin = bin_of(level_db);
        let oldest = core::mem::replace(&mut self.recent[self.next], bin);
        if self.filled == self.recent.len() {
            self.histogram.remove(oldest);
        } else {
            self.filled += 1;
        }
        self.histogram.add(bin);
        self.next = (self.next + 1) % self.recent.len();
    }

    /// The level that is exceeded `percent` % of the time: 10 gives L10. `None` before the first sample.
    pub fn exceeded_db(&self, percent: f64) -> Option<f64> {
        self.histogram.exceeded_db([percent]).map(|[level]| level)
    }

    /// L1 to L99 in one pass; `None` before the first sample.
    pub fn levels(&self) -> Option<PercentileLevels> {
        self.histogram.levels()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.histogram.clear();
        self.next = 0;
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_agree_with_a_sorted_list(levels in prop::collection::vec(0.5f64..130.0, 1..400), window in 1usize..200) {
            let mut percentiles = Percentiles::new(window);
            levels.iter().for_each(|level| percentiles.push(*level));
            let mut recent = levels[levels.len().saturating_sub(window)..].to_vec();
            recent.sort_by(|a, b| b.total_cmp(a));
            let all = percentiles.levels().unwrap();
            let all = [all.l1_db, all.l5_db, all.l10_db, all.l50_db, all.l90_db, all.l95_db, all.l99_db];
            for (percent, together) in [1.0, 5.0, 10.0, 50.0, 90.0, 95.0, 99.0].into_iter().zip(all) {
                let rank = ((recent.len() as f64 * percent / 100.0).max(1.0)).ceil() as usize - 1;
                let alone = percentiles.exceeded_db(percent).unwrap();
                prop_assert!((alone - recent[rank]).abs() <= 0.1, "L{percent}: {alone}");
                prop_assert_eq!(alone as f32, together);
            }
        }
    }

    #[test]
    fn nothing_heard_has_no_percentile() {
        let mut percentiles = Percentiles::new(10);
        assert_eq!(percentiles.levels(), None);
        percentiles.push(50.0);
        percentiles.clear();
        assert_eq!((percentiles.levels(), percentiles.exceeded_db(50.0)), (None, None));
    }

    #[test]
    fn only_the_last_samples_count() {
        let mut percentiles = Percentiles::new(100);
        (0..100).for_each(|_| percentiles.push(80.0));
        (0..100).for_each(|_| percentiles.push(40.0));
        assert!((percentiles.exceeded_db(1.0).unwrap() - 40.0).abs() < 0.1);
    }
}
