//! The levels that a zone weighs against each other, and the noise that they make together with the ambient sound.

use crate::units::{db_to_power, power_to_db};

/// Number of levels: 30 dB(A), below any ventilation, to 60 dB(A), above any limit, in steps of half of what anybody hears.
pub const LEVELS: usize = 61;

const LOWEST_DB: f64 = 30.0;

/// Steps of all grids, dB.
pub const STEP_DB: f64 = 0.5;

/// One number per level of the grid.
pub type PerLevel = [f32; LEVELS];

/// Number of levels of noise at the listeners, from [`NOISE_FROM_DB`] in steps of [`STEP_DB`]: masking of any level of the grid and
/// ambient sound of up to [`LOUDEST_AMBIENT_DB`].
pub const NOISES: usize = 71;

/// Lowest level of noise, dB(A).
pub const NOISE_FROM_DB: f64 = LOWEST_DB;

/// Ambient sound louder than this counts as this loud, dB(A): nobody needs masking then.
const LOUDEST_AMBIENT_DB: f64 = 60.0;

/// Entries of [`LevelSum`]: differences of −30 to +30 dB.
const DIFFERENCES: usize = 121;
const DIFFERENCE_FROM_DB: f64 = -30.0;

/// A level of the grid, dB(A).
pub fn grid_level_db(index: usize) -> f64 {
    LOWEST_DB + STEP_DB * index as f64
}

/// The levels from one to another; the nearest one when there is none between them.
pub fn levels_between(lowest_db: f64, highest_db: f64) -> core::ops::RangeInclusive<usize> {
    let index = |db: f64| ((db - LOWEST_DB) / STEP_DB).clamp(0.0, (LEVELS - 1) as f64);
    let (first, last) = (index(lowest_db - 1e-6).ceil() as usize, index(highest_db + 1e-6) as usize);
    if first <= last { first..=last } else { last..=last }
}

/// Adds ambient sound to masking without a logarithm for each level: 10 lg(1 + 10^(x/10)) at differences x of the two.
#[derive(Clone, Debug)]
pub struct LevelSum([f32; DIFFERENCES]);

impl LevelSum {
    /// Computes the table.
    pub fn tabulated() -> Self {
        let rise_db = |index: usize| power_to_db(1.0 + db_to_power(DIFFERENCE_FROM_DB + STEP_DB * index as f64));
        LevelSum(core::array::from_fn(|index| rise_db(index) as f32))
    }

    /// Noise at the listeners for each level of masking, as a position on the grid of noises.
    pub fn noises(&self, ambient_power: f64) -> PerLevel {
        let ambient_db = power_to_db(ambient_power.max(1.0)).min(LOUDEST_AMBIENT_DB);
        // The difference falls by one step from level to level, so that all of them lie at the same part between two entries.
        let position = (ambient_db - LOWEST_DB - DIFFERENCE_FROM_DB) / STEP_DB;
        let (above, part) = (position.floor() as isize, position.fract() as f32);
        let entry = |index: isize| self.0[index.clamp(0, DIFFERENCES as isize - 1) as usize];
        core::array::from_fn(|level| {
            let index = above - level as isize;
            let rise_db = entry(index) + part * (entry(index + 1) - entry(index));
            level as f32 + rise_db / STEP_DB as f32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_holds_every_level_that_may_be_set() {
        assert_eq!((grid_level_db(0), grid_level_db(LEVELS - 1)), (30.0, 60.0));
        let levels: Vec<f64> = levels_between(40.0, 41.0).map(grid_level_db).collect();
        assert_eq!(levels, [40.0, 40.5, 41.0]);
        assert_eq!(levels_between(43.1, 43.2).map(grid_level_db).collect::<Vec<f64>>(), [43.0]);
        assert_eq!(levels_between(-10.0, 10.0).map(grid_level_db).collect::<Vec<f64>>(), [30.0]);
    }

    #[test]
    fn ambient_sound_adds_to_the_masking_as_powers_add() {
        let sum = LevelSum::tabulated();
        for ambient_db in [0.0, 17.0, 33.3, 43.0, 52.9, 60.0] {
            let noises = sum.noises(db_to_power(ambient_db));
            for (level, noise) in noises.iter().enumerate() {
                let expected_db = power_to_db(db_to_power(grid_level_db(level)) + db_to_power(ambient_db));
                let noise_db = NOISE_FROM_DB + STEP_DB * f64::from(*noise);
                assert!(
                    (noise_db - expected_db).abs() < 0.01,
                    "{ambient_db} dB: {noise_db} for {expected_db}"
                );
                assert!((0.0..(NOISES - 1) as f32).contains(noise));
            }
        }
        // No ambient sound, and more than there can be.
        assert!(sum.noises(0.0)[0] < 0.02 && sum.noises(f64::INFINITY)[LEVELS - 1] < NOISES as f32 - 1.0);
    }
}
