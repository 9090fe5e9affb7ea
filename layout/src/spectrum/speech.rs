//! How speech is distributed over frequency.

use super::bands::{BAND_OF_125_HZ, energy, level_db};
use crate::acoustics::BAND_COUNT;
use crate::sti::OCTAVE_COUNT;

/// Normal male speech at 1 m in a free field, mean over all directions, octave bands 125 Hz-8 kHz
/// (ISO 3382-3:2012, Table 1); 57.4 dB(A) in all.
pub const MALE_SPEECH_OCTAVES_DB: [f64; OCTAVE_COUNT] = [49.9, 54.3, 58.0, 52.0, 44.8, 38.8, 33.5];

/// The same A-weighted.
pub const MALE_SPEECH_LEVEL_DB: f64 = 57.4;

/// [`MALE_SPEECH_OCTAVES_DB`] in third octaves, 100 Hz-10 kHz.
///
/// The standard gives octaves only. Within an octave the levels follow straight lines (dB over band number) through
/// the centres of the octaves, shifted so that the three bands of each octave hold exactly its energy.
pub fn male_speech_db() -> [f64; BAND_COUNT] {
    let mut levels = [f64::NEG_INFINITY; BAND_COUNT];
    for (octave, target) in MALE_SPEECH_OCTAVES_DB.iter().enumerate() {
        let centre = BAND_OF_125_HZ + 3 * octave;
        let bands = centre - 1..=centre + 1;
        for (third, band) in [-1.0, 0.0, 1.0].into_iter().zip(bands.clone()) {
            levels[band] = interpolated(octave as f64 + third / 3.0);
        }
        let sum = level_db(bands.clone().map(|band| energy(levels[band])).sum());
        for band in bands {
            levels[band] += target - sum;
        }
    }
    levels
}

/// The octave levels read as a line at a fractional octave number; beyond the ends the last slope goes on.
fn interpolated(octave: f64) -> f64 {
    let left = (octave.floor().max(0.0) as usize).min(OCTAVE_COUNT - 2);
    let share = octave - left as f64;
    MALE_SPEECH_OCTAVES_DB[left] * (1.0 - share) + MALE_SPEECH_OCTAVES_DB[left + 1] * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::a_weighted_sum_db;

    #[test]
    fn three_bands_hold_the_energy_of_their_octave() {
        let levels = male_speech_db();
        for (octave, expected) in MALE_SPEECH_OCTAVES_DB.iter().enumerate() {
            let first = BAND_OF_125_HZ - 1 + 3 * octave;
            let sum = level_db(levels[first..first + 3].iter().map(|level| energy(*level)).sum());
            assert!((sum - expected).abs() < 1e-9, "octave {octave}: {sum}");
        }
    }

    #[test]
    fn the_a_weighted_level_is_that_of_the_standard() {
        let found = a_weighted_sum_db(&male_speech_db());
        assert!((found - MALE_SPEECH_LEVEL_DB).abs() < 0.3, "{found}");
    }

    #[test]
    fn neighbouring_bands_differ_by_less_than_five_decibels() {
        let levels = male_speech_db();
        for pair in levels[6..=26].windows(2) {
            assert!((pair[0] - pair[1]).abs() < 5.0, "{pair:?}");
        }
    }
}
