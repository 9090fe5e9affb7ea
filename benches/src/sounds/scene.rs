//! What a microphone hears after our own masking was removed: talkers, background, what is left of the masking, and a
//! disturbing sound.

use super::{
    disturbance::Disturbance,
    level::{scale_to, weighted_frames},
    noise::{coloured, slope},
    random::Random,
    talk::{Manner, Part, part, within_utterances},
    voice::{TRUTH_HZ, Voice},
};

/// The spectrum of our own masking, dB per octave, and its edges.
const MASKING_SLOPE: (f64, f64, f64) = (-5.0, 100.0, 6300.0);

/// What is left of our own masking over the time (s), dB(A); `None` for nothing.
pub type Residual<'a> = &'a dyn Fn(f64) -> Option<f64>;

/// A scene to make.
pub struct Scene<'a> {
    /// Sampling rate.
    pub rate_hz: f64,
    /// Length.
    pub seconds: usize,
    /// Talkers.
    pub talkers: Vec<(&'a Voice, Manner)>,
    /// Ventilation and its A-weighted level; switched up and down or not.
    pub ventilation: (Disturbance, f64),
    /// What is left of our own masking.
    pub residual: Residual<'a>,
    /// A disturbing sound and its level.
    pub disturbance: Option<(Disturbance, f64)>,
    /// Everything random follows from this.
    pub seed: u64,
}

/// A scene with its truth.
pub struct Heard {
    /// Sound pressure in units of 20 µPa.
    pub samples: Vec<f32>,
    /// Whether each frame of 20 ms lies within an utterance.
    pub speech: Vec<bool>,
    /// A-weighted power of the speech alone in each frame.
    pub speech_power: Vec<f64>,
    /// Samples of one frame.
    pub hop: usize,
}

impl Scene<'_> {
    /// Makes the sound and its truth.
    pub fn hear(&self) -> Heard {
        let hop = (self.rate_hz / TRUTH_HZ) as usize;
        let length = hop * TRUTH_HZ as usize * self.seconds;
        let mut random = Random::new(self.seed);
        let parts: Vec<Part> = self
            .talkers
            .iter()
            .map(|(voice, manner)| part(voice, *manner, self.rate_hz, length, &mut random))
            .collect();
        let mut speech = vec![0.0f32; length];
        for part in &parts {
            speech.iter_mut().zip(&part.samples).for_each(|(sum, sample)| *sum += sample);
        }
        let mut samples = speech.clone();
        for (sound, level_db) in [Some(self.ventilation), self.disturbance].into_iter().flatten() {
            let sound = scale_to(sound.make(&mut random, self.rate_hz, length), self.rate_hz, level_db);
            samples.iter_mut().zip(sound).for_each(|(sum, sample)| *sum += sample);
        }
        self.add_residual(&mut samples, hop, &mut random);
        let mut within = within_utterances(&parts);
        within.resize(length / hop, false);
        Heard {
            samples,
            speech: within,
            speech_power: weighted_frames(&speech, self.rate_hz, hop),
            hop,
        }
    }

    fn add_residual(&self, samples: &mut [f32], hop: usize, random: &mut Random) {
        let (fall, low_hz, high_hz) = MASKING_SLOPE;
        let noise = coloured(random, self.rate_hz, samples.len(), slope(fall, low_hz, high_hz));
        let noise = scale_to(noise, self.rate_hz, 0.0);
        let mut gain = 0.0;
        for (n, (sum, sample)) in samples.iter_mut().zip(noise).enumerate() {
            if n % hop == 0 {
                gain = (self.residual)(n as f64 / self.rate_hz).map_or(0.0, |db| 10f64.powf(db / 20.0)) as f32;
            }
            *sum += gain * sample;
        }
    }
}

impl Heard {
    /// Whether each second is speech: at least half of it lies within utterances.
    pub fn seconds(&self) -> Vec<bool> {
        self.speech
            .chunks_exact(TRUTH_HZ as usize)
            .map(|second| 2 * second.iter().filter(|speech| **speech).count() >= second.len())
            .collect()
    }
}
