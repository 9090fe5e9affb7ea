//! The plain rule: raise while speech from elsewhere is predicted to be too clear, otherwise lower.

use habitat_dsp::{ZoneSetup, adaptation::sti_at};

use super::level::{energy, level_db};
use super::limits::{Limits, Steps, lift_neighbours};
use super::policy::{Policy, ZoneHeard};

/// The plain rule, for all zones of an office.
#[derive(Clone, Debug)]
pub struct PlainRule {
    zones: Vec<ZoneSetup>,
    neighbours: Vec<Vec<usize>>,
    limits: Limits,
    steps: Steps,
    wishes_db: Vec<f64>,
}

impl PlainRule {
    /// Begins at the commissioned level.
    pub fn new(zones: &[ZoneSetup], limits: Limits) -> Self {
        let neighbours: Vec<Vec<usize>> = zones.iter().map(|zone| zone.neighbours.clone()).collect();
        let levels_db = vec![limits.level_fixed_db; zones.len()];
        Self {
            zones: zones.to_vec(),
            steps: Steps::new(limits, neighbours.clone(), levels_db.clone()),
            neighbours,
            limits,
            wishes_db: levels_db,
        }
    }

    /// Highest STI of speech from other zones at the listeners of a zone.
    fn sti(&self, zone: usize, heard: &[ZoneHeard]) -> f64 {
        let noise_db = level_db(energy(self.steps.levels_db()[zone]) + energy(heard[zone].background_db));
        let paths = self.zones[zone]
            .hearing
            .iter()
            .filter(|path| heard[path.from_zone].talker_here);
        paths
            .filter_map(|path| {
                let arrives_db = heard[path.from_zone].speech_laeq_db? + path.to_listeners_db;
                Some(sti_at(&path.sti_curve, arrives_db - noise_db))
            })
            .fold(0.0, f64::max)
    }
}

impl Policy for PlainRule {
    fn second(&mut self, heard: &[ZoneHeard]) -> &[f64] {
        for zone in 0..self.zones.len() {
            self.wishes_db[zone] = if self.sti(zone, heard) > self.zones[zone].sti_target {
                self.limits.level_max_db
            } else {
                self.limits.level_min_db
            };
        }
        lift_neighbours(&mut self.wishes_db, &self.neighbours, self.limits.neighbour_max_db);
        self.steps.step(&self.wishes_db)
    }
}
