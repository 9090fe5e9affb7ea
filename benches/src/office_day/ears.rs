//! What the ceiling microphones make of a second, as well as the engine can.

use super::level::{energy, level_db};
use super::paths::Paths;
use super::policy::ZoneHeard;
use crate::sounds::random::Random;

/// Speech softer than this, or this much softer than all other sound, is not made out.
const FAINTEST_DB: f64 = 30.0;
const LEAST_RATIO_DB: f64 = -10.0;

/// Error of a level of speech from one second to the next, and of a zone's background for good, standard deviations, dB.
const SPEECH_ERROR_DB: f64 = 1.0;
const BACKGROUND_ERROR_DB: f64 = 0.7;

/// The microphones of an office.
#[derive(Clone, Debug)]
pub struct Ears<'a> {
    paths: &'a Paths,
    random: Random,
    background_db: Vec<f64>,
    speech_power: Vec<f64>,
}

impl<'a> Ears<'a> {
    /// Microphones whose errors follow a seed.
    pub fn new(paths: &'a Paths, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            paths,
            background_db: paths
                .ventilation_db
                .iter()
                .map(|level_db| level_db + BACKGROUND_ERROR_DB * random.normal_pair().0)
                .collect(),
            speech_power: vec![0.0; paths.ventilation_db.len()],
            random,
        }
    }

    /// Hears talkers (seat and voice at 1 m, dB(A)) through masking at these levels.
    pub fn hear(&mut self, talkers: &[(usize, f64)], masking_db: &[f64], heard: &mut [ZoneHeard]) {
        self.speech_power.fill(0.0);
        for (seat, voice_db) in talkers {
            let voice = energy(*voice_db);
            for (power, gain) in self.speech_power.iter_mut().zip(&self.paths.to_microphones[*seat]) {
                *power += voice * gain;
            }
        }
        for (zone, heard) in heard.iter_mut().enumerate() {
            let error_db = SPEECH_ERROR_DB * self.random.normal_pair().0;
            let speech_db = level_db(self.speech_power[zone]);
            let other_db = level_db(energy(masking_db[zone]) + energy(self.paths.ventilation_db[zone]));
            let is_made_out = speech_db >= FAINTEST_DB && speech_db >= other_db + LEAST_RATIO_DB;
            *heard = ZoneHeard {
                speech_laeq_db: is_made_out.then_some(speech_db + error_db),
                background_db: self.background_db[zone],
                talker_here: false,
            };
        }
        for (seat, _) in talkers {
            let zones = self.paths.to_microphones[*seat].iter().enumerate();
            let best = zones.max_by(|one, other| one.1.total_cmp(other.1)).map(|(zone, _)| zone);
            if let Some(zone) = best.filter(|zone| heard[*zone].speech_laeq_db.is_some()) {
                heard[zone].talker_here = true;
            }
        }
    }
}
