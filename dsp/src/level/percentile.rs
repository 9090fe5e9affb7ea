//! Percentile levels over a sliding time.
//!
//! A histogram with bins of 0.05 dB and the last samples in a ring: adding a sample is constant work, and a percentile is
//! exact to half a bin.

const BIN_DB: f64 = 0.05;
const BINS: usize = 3200;

/// Levels of a sliding number of samples, from 0 to 160 dB.
#[derive(Clone, Debug)]
pub struct Percentiles {
    counts: Vec<u32>,
    recent: Vec<u16>,
    next: usize,
    filled: usize,
}

impl Percentiles {
    /// Over the last `samples` samples.
    pub fn new(samples: usize) -> Self {
        Percentiles {
            counts: vec![0; BINS],
            recent: vec![0; samples.max(1)],
            next: 0,
            filled: 0,
        }
    }

    /// Adds a level; levels outside 0-160 dB count as the nearest of these.
    pub fn push(&mut self, level_db: f64) {
        let bin = (level_db / BIN_DB).clamp(0.0, (BINS - 1) as f64) as u16;
        if self.filled == self.recent.len() {
            self.counts[usize::from(self.recent[self.next])] -= 1;
        } else {
            self.filled += 1;
        }
        self.recent[self.next] = bin;
        self.counts[usize::from(bin)] += 1;
        self.next = (self.next + 1) % self.recent.len();
    }

    /// The level that is exceeded `percent` % of the time: 10 gives L10. `None` before the first sample.
    pub fn exceeded_db(&self, percent: f64) -> Option<f64> {
        if self.filled == 0 {
            return None;
        }
        let wanted = (self.filled as f64 * percent / 100.0).max(1.0);
        let mut above = 0u32;
        for (bin, count) in self.counts.iter().enumerate().rev() {
            above += count;
            if f64::from(above) >= wanted {
                return Some((bin as f64 + 0.5) * BIN_DB);
            }
        }
        None
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
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
            for percent in [1.0, 5.0, 10.0, 50.0, 90.0, 95.0, 99.0] {
                let rank = ((recent.len() as f64 * percent / 100.0).max(1.0)).ceil() as usize - 1;
                let error = percentiles.exceeded_db(percent).unwrap() - recent[rank];
                prop_assert!(error.abs() <= 0.1, "L{percent}: {error}");
            }
        }
    }

    #[test]
    fn nothing_heard_has_no_percentile() {
        assert_eq!(Percentiles::new(10).exceeded_db(50.0), None);
    }
}
