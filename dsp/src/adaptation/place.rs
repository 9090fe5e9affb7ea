//! What a place teaches over days: how many listeners each level of masking would have left distracted there, on average.

use super::{cost::CostCurve, grid::levels_between};

/// Levels at which the memory is kept: 30 to 60 dB(A) in steps of 2 dB. It is smooth, and small enough to be reported and stored.
pub const PLACE_LEVELS: usize = 16;

const LOWEST_DB: f64 = 30.0;
const STEP_DB: f64 = 2.0;

/// The average looks back over this time of life in the office, seconds: two weeks of eight hours a day. Older days fade.
pub const PLACE_MEMORY_S: f32 = 10.0 * 8.0 * 3600.0;

/// Seconds after which what is known of the place counts half of what it will count in the end.
const HALF_KNOWN_S: f32 = 3600.0;

/// The memory of one zone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlaceMemory {
    /// Seconds of life in the office from which it comes, at most [`PLACE_MEMORY_S`].
    pub known_s: f32,
    /// Mean share of the zone's listeners, 0-1, whom speech from elsewhere would have distracted at each of the levels.
    pub shares: [f32; PLACE_LEVELS],
}

impl PlaceMemory {
    /// Masking level of an entry of [`PlaceMemory::shares`], dB(A).
    pub fn level_db(index: usize) -> f64 {
        LOWEST_DB + STEP_DB * index as f64
    }

    /// A memory that was kept elsewhere; what is no share counts as nothing.
    #[must_use]
    pub fn sane(self) -> Self {
        let share = |share: f32| if (0.0..=1.0).contains(&share) { share } else { 0.0 };
        PlaceMemory {
            known_s: if self.known_s >= 0.0 {
                self.known_s.min(PLACE_MEMORY_S)
            } else {
                0.0
            },
            shares: self.shares.map(share),
        }
    }

    /// Takes one second.
    pub fn learn(&mut self, now: &CostCurve) {
        self.known_s = (self.known_s + 1.0).min(PLACE_MEMORY_S);
        for (index, share) in self.shares.iter_mut().enumerate() {
            let level_db = Self::level_db(index);
            let level = *levels_between(level_db, level_db).start();
            *share += (now.at(level) - *share) / self.known_s;
        }
    }

    /// Share of distracted listeners at a masking level, between the entries by a line.
    pub fn share(&self, level_db: f64) -> f32 {
        let position = ((level_db - LOWEST_DB) / STEP_DB).clamp(0.0, (PLACE_LEVELS - 1) as f64);
        let index = (position as usize).min(PLACE_LEVELS - 2);
        let part = (position - index as f64) as f32;
        self.shares[index] + part * (self.shares[index + 1] - self.shares[index])
    }

    /// How well the place is known, 0-1.
    pub fn known(&self) -> f32 {
        self.known_s / (self.known_s + HALF_KNOWN_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_mean_over_time_and_fades_over_two_weeks() {
        let everybody = CostCurve::from_shares(|level_db| if level_db < 45.0 { 1.0 } else { 0.0 });
        let mut place = PlaceMemory::default();
        (0..300).for_each(|_| place.learn(&everybody));
        (0..900).for_each(|_| place.learn(&CostCurve::NONE));
        assert!((place.share(40.0) - 0.25).abs() < 1e-3 && place.share(46.0) == 0.0);
        assert!((place.share(45.0) - 0.125).abs() < 1e-3, "between two entries by a line");
        (0..3 * PLACE_MEMORY_S as u32).for_each(|_| place.learn(&CostCurve::NONE));
        assert!(place.share(40.0) < 0.25 * 0.06);
        assert_eq!(place.known_s, PLACE_MEMORY_S);
    }

    #[test]
    fn what_was_kept_badly_does_no_harm() {
        let mut shares = [0.5; PLACE_LEVELS];
        shares[0] = f32::NAN;
        shares[1] = -3.0;
        let place = PlaceMemory {
            known_s: f32::NAN,
            shares,
        }
        .sane();
        assert_eq!(
            (place.known_s, place.shares[0], place.shares[1], place.shares[2]),
            (0.0, 0.0, 0.0, 0.5)
        );
    }
}
