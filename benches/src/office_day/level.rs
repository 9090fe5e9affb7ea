//! Levels, energies and the two spectra, in octaves 125 Hz-8 kHz.

use super::sti::OCTAVES;

/// Energy of a level.
pub fn energy(level_db: f64) -> f64 {
    10f64.powf(level_db / 10.0)
}

/// Level of an energy.
pub fn level_db(energy: f64) -> f64 {
    10.0 * energy.log10()
}

/// A-weighting at the octaves' centres (IEC 61672-1, Table 3), dB.
const A_WEIGHTING_DB: [f64; OCTAVES] = [-16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1];

/// Normal male speech at 1 m (ISO 3382-3:2012, Table 1), dB; 57.4 dB(A).
const MALE_SPEECH_DB: [f64; OCTAVES] = [49.9, 54.3, 58.0, 52.0, 44.8, 38.8, 33.5];

/// A-weighted energy of a spectrum.
pub fn a_weighted(spectrum: &[f64; OCTAVES]) -> f64 {
    spectrum
        .iter()
        .zip(A_WEIGHTING_DB)
        .map(|(octave, weighting_db)| octave * energy(weighting_db))
        .sum()
}

/// Energies of male speech, 0 dB(A) in all.
pub fn speech_shape() -> [f64; OCTAVES] {
    shape(MALE_SPEECH_DB)
}

/// Energies of masking that falls by 5 dB per octave, 0 dB(A) in all. An octave holds three times a third octave, so its
/// levels fall alike.
pub fn masking_shape() -> [f64; OCTAVES] {
    shape(core::array::from_fn(|octave| -5.0 * octave as f64))
}

fn shape(levels_db: [f64; OCTAVES]) -> [f64; OCTAVES] {
    let energies = levels_db.map(energy);
    let sum = a_weighted(&energies);
    energies.map(|octave| octave / sum)
}
