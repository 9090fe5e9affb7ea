//! Speech transmission index by IEC 60268-16:2020 (edition 5), male speech.
//!
//! Unlike the floor plan's own index, which takes all sound as one exponential decay, this one treats the direct sound
//! apart from the decay. With no direct sound at all it is the standard's chain and nothing else.

use super::level::{energy, level_db};

/// Octave bands 125 Hz-8 kHz.
pub const OCTAVES: usize = 7;

/// Modulation frequencies, Hz (A.2.2).
const MODULATIONS_HZ: [f64; 14] = [0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5];

/// Weights of the octaves, and of what neighbouring octaves say twice (Table A.1, male).
const ALPHA: [f64; OCTAVES] = [0.085, 0.127, 0.230, 0.233, 0.309, 0.224, 0.173];
const BETA: [f64; OCTAVES - 1] = [0.085, 0.078, 0.065, 0.011, 0.047, 0.095];

/// Reception threshold, dB SPL (Table A.3).
const THRESHOLD_DB: [f64; OCTAVES] = [46.0, 27.0, 12.0, 6.5, 7.5, 8.0, 12.0];

/// Effective ratios count between minus and plus this (A.5.4), dB.
const CLIP_DB: f64 = 15.0;

/// T60 over the time constant of the decay of energy: 6 ln 10.
const TIME_CONSTANTS: f64 = 13.8155;

/// What a way through a room leaves of the modulations of speech.
#[derive(Clone, Debug)]
pub struct Modulations([[f64; MODULATIONS_HZ.len()]; OCTAVES]);

impl Modulations {
    /// The way on which a share of the energy of each octave comes straight, the rest as a decay with this T60.
    pub fn new(direct_share: &[f64; OCTAVES], t60_s: f64) -> Self {
        Self(direct_share.map(|direct| {
            MODULATIONS_HZ.map(|modulation_hz| {
                let x = core::f64::consts::TAU * modulation_hz * t60_s / TIME_CONSTANTS;
                let decay = (1.0 - direct) / (1.0 + x * x);
                (direct + decay).hypot(decay * x)
            })
        }))
    }

    /// STI of speech in noise, both as energies re (20 µPa)² at the listener.
    pub fn sti(&self, speech: &[f64; OCTAVES], noise: &[f64; OCTAVES]) -> f64 {
        let clip = energy(CLIP_DB);
        let mut below = 0.0;
        let indices: [f64; OCTAVES] = core::array::from_fn(|octave| {
            let sound = speech[octave] + noise[octave];
            let share = speech[octave] / (sound + upward_masking(below) + energy(THRESHOLD_DB[octave]));
            below = sound;
            let product: f64 = self.0[octave]
                .iter()
                .map(|left| left * share)
                .map(|transfer| (transfer / (1.0 - transfer)).clamp(1.0 / clip, clip))
                .product();
            (level_db(product) / MODULATIONS_HZ.len() as f64 + CLIP_DB) / (2.0 * CLIP_DB)
        });
        let said: f64 = ALPHA.iter().zip(indices).map(|(alpha, index)| alpha * index).sum();
        let twice: f64 = (0..BETA.len())
            .map(|low| BETA[low] * (indices[low] * indices[low + 1]).sqrt())
            .sum();
        (said - twice).clamp(0.0, 1.0)
    }
}

/// Energy with which an octave masks the next higher one (Table A.2).
fn upward_masking(below: f64) -> f64 {
    if below <= 0.0 {
        return 0.0;
    }
    let level = level_db(below);
    below
        * energy(match level {
            _ if level < 63.0 => 0.5 * level - 65.0,
            _ if level < 67.0 => 1.8 * level - 146.9,
            _ if level < 100.0 => 0.5 * level - 59.8,
            _ => -10.0,
        })
}
