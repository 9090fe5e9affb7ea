//! The hum of the air: steady noise, different at each microphone.

use habitat_dsp::{
    masking::{NoiseGenerator, NoiseShape},
    units::{FULL_SCALE_MEAN_SQUARE, db_to_amplitude},
};

/// A-weighted level at each microphone: a quiet, well-kept system (35 dB(A) is a usual limit for offices, EN 16798-1).
const LEVEL_DB: f64 = 34.0;

/// Third-octave levels fall by this per octave, which sounds like air and not like masking.
const SLOPE_DB_PER_OCTAVE: f64 = -6.0;

/// Ventilation noise at all microphones.
pub struct Ventilation {
    shape: NoiseShape,
    generators: Vec<NoiseGenerator>,
    buffer: Vec<f32>,
    gain: f32,
}

impl Ventilation {
    /// A running system.
    pub fn new(microphones: usize, sample_rate_hz: f64, seed: u64) -> Self {
        let spectrum = core::array::from_fn(|band| SLOPE_DB_PER_OCTAVE / 3.0 * band as f64);
        let mut shape = NoiseShape::new(sample_rate_hz, &spectrum);
        let seeds = (0..microphones as u64).map(|microphone| seed ^ (0xA1_0000 + microphone));
        Ventilation {
            generators: seeds.map(|seed| NoiseGenerator::new(seed, &mut shape)).collect(),
            shape,
            buffer: Vec::new(),
            gain: (db_to_amplitude(LEVEL_DB) / FULL_SCALE_MEAN_SQUARE.sqrt()) as f32,
        }
    }

    /// Adds it, as pressure in units of 20 µPa.
    pub fn add(&mut self, heard: &mut [f32]) {
        let channels = self.generators.len();
        let frames = heard.len().checked_div(channels).unwrap_or(0);
        self.buffer.resize(frames, 0.0);
        for (channel, generator) in self.generators.iter_mut().enumerate() {
            // The generator stays within ±1, so it plays softly and is raised here.
            generator.render(&mut self.shape, &mut self.buffer, (0.1, 0.1));
            for (slot, sample) in heard.iter_mut().skip(channel).step_by(channels).zip(&self.buffer) {
                *slot += sample * self.gain * 10.0;
            }
        }
    }
}
