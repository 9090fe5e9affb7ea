//! Speech and noise in octaves, as energies re (20 µPa)².

use super::Assumptions;
use crate::acoustics::BAND_COUNT;
use crate::spectrum::{BAND_OF_125_HZ, a_weighted_sum_db, a_weighting_db, energy, level_db, male_speech_db, minus5_db};
use crate::sti::{Decay, OCTAVE_COUNT};

/// Octave energies 125 Hz-8 kHz.
pub(super) type Octaves = [f64; OCTAVE_COUNT];

/// However clear it arrives, speech this far below the noise (A-weighted, dB) is not understood.
const HOPELESS_DB: f64 = -3.5;

/// A talker of normal effort.
pub(super) struct Voice {
    /// Energies per third octave at 1 m.
    at_1_m: [f64; BAND_COUNT],
    /// The same A-weighted.
    a_weighted: [f64; BAND_COUNT],
}

/// Speech where it arrives.
#[derive(Clone, Copy)]
pub(super) struct Speech {
    pub(super) octaves: Octaves,
    /// A-weighted energy.
    pub(super) a_weighted: f64,
}

impl Voice {
    pub(super) fn new() -> Self {
        let levels_db = male_speech_db();
        Self {
            at_1_m: levels_db.map(energy),
            a_weighted: core::array::from_fn(|band| energy(levels_db[band] + a_weighting_db(band))),
        }
    }

    /// After a path with these energies re 1 m.
    pub(super) fn after(&self, path: &[f64; BAND_COUNT]) -> Speech {
        Speech {
            octaves: core::array::from_fn(|octave| {
                let first = BAND_OF_125_HZ - 1 + 3 * octave;
                (first..first + 3).map(|band| self.at_1_m[band] * path[band]).sum()
            }),
            a_weighted: self.a_weighted.iter().zip(path).map(|(speech, path)| speech * path).sum(),
        }
    }
}

/// The noise that is there besides speech.
pub(super) struct Noise {
    background: Octaves,
    background_energy: f64,
    /// Masking of 0 dB(A).
    masking: Octaves,
}

impl Noise {
    pub(super) fn new(assumptions: &Assumptions) -> Self {
        let background_energy = energy(assumptions.background_db);
        Self {
            background: octaves(&minus5_db()).map(|octave| octave * background_energy),
            background_energy,
            masking: octaves(&assumptions.masking_spectrum_db),
        }
    }

    /// A-weighted level with masking of some A-weighted energy, dB.
    pub(super) fn level_db(&self, masking: f64) -> f64 {
        level_db(self.background_energy + masking)
    }

    /// STI of speech against background and masking of some A-weighted energy.
    pub(super) fn sti(&self, speech: &Speech, masking: f64, decay: &Decay) -> f64 {
        let noise = core::array::from_fn(|octave| self.background[octave] + self.masking[octave] * masking);
        decay.sti(&speech.octaves, &noise)
    }

    /// Whether there is any point in computing the STI of speech to see if it is understood.
    pub(super) fn may_be_understood(&self, speech: &Speech, masking: f64) -> bool {
        speech.a_weighted > energy(HOPELESS_DB) * (self.background_energy + masking)
    }
}

/// Octave energies of a spectrum set to 0 dB(A); silence stays silence.
fn octaves(spectrum_db: &[f64; BAND_COUNT]) -> Octaves {
    let sum_db = a_weighted_sum_db(spectrum_db);
    let shift_db = if sum_db.is_finite() { sum_db } else { 0.0 };
    core::array::from_fn(|octave| {
        let first = BAND_OF_125_HZ - 1 + 3 * octave;
        (first..first + 3).map(|band| energy(spectrum_db[band] - shift_db)).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{MALE_SPEECH_LEVEL_DB, minus7_db};

    #[test]
    fn speech_called_hopeless_is_not_understood_under_either_masking() {
        let voice = Voice::new();
        for masking_spectrum_db in [minus5_db(), minus7_db()] {
            let noise = Noise::new(&Assumptions {
                background_db: 30.0,
                masking_spectrum_db,
                zones: vec![],
                neighbour_max_db: 2.0,
                maskable_margin_sti: 0.15,
            });
            let masking = energy(44.0);
            let level_db = noise.level_db(masking) + HOPELESS_DB - 0.01;
            let speech = voice.after(&[energy(level_db - MALE_SPEECH_LEVEL_DB); BAND_COUNT]);
            assert!(!noise.may_be_understood(&speech, masking));
            let sti = noise.sti(&speech, masking, &Decay::of(0.0));
            assert!(sti < 0.49, "{sti}");
        }
    }
}
