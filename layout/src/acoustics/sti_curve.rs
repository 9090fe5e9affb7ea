//! The STI over the speech-to-noise ratio.

use super::{BAND_COUNT, STI_CURVE_DB, STI_CURVE_NOISE_DB, STI_CURVE_POINTS};
use crate::spectrum::{BAND_OF_125_HZ, a_weighted_sum_db, energy, level_db};
use crate::sti::{Decay, OCTAVE_COUNT};

/// Computes curves against one masking spectrum.
pub(crate) struct StiCurves {
    noise: [f64; OCTAVE_COUNT],
}

impl StiCurves {
    pub(crate) fn new(masking_spectrum_db: &[f64; BAND_COUNT]) -> Self {
        Self {
            noise: octaves_at(masking_spectrum_db, STI_CURVE_NOISE_DB).map(energy),
        }
    }

    /// The curve of speech with a spectrum, in third octaves, of which only the shape matters.
    pub(crate) fn curve(&self, speech_db: &[f64; BAND_COUNT], reverberation_s: f64) -> [f32; STI_CURVE_POINTS] {
        let mut curve = [0.0; STI_CURVE_POINTS];
        let decay = Decay::of(reverberation_s);
        let as_loud_as_noise = octaves_at(speech_db, STI_CURVE_NOISE_DB).map(energy);
        for (point, ratio_db) in curve.iter_mut().zip(STI_CURVE_DB) {
            let ratio = energy(f64::from(ratio_db));
            *point = decay.sti(&as_loud_as_noise.map(|octave| octave * ratio), &self.noise) as f32;
        }
        curve
    }
}

/// Octave levels 125 Hz-8 kHz of a spectrum after setting its A-weighted level; silence stays silence.
fn octaves_at(spectrum_db: &[f64; BAND_COUNT], a_weighted_db: f64) -> [f64; OCTAVE_COUNT] {
    let sum_db = a_weighted_sum_db(spectrum_db);
    let shift_db = if sum_db.is_finite() { a_weighted_db - sum_db } else { 0.0 };
    core::array::from_fn(|octave| {
        let lowest = BAND_OF_125_HZ - 1 + 3 * octave;
        level_db(spectrum_db[lowest..lowest + 3].iter().map(|level| energy(*level)).sum()) + shift_db
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{male_speech_db, minus5_db};
    use crate::sti;

    #[test]
    fn the_curve_rises_from_nothing_at_minus_30_to_its_most_at_30_decibels() {
        let curve = StiCurves::new(&minus5_db()).curve(&male_speech_db(), 0.4);
        assert!(curve[0] < 0.01 && curve[60] > 0.7, "{curve:?}");
        // Above 20 dB auditory masking of loud speech takes a little back.
        assert!(curve.windows(2).all(|pair| pair[1] >= pair[0] - 0.01), "{curve:?}");
    }

    #[test]
    fn a_masking_level_from_38_to_48_db_moves_the_curve_by_less_than_two_hundredths() {
        for level_db in [38.0, 48.0] {
            for ratio_db in [-9.0, -3.0, 0.0, 3.0, 9.0] {
                let at = |level_db: f64| {
                    let noise = octaves_at(&minus5_db(), level_db);
                    sti(&octaves_at(&male_speech_db(), level_db + ratio_db), &noise, 0.4)
                };
                let moved = (at(level_db) - at(STI_CURVE_NOISE_DB)).abs();
                assert!(moved < 0.02, "{level_db} dB, {ratio_db} dB: {moved}");
            }
        }
    }

    #[test]
    fn masking_without_any_sound_leaves_speech_clear() {
        let curve = StiCurves::new(&[f64::NEG_INFINITY; BAND_COUNT]).curve(&male_speech_db(), 0.0);
        assert!(curve[30] > 0.9, "{}", curve[30]);
    }
}
