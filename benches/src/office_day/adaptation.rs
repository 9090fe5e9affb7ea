//! The product's own adaptation, driven as the engine drives it: law, neighbour limit and door.

use habitat_dsp::{
    EngineSetup, RemovalSetup, ZoneSetup,
    adaptation::{
        Benefit, Fitting, FluctuationSignature, LevelDoor, LevelLimits, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard as Heard,
    },
    masking::{NoiseGenerator, NoiseShape},
};

use super::level::energy;
use super::limits::Limits;
use super::policy::{Policy, ZoneHeard};
use crate::echo_scene::minus5;

/// The engine averages the level of a talker over this time, seconds.
const TALKER_AVERAGING_S: f64 = 5.0;

const RATE_HZ: u32 = 16_000;

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
}

impl Adaptation {
    /// Begins at the commissioned level with nothing learnt.
    pub fn new(zones: &[ZoneSetup], limits: Limits, price_per_db: f64) -> Self {
        let count = zones.len();
        let setup = EngineSetup {
            sample_rate_hz: RATE_HZ,
            microphones: Vec::new(),
            loudspeakers: Vec::new(),
            zones: zones.to_vec(),
            remote_zones: Vec::new(),
            removal: RemovalSetup::default(),
            masking_spectrum_db: minus5(),
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
            fitting: Fitting::ANY,
            adapts: Ok(()),
            base_db: limits.level_min_db,
            level_min_db: limits.level_min_db,
            level_max_db: limits.level_max_db,
            offset_db: 0.0,
        };
        Self {
            law: SiteLaw::new(&setup, limits.neighbour_max_db - TOLERANCE_DB, signature()),
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
            levels_db,
            speech: vec![0.0; count],
        }
    }
}

impl Adaptation {
    /// What masking can do in a zone now.
    pub fn benefit(&self, zone: usize) -> Benefit {
        self.law.zone(zone).benefit()
    }
}

/// That of the masking noise; the simulation knows no percentiles, so that nothing depends on it.
fn signature() -> FluctuationSignature {
    let mut shape = NoiseShape::new(f64::from(RATE_HZ), &minus5());
    let mut generator = NoiseGenerator::new(1, &mut shape);
    FluctuationSignature::of(f64::from(RATE_HZ), |piece| generator.render(&mut shape, piece, (1e-3, 1e-3)))
}

impl Policy for Adaptation {
    fn second(&mut self, heard: &[ZoneHeard]) -> &[f64] {
        for (zone, (slot, heard)) in self.heard.iter_mut().zip(heard).enumerate() {
            let speech = &mut self.speech[zone];
            if let Some(level_db) = heard.speech_laeq_db {
                let power = energy(level_db);
                *speech = if *speech > 0.0 {
                    *speech + (power - *speech) / TALKER_AVERAGING_S
                } else {
                    power
                };
            }
            *slot = Heard {
                hears: true,
                speech_db: heard.speech_laeq_db.map(|_| 10.0 * speech.log10()),
                talker: heard.talker_here,
                fluctuation_db: None,
                background_power: energy(heard.background_db),
                masking_db: self.door.level_db(zone),
            };
        }
        let goals = self.law.decide(&self.heard, &self.bounds);
        for (slot, goal) in self.goals_db.iter_mut().zip(goals) {
            *slot = goal.level_db;
        }
        self.door.step(&self.goals_db, &self.limits, 1.0);
        for (zone, level_db) in self.levels_db.iter_mut().enumerate() {
            *level_db = self.door.level_db(zone);
        }
        &self.levels_db
    }
}
