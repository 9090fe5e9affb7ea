//! A histogram of levels, and the percentile levels read from it.

use crate::PercentileLevels;

/// Width of a bin: a percentile is exact to half of it.
const BIN_DB: f64 = 0.05;
const BINS: usize = 3200;

/// Percentages of the time, in the order of the fields of [`PercentileLevels`].
const PERCENTAGES: [f64; 7] = [1.0, 5.0, 10.0, 50.0, 90.0, 95.0, 99.0];

/// How often each level between 0 and 160 dB occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelHistogram {
    counts: Vec<u32>,
    total: u32,
}

impl Default for LevelHistogram {
    fn default() -> Self {
        LevelHistogram {
            counts: vec![0; BINS],
            total: 0,
        }
    }
}

impl LevelHistogram {
    /// Counts a level; levels outside 0-160 dB count as the nearest of these.
    pub fn push(&mut self, level_db: f64) {
        self.add(bin_of(level_db));
    }

    /// Counts everything that another histogram has counted.
    pub fn merge(&mut self, other: &LevelHistogram) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
        self.total = self.total.saturating_add(other.total);
    }

    /// Hands everything over to another histogram and begins anew: the end of a minute within an hour.
    pub fn move_into(&mut self, whole: &mut LevelHistogram) {
        whole.merge(self);
        self.clear();
    }

    /// Levels counted.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
    }

    /// The levels that are exceeded `percentages` % of the time, which must rise; `None` when nothing was counted.
    ///
    /// The level that is exceeded p % of the time is that of rank ⌈n·p/100⌉ from the top, at least 1. One pass.
    pub fn exceeded_db<const N: usize>(&self, percentages: [f64; N]) -> Option<[f64; N]> {
        if self.total == 0 {
            return None;
        }
        let mut levels = [0.0; N];
        let mut bins = self.counts.iter().enumerate().rev();
        let (mut bin, mut above) = (BINS, 0u64);
        for (level, percent) in levels.iter_mut().zip(percentages) {
            let wanted = (f64::from(self.total) * percent / 100.0).max(1.0);
            while (above as f64) < wanted
                && let Some((next, count)) = bins.next()
            {
                (bin, above) = (next, above + u64::from(*count));
            }
            *level = (bin as f64 + 0.5) * BIN_DB;
        }
        Some(levels)
    }

    /// L1 to L99; `None` when nothing was counted.
    pub fn levels(&self) -> Option<PercentileLevels> {
        let [l1_db, l5_db, l10_db, l50_db, l90_db, l95_db, l99_db] = self.exceeded_db(PERCENTAGES)?.map(|db| db as f32);
        Some(PercentileLevels {
            l1_db,
            l5_db,
            l10_db,
            l50_db,
            l90_db,
            l95_db,
            l99_db,
        })
    }

    pub(super) fn add(&mut self, bin: u16) {
        if let Some(count) = self.counts.get_mut(usize::from(bin)) {
            *count = count.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }

    pub(super) fn remove(&mut self, bin: u16) {
        if let Some(count) = self.counts.get_mut(usize::from(bin))
            && *count > 0
        {
            *count -= 1;
            self.total -= 1;
        }
    }
}

/// The bin of a level. What is not a number counts as the lowest level.
pub(super) fn bin_of(level_db: f64) -> u16 {
    (level_db / BIN_DB).clamp(0.0, (BINS - 1) as f64) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Levels as they are sampled, rounded to nothing.
    fn levels() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(0.5f64..159.0, 1..4000)
    }

    fn histogram(levels: &[f64]) -> LevelHistogram {
        let mut histogram = LevelHistogram::default();
        levels.iter().for_each(|level| histogram.push(*level));
        histogram
    }

    /// The definition: the level of rank ⌈n·p/100⌉ from the top.
    fn sorted_reference(levels: &[f64], percent: f64) -> f64 {
        let mut sorted = levels.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        sorted[((sorted.len() as f64 * percent / 100.0).max(1.0)).ceil() as usize - 1]
    }

    proptest! {
        #[test]
        fn all_seven_agree_with_a_sorted_list(levels in levels()) {
            let found = histogram(&levels).exceeded_db(PERCENTAGES).unwrap();
            for (found, percent) in found.into_iter().zip(PERCENTAGES) {
                let error = found - sorted_reference(&levels, percent);
                prop_assert!(error.abs() <= 0.1, "L{percent}: {error}");
            }
        }

        #[test]
        fn minutes_add_up_to_an_hour(minutes in prop::collection::vec(levels(), 1..5)) {
            let mut hour = LevelHistogram::default();
            let mut minute = LevelHistogram::default();
            for levels in &minutes {
                levels.iter().for_each(|level| minute.push(*level));
                minute.move_into(&mut hour);
                prop_assert_eq!(minute.levels(), None);
            }
            prop_assert_eq!(&hour, &histogram(&minutes.concat()));
        }
    }

    #[test]
    fn extreme_levels_count_as_the_nearest_that_there_is() {
        let found = histogram(&[f64::NEG_INFINITY, 500.0, f64::NAN])
            .exceeded_db([1.0, 99.0])
            .unwrap();
        assert!((found[0] - 160.0).abs() < 0.1 && found[1] < 0.1, "{found:?}");
    }
}
