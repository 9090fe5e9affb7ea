//! The bands and their A-weighting.

use std::sync::LazyLock;

use crate::acoustics::BAND_COUNT;

/// Nominal centre frequencies (IEC 61260-1:2014, Annex E), as people write them.
pub const NOMINAL_HZ: [f64; BAND_COUNT] = [
    25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0,
    1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10_000.0, 12_500.0, 16_000.0,
];

/// Index of the band with nominal centre frequency 1 kHz.
const BAND_OF_1_KHZ: usize = 16;

/// Index of the band with nominal centre frequency 125 Hz, the middle of the lowest octave of the STI.
pub(crate) const BAND_OF_125_HZ: usize = 7;

/// Exact centre frequency, base ten: 1000 · 10^(n/10) Hz, n counted from 1 kHz (IEC 61260-1:2014, 5.4).
///
/// # Panics
/// When `band` is not below [`BAND_COUNT`].
pub fn exact_hz(band: usize) -> f64 {
    assert!(band < BAND_COUNT, "there are {BAND_COUNT} bands, not {band}");
    1000.0 * 10f64.powf((band as f64 - BAND_OF_1_KHZ as f64) / 10.0)
}

/// A-weighting at the exact centre frequency of a band (IEC 61672-1:2013, Annex E, formula E.6), dB.
///
/// # Panics
/// When `band` is not below [`BAND_COUNT`].
pub fn a_weighting_db(band: usize) -> f64 {
    static WEIGHTING_DB: LazyLock<[f64; BAND_COUNT]> = LazyLock::new(|| core::array::from_fn(a_weighting_at));
    WEIGHTING_DB[band]
}

fn a_weighting_at(band: usize) -> f64 {
    /// Poles of the weighting, Hz, and what makes it 0 dB at 1 kHz (IEC 61672-1:2013, Annex E).
    const POLES_HZ: [f64; 4] = [20.60, 107.7, 737.9, 12194.0];
    const AT_1_KHZ_DB: f64 = -2.000;
    let squared = exact_hz(band).powi(2);
    let [first, second, third, fourth] = POLES_HZ.map(|pole| pole * pole);
    let response =
        fourth * squared * squared / ((squared + first) * ((squared + second) * (squared + third)).sqrt() * (squared + fourth));
    20.0 * response.log10() - AT_1_KHZ_DB
}

/// A-weighted total of a spectrum, dB; `f64::NEG_INFINITY` for silence.
pub fn a_weighted_sum_db(levels_db: &[f64; BAND_COUNT]) -> f64 {
    level_db(
        levels_db
            .iter()
            .enumerate()
            .map(|(band, level)| energy(level + a_weighting_db(band)))
            .sum(),
    )
}

/// Energy re the reference of a level.
pub(crate) fn energy(level_db: f64) -> f64 {
    10f64.powf(level_db / 10.0)
}

/// Level of an energy; `f64::NEG_INFINITY` for none.
pub(crate) fn level_db(energy: f64) -> f64 {
    10.0 * energy.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IEC 61672-1:2013, Table 3, 25 Hz-16 kHz.
    const TABLE_3_DB: [f64; BAND_COUNT] = [
        -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1, -13.4, -10.9, -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0.0, 0.6, 1.0,
        1.2, 1.3, 1.2, 1.0, 0.5, -0.1, -1.1, -2.5, -4.3, -6.6,
    ];

    #[test]
    fn a_weighting_is_that_of_the_standards_table() {
        for (band, expected) in TABLE_3_DB.iter().enumerate() {
            let found = a_weighting_db(band);
            assert!(
                (found - expected).abs() <= 0.051,
                "{} Hz: {found:.3} for {expected}",
                NOMINAL_HZ[band]
            );
        }
    }

    #[test]
    fn exact_and_nominal_frequencies_differ_by_less_than_a_twentieth_of_an_octave() {
        for (band, nominal) in NOMINAL_HZ.iter().enumerate() {
            assert!((exact_hz(band) / nominal).log2().abs() < 0.05, "{nominal} Hz");
        }
    }

    #[test]
    fn a_tone_at_1_khz_sums_to_itself_and_silence_to_minus_infinity() {
        let mut levels = [f64::NEG_INFINITY; BAND_COUNT];
        assert_eq!(a_weighted_sum_db(&levels), f64::NEG_INFINITY);
        levels[BAND_OF_1_KHZ] = 94.0;
        assert!((a_weighted_sum_db(&levels) - 94.0).abs() < 0.001);
    }

    #[test]
    fn two_equal_bands_sum_to_three_decibels_more() {
        let mut levels = [f64::NEG_INFINITY; BAND_COUNT];
        levels[16] = 60.0 - a_weighting_db(16);
        levels[7] = 60.0 - a_weighting_db(7);
        assert!((a_weighted_sum_db(&levels) - 63.0103).abs() < 0.001);
    }
}
