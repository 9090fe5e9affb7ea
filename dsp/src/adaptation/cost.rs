//! What each level of masking would have cost: the share of a zone's listeners who would have understood speech from elsewhere.

use super::{
    grid::{LEVELS, PerLevel},
    reach::Reach,
};

/// Share of distracted listeners per level of masking, in one second.
#[derive(Clone, Debug, PartialEq)]
pub struct CostCurve(PerLevel);

impl CostCurve {
    /// Nobody talks.
    pub const NONE: CostCurve = CostCurve([0.0; LEVELS]);

    /// Begins a second.
    pub fn clear(&mut self) {
        self.0.fill(0.0);
    }

    /// Adds a talker: speech of this level at the talker's microphones, noise at the listeners by level of masking.
    ///
    /// A listener is distracted when any talker is understood; where two talkers reach different seats is not known, so they are
    /// taken as independent.
    pub fn add(&mut self, reach: &Reach, speech_db: f32, noise_db: &PerLevel) {
        for (cost, noise_db) in self.0.iter_mut().zip(noise_db) {
            let share = reach.share(noise_db - speech_db);
            *cost += (1.0 - *cost) * share;
        }
    }

    /// Moves towards another curve by a share of the difference.
    pub fn approach(&mut self, other: &CostCurve, share: f32) {
        for (cost, other) in self.0.iter_mut().zip(&other.0) {
            *cost += share * (other - *cost);
        }
    }

    /// Share of distracted listeners at a level of the grid, 0-1.
    pub fn at(&self, level: usize) -> f32 {
        self.0[level]
    }

    /// A curve by its shares.
    #[cfg(test)]
    pub fn from_shares(share: impl Fn(f64) -> f32) -> Self {
        CostCurve(core::array::from_fn(|level| share(super::grid::grid_level_db(level))))
    }
}
