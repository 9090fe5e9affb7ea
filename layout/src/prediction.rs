//! What a plan promises before anything hangs in the ceiling: who would understand whom without masking, with fixed and
//! with adaptive masking, and how evenly the masking would lie.
//!
//! Everything is computed for a talker of normal effort at a workplace (ISO 3382-3: omnidirectional, 57.4 dB(A) at 1 m)
//! and the propagation of this crate, in octaves 125 Hz-8 kHz. Models of this kind predict the STI to −0.03 ± 0.04,
//! D2,S to 1.5 dB, Lp,A,S,4m to 3 dB and rD to 2.5 m of what is measured in built offices
//! (<https://research.utu.fi>, publication 31563188): [`MODEL_ERROR_STI`].
//!
//! The work grows with neighbours, not with zones squared.

mod coverage;
mod law;
mod listeners;
mod maps;
mod readings;
mod sound;
mod towards;
mod warnings;

pub use coverage::{Coverage, ZoneCoverage};
pub use listeners::Understood;
pub use maps::{Grid, Heard, TalkerMap};
pub use readings::PathFigures;
pub use towards::Towards;
pub use warnings::{Warning, WarningKind};

use crate::acoustics::{BAND_COUNT, Borders, Reference, Seats, StiCurves, rooms, speech_paths};
use crate::figures::measurement_paths;
use crate::plan::Plan;
use law::Law;
use sound::{Noise, Voice};

/// Standard deviation of predicted minus measured STI in built offices.
pub const MODEL_ERROR_STI: f64 = 0.04;

/// Speech with a higher STI distracts: the distraction distance of ISO 3382-3 ends here.
pub const UNDERSTOOD_STI: f64 = 0.50;

/// Background noise of a quiet ventilated office without masking, dB(A).
pub const USUAL_BACKGROUND_DB: f64 = 35.0;

/// What sounds besides speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// Only the background.
    None,
    /// The commissioned level in every zone.
    Fixed,
    /// What the law may reach while one person talks: see [`Prediction`].
    Adaptive,
}

impl Masking {
    /// From before to after; results for all three stand in this order.
    pub const ALL: [Masking; 3] = [Masking::None, Masking::Fixed, Masking::Adaptive];

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "without masking",
            Self::Fixed => "fixed masking",
            Self::Adaptive => "adaptive masking",
        }
    }
}

/// Levels of one zone, dB(A) at its listeners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneLimits {
    /// Lowest masking.
    pub level_min_db: f64,
    /// Commissioned masking.
    pub level_fixed_db: f64,
    /// Highest masking.
    pub level_max_db: f64,
    /// Speech from elsewhere is to stay below this STI.
    pub sti_target: f64,
}

/// What the plan does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumptions {
    /// Background without masking, dB(A). Its spectrum falls by 5 dB per octave, as the curves of ventilation noise do
    /// (RC curves, ANSI S12.2).
    pub background_db: f64,
    /// Third-octave spectrum of the masking; only the shape matters.
    pub masking_spectrum_db: [f64; BAND_COUNT],
    /// Levels of each zone, in the order of the plan.
    pub zones: Vec<ZoneLimits>,
    /// Largest difference between zones that border on each other, dB.
    pub neighbour_max_db: f64,
    /// Speech that exceeds the target by more than this even under the highest level cannot be masked, as the adaptation law has it.
    pub maskable_margin_sti: f64,
}

/// Everything that is predicted.
///
/// Adaptive masking is computed per talker: each other zone gets the lowest level within its limits that brings his
/// speech under the target at the listener who hears him best; its highest level where that at least comes near the
/// target; and its lowest where masking cannot help, as in the zone of the talker himself. Then neighbours are brought
/// within the limit between zones. How fast the law gets there does not matter here.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Per zone and listener: how many other workplaces of the floor are understood here; empty for zones without workplaces.
    pub understood: Vec<Vec<Understood>>,
    /// Figures of ISO 3382-3 along paths that were found in the plan.
    pub paths: Vec<PathFigures>,
    /// Per talker's zone: how far he carries towards each other zone that hears him, sorted by zone.
    pub towards: Vec<Vec<Towards>>,
    /// Per floor: the grid of the maps.
    pub grids: Vec<Grid>,
    /// Per zone: a talker in its middle on the grid of its floor.
    pub talkers: Vec<TalkerMap>,
    /// How masking lies over the listeners.
    pub coverage: Coverage,
    /// What should be looked at.
    pub warnings: Vec<Warning>,
}

