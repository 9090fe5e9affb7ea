//! What each level of masking would have cost: the share of a zone's listeners who would have understood speech from elsewhere.

use super::{
    grid::{LEVELS, NOISES, PerLevel},
    reach::Reach,
};

/// Share of distracted listeners per level of noise at the listeners, in one second.
#[derive(Clone, Debug)]
pub struct NoiseCosts([f32; NOISES]);

impl NoiseCosts {
    /// Nobody talks.
    pub const NONE: NoiseCosts = NoiseCosts([0.0; NOISES]);

    /// Begins a second.
    pub fn clear(&mut self) {
        self.0.fill(0.0);
    }

    /// Adds a talker: speech of this level at the talker's microphones, dB(A).
    ///
    /// A listener is distracted when any talker is understood; where two talkers reach different seats is not known, so they are
    /// taken as independent.
    pub fn add(&mut self, reach: &Reach, speech_db: f32) {
        let (always, shares) = reach.shares(speech_db);
        let (before, rest) = self.0.split_at_mut(always.0.min(NOISES));
        let add = |cost: &mut f32, share: f32| *cost += (1.0 - *cost) * share;
        before.iter_mut().for_each(|cost| add(cost, always.1));
        rest.iter_mut().zip(shares).for_each(|(cost, share)| add(cost, *share));
    }

    /// The costs by level of masking, with these noises (see [`LevelSum::noises`](super::grid::LevelSum::noises)).
    pub fn by_level(&self, noises: &PerLevel, costs: &mut CostCurve) {
        for (cost, noise) in costs.0.iter_mut().zip(noises) {
            let index = (*noise as usize).min(NOISES - 2);
            let part = noise - index as f32;
            *cost = self.0[index] + part * (self.0[index + 1] - self.0[index]);
        }
    }
}

/// Share of distracted listeners per level of masking.
#[derive(Clone, Debug, PartialEq)]
pub struct CostCurve(PerLevel);

impl CostCurve {
    /// Nobody talks.
    pub const NONE: CostCurve = CostCurve([0.0; LEVELS]);

    /// Begins a second.
    pub fn clear(&mut self) {
        self.0.fill(0.0);
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
