//! How loud the masking of other engines' zones is, as far as it is known, and what that means for ours.

use crate::{
    adaptation::{BorderLimits, Fitting},
    parameters::RemoteZone,
    setup::EngineSetup,
};

/// A level that was not heard of for this time is not known any more, seconds: ten times the pace at which it is told.
const KNOWN_S: f64 = 10.0;

/// Levels of masking across the border of the site.
pub(super) struct RemoteLevels {
    limits: BorderLimits,
    /// Per zone: remote zones beside it.
    beside: Vec<Vec<usize>>,
    fixed_db: Vec<f64>,
    other_fixed_db: Vec<f64>,
    /// Per remote zone: its level, and when it stood there.
    known: Vec<Option<(f64, f64)>>,
}

impl RemoteLevels {
    /// Nothing known yet. The levels keep within this of each other.
    pub(super) fn new(setup: &EngineSetup, neighbour_max_db: f64) -> Self {
        RemoteLevels {
            limits: BorderLimits {
                neighbour_max_db,
                slew_down_db_per_min: setup.slew_down_db_per_min,
            },
            beside: setup.zones.iter().map(|zone| zone.remote_neighbours.clone()).collect(),
            fixed_db: setup.zones.iter().map(|zone| zone.level_fixed_db).collect(),
            other_fixed_db: setup.remote_zones.iter().map(|zone| zone.level_fixed_db).collect(),
            known: vec![None; setup.remote_zones.len()],
        }
    }

    /// Takes something that was heard of a remote zone, at this time of the engine.
    pub(super) fn take(&mut self, zone: usize, state: &RemoteZone, now_s: f64) {
        let level_db = state.masking_db.filter(|level_db| level_db.is_finite());
        self.known[zone] = level_db.map(|level_db| (level_db, now_s - state.age_s));
    }

    /// Levels of a zone that fit the remote zones beside it; `shift_db` is added to all commissioned levels.
    pub(super) fn fitting(&self, zone: usize, shift_db: f64, now_s: f64) -> Fitting {
        let fitting = |remote: &usize| {
            let known = self.known[*remote].map(|(level_db, at_s)| (level_db, now_s - at_s));
            match known.filter(|(_, age_s)| *age_s <= KNOWN_S) {
                Some((level_db, age_s)) => self.limits.beside(level_db, age_s),
                None => {
                    let fixed_db = self.fixed_db[zone] + shift_db;
                    self.limits.alone(fixed_db, self.other_fixed_db[*remote] + shift_db)
                }
            }
        };
        self.beside[zone].iter().map(fitting).fold(Fitting::ANY, Fitting::and)
    }
}
