//! The product's own adaptation, driven as the engine drives it: law, neighbour limit and door.

use habitat_dsp::{
    EngineSetup, RemovalSetup, ZoneSetup,
    adaptation::{LevelDoor, LevelLimits, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard as Heard},
};

use super::level::energy;
use super::limits::{Limits, Steps, lift_neighbours};
use super::policy::{Policy, ZoneHeard};

/// The adaptation of an office.
pub struct Adaptation {
    law: SiteLaw,
    door: LevelDoor,
    limits: Vec<LevelLimits>,
    bounds: Vec<ZoneBounds>,
    heard: Vec<Heard>,
    goals_db: Vec<f64>,
    levels_db: Vec<f64>,
    speech: Vec<f64>,
    steps: Option<Steps>,
    neighbours: Vec<Vec<usize>>,
}

impl Adaptation {
    /// Begins at the commissioned level with nothing learnt.
    pub fn new(zones: &[ZoneSetup], limits: Limits, price_per_db: f64) -> Self {
        let count = zones.len();
        let setup = EngineSetup {
            sample_rate_hz: 48_000,
            microphones: Vec::new(),
            loudspeakers: Vec::new(),
            zones: zones.to_vec(),
            removal: RemovalSetup::default(),
            masking_spectrum_db: crate::echo_scene::minus5(),
            slew_up_db_per_min: limits.slew_up_db_per_min,
            slew_down_db_per_min: limits.slew_down_db_per_min,
            neighbour_max_db: limits.neighbour_max_db,
            price_per_db,
            startup_ramp_s: 10.0,
            seed: 1,
        };
        let masking: Vec<_> = zones.iter().map(|zone| zone.masking.as_slice()).collect();
        let neighbours = zones.iter().map(|zone| zone.neighbours.clone()).collect();
        let levels_db = vec![limits.level_fixed_db; count];
        let slew = (limits.slew_up_db_per_min, limits.slew_down_db_per_min);
        let bounds = ZoneBounds {
            adapts: Ok(()),
            level_min_db: limits.level_min_db,
            level_max_db: limits.level_max_db,
            offset_db: 0.0,
        };
        Self {
            law: SiteLaw::new(&setup, limits.neighbour_max_db - TOLERANCE_DB),
            door: LevelDoor::new(&masking, neighbours, &levels_db, slew, limits.neighbour_max_db),
            limits: vec![
                LevelLimits {
                    max_db: limits.level_max_db
                };
                count
            ],
            bounds: vec![bounds; count],
            heard: vec![Heard::default(); count],
            goals_db: levels_db.clone(),
            steps: std::env::var_os("STEPS").map(|_| Steps::new(limits, zones.iter().map(|zone| zone.neighbours.clone()).collect(), levels_db.clone())),
            neighbours: zones.iter().map(|zone| zone.neighbours.clone()).collect(),
            levels_db,
            speech: vec![0.0; count],
        }
    }
}

impl Policy for Adaptation {
    fn second(&mut self, heard: &[ZoneHeard]) -> &[f64] {
        /// As the engine averages the level of a talker.
        const TALKER_AVERAGING_S: f64 = 5.0;
        for (zone, (slot, heard)) in self.heard.iter_mut().zip(heard).enumerate() {
            let speech = &mut self.speech[zone];
            if let Some(level_db) = heard.speech_laeq_db {
                let power = energy(level_db);
                *speech = if *speech > 0.0 { *speech + (power - *speech) / TALKER_AVERAGING_S } else { power };
            }
            *slot = Heard {
                hears: true,
                speech_db: heard.speech_laeq_db.map(|_| 10.0 * speech.log10()),
                talker: heard.talker_here,
                background_power: energy(heard.background_db),
                masking_db: if self.steps.is_some() { self.levels_db[zone] } else { self.door.level_db(zone) },
            };
        }
        let goals = self.law.decide(&self.heard, &self.bounds);
        for (slot, goal) in self.goals_db.iter_mut().zip(goals) {
            *slot = goal.level_db;
        }
        if let Some(steps) = &mut self.steps {
            if std::env::var_os("LIFT").is_some() { lift_neighbours(&mut self.goals_db, &self.neighbours, 2.0); }
            self.levels_db.copy_from_slice(steps.step(&self.goals_db));
            return &self.levels_db;
        }
        if std::env::var_os("TALKER_HELD").is_some() {
            for (zone, limit) in self.limits.iter_mut().enumerate() { limit.max_db = self.law.highest_db(zone) ; }
        }
        self.door.step(&self.goals_db, &self.limits, 1.0);
        for (zone, level_db) in self.levels_db.iter_mut().enumerate() {
            *level_db = self.door.level_db(zone);
        }
        &self.levels_db
    }
}
