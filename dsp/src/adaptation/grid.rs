//! The levels that a zone weighs against each other.

use crate::units::{db_to_power, power_to_db};

/// Number of levels: 30 dB(A), below any ventilation, to 60 dB(A), above any limit, in steps of half of what anybody hears.
pub const LEVELS: usize = 61;

const LOWEST_DB: f64 = 30.0;
const STEP_DB: f64 = 0.5;

/// One number per level of the grid.
pub type PerLevel = [f32; LEVELS];

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

/// Masking and the steady ambient sound together, dB(A), for each level of masking.
pub fn noise_levels_db(ambient_power: f64) -> PerLevel {
    core::array::from_fn(|index| power_to_db(db_to_power(grid_level_db(index)) + ambient_power.max(0.0)) as f32)
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
    fn ambient_sound_adds_to_the_masking() {
        let noise = noise_levels_db(db_to_power(43.0));
        let at = levels_between(43.0, 43.0).next().unwrap_or(0);
        assert!((noise[at] - 46.01).abs() < 0.01);
    }
}
