//! Speech transmission index by IEC 60268-16:2020 (edition 5), from levels and reverberation time.
//!
//! The modulation transfer is that of an exponential decay (Schroeder 1981; Houtgast and Steeneken), reduced by
//! noise, by auditory masking from the next lower octave and by the reception threshold. The direct sound is not
//! treated apart from the decay, so the result is on the low side near the talker.

use crate::spectrum::{energy, level_db};

/// Octave bands of the STI: 125 Hz-8 kHz.
pub const OCTAVE_COUNT: usize = 7;

/// Weights of the bands (IEC 60268-16:2020, Table A.1, male).
const ALPHA: [f64; OCTAVE_COUNT] = [0.085, 0.127, 0.230, 0.233, 0.309, 0.224, 0.173];

/// Redundancy between a band and the next (IEC 60268-16:2020, Table A.1, male).
const BETA: [f64; OCTAVE_COUNT - 1] = [0.085, 0.078, 0.065, 0.011, 0.047, 0.095];

/// Absolute speech reception threshold as an energy: 46, 27, 12, 6.5, 7.5, 8 and 12 dB SPL per octave
/// (IEC 60268-16:2020, Table A.3).
const RECEPTION_THRESHOLD: [f64; OCTAVE_COUNT] = [
    39_810.717,
    501.187_23,
    15.848_932,
    4.466_835_9,
    5.623_413_3,
    6.309_573_4,
    15.848_932,
];

/// Modulation frequencies (IEC 60268-16:2020, A.2.2).
const MODULATIONS_HZ: [f64; 14] = [
    0.63, 0.80, 1.00, 1.25, 1.60, 2.00, 2.50, 3.15, 4.00, 5.00, 6.30, 8.00, 10.0, 12.5,
];

/// Effective signal-to-noise ratios count from minus to plus this (IEC 60268-16:2020, A.5.4), dB.
const CLIP_DB: f64 = 15.0;

/// [`CLIP_DB`] as a ratio of energies, 10^1.5.
const CLIP: f64 = 31.622_776_601_683_79;

/// Natural logarithm of a decay by 60 dB in energy, 6 ln 10: T60 over the time constant.
const DECAY_CONSTANTS_PER_T60: f64 = 13.815_510_557_964_274;

/// STI of speech at a listener, 0..=1.
///
/// `speech_db` and `noise_db` are octave-band levels at the listener, dB re 20 µPa, 125 Hz-8 kHz; a band without
/// sound is `f64::NEG_INFINITY`. `reverberation_s` is T60; 0 means none.
pub fn sti(speech_db: &[f64; OCTAVE_COUNT], noise_db: &[f64; OCTAVE_COUNT], reverberation_s: f64) -> f64 {
    Decay::of(reverberation_s).sti(&speech_db.map(energy), &noise_db.map(energy))
}

/// What a reverberation time leaves of each modulation.
pub(crate) struct Decay([f64; MODULATIONS_HZ.len()]);

impl Decay {
    pub(crate) fn of(reverberation_s: f64) -> Self {
        Self(MODULATIONS_HZ.map(|modulation_hz| reverberant_transfer(modulation_hz, reverberation_s)))
    }

    /// [`sti`] of octave-band energies re (20 µPa)².
    pub(crate) fn sti(&self, speech: &[f64; OCTAVE_COUNT], noise: &[f64; OCTAVE_COUNT]) -> f64 {
        let mut indices = [0.0; OCTAVE_COUNT];
        let mut lower_octave = None;
        for (band, index) in indices.iter_mut().enumerate() {
            let (speech, noise) = (speech[band], noise[band]);
            let masking = lower_octave.map_or(0.0, auditory_masking);
            let share = speech / (speech + noise + masking + RECEPTION_THRESHOLD[band]);
            *index = transfer_index(self.0.map(|transfer| transfer * share));
            lower_octave = Some(speech + noise);
        }
        let weighted: f64 = ALPHA.iter().zip(indices).map(|(alpha, index)| alpha * index).sum();
        let redundant: f64 = BETA
            .iter()
            .zip(indices.windows(2))
            .map(|(beta, pair)| beta * (pair[0] * pair[1]).sqrt())
            .sum();
        (weighted - redundant).clamp(0.0, 1.0)
    }
}

/// Modulation that an exponential decay leaves (formula of Schroeder, Acustica 49, 179 (1981)).
fn reverberant_transfer(modulation_hz: f64, reverberation_s: f64) -> f64 {
    let phase = core::f64::consts::TAU * modulation_hz * reverberation_s / DECAY_CONSTANTS_PER_T60;
    1.0 / (1.0 + phase * phase).sqrt()
}

/// Intensity by which an octave masks the next higher one (IEC 60268-16:2020, Table A.2).
fn auditory_masking(intensity: f64) -> f64 {
    let level = level_db(intensity);
    let factor_db = match level {
        level if level < 63.0 => 0.5 * level - 65.0,
        level if level < 67.0 => 1.8 * level - 146.9,
        level if level < 100.0 => 0.5 * level - 59.8,
        _ => -10.0,
    };
    intensity * energy(factor_db)
}

/// Modulation transfer index of a band: the mean over its transfer values of the clipped effective ratio, on a scale
/// from 0 to 1 (IEC 60268-16:2020, A.5.4 and A.5.5). The mean in dB is the logarithm of a product.
fn transfer_index(transfers: [f64; MODULATIONS_HZ.len()]) -> f64 {
    let ratios = transfers.map(|transfer| (transfer / (1.0 - transfer)).clamp(1.0 / CLIP, CLIP));
    let mean_db = level_db(ratios.iter().product()) / transfers.len() as f64;
    (mean_db + CLIP_DB) / (2.0 * CLIP_DB)
}

#[cfg(test)]
mod tests;