impl Prediction {
    /// Predicts for a plan without faults (see [`check`](crate::check)); `done` is told how much is, from 0 to 1.
    pub fn of(plan: &Plan, assumptions: &Assumptions, done: &dyn Fn(f64)) -> Self {
        let rooms = rooms(plan);
        let voice = Voice::new();
        let noise = Noise::new(assumptions);
        let neighbours = Borders::in_rooms(plan, &rooms).zones;
        let grids = maps::grids(plan);
        done(0.05);
        let coverage = Coverage::of(plan, &rooms, assumptions, &grids);
        done(0.35);
        let curves = StiCurves::new(&assumptions.masking_spectrum_db);
        let seats = Seats::of_all(plan, &rooms, Reference::OneMetre);
        let hearing = speech_paths(&rooms, &seats, &curves);
        let law = Law::of(plan, assumptions, &neighbours, &hearing);
        done(0.6);
        let understood = listeners::understood(plan, &rooms, &voice, &noise, &law, &coverage);
        done(0.8);
        let talkers = maps::talkers(plan, &rooms, &voice, &noise, &law, &coverage, &grids);
        done(0.9);
        let towards = towards::of(plan, &rooms, &voice, &noise, &law, &hearing);
        let paths = measurement_paths(plan);
        let paths = readings::figures(plan, &rooms, &voice, &noise, &law, &coverage, paths);
        let warnings = warnings::of(plan, assumptions, &coverage, &towards);
        done(1.0);
        Self {
            understood,
            paths,
            towards,
            grids,
            talkers,
            coverage,
            warnings,
        }
    }

    /// Mean over all talkers of how many other workplaces understand one, in the order of [`Masking::ALL`].
    pub fn understood_per_talker(&self) -> [f64; 3] {
        let seats = || self.understood.iter().flatten();
        let count = seats().count().max(1) as f64;
        core::array::from_fn(|masking| seats().map(|seat| f64::from(seat.workplaces[masking])).sum::<f64>() / count)
    }

    /// Per cell of a floor's grid: the highest STI of talkers in the middle of the other zones, in the order of
    /// [`Masking::ALL`]; `None` where no zone is.
    pub fn clearest(&self, plan: &Plan, floor: usize) -> Vec<Option<[f32; 3]>> {
        let grid = &self.grids[floor];
        let mut clearest: Vec<Option<[f32; 3]>> = grid.zones.iter().map(|zone| zone.map(|_| [0.0; 3])).collect();
        let talkers = self
            .talkers
            .iter()
            .enumerate()
            .filter(|(zone, _)| plan.zones[*zone].floor == floor);
        for (zone, talker) in talkers {
            for heard in talker.heard.iter().filter(|heard| grid.zones[heard.cell] != Some(zone)) {
                if let Some(highest) = &mut clearest[heard.cell] {
                    for (highest, sti) in highest.iter_mut().zip(heard.sti) {
                        *highest = highest.max(sti);
                    }
                }
            }
        }
        clearest
    }

    /// The same as a share of the other workplaces of the floor, 0..=1.
    pub fn share_understood(&self) -> [f64; 3] {
        let seats = || self.understood.iter().flatten();
        let others: f64 = seats().map(|seat| f64::from(seat.of)).sum();
        core::array::from_fn(|masking| {
            let understood: f64 = seats().map(|seat| f64::from(seat.workplaces[masking])).sum();
            if others > 0.0 { understood / others } else { 0.0 }
        })
    }
}

#[cfg(test)]
mod tests;
