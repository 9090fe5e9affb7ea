//! The two standard shapes of masking.
//!
//! -5 dB per octave is what most field studies used (Lenne et al. 2020); -7 dB per octave was found the most
//! comfortable at 42 dB(A) (Hongisto and Oliva, JASA 137, 1344 (2015)).

use super::bands::{a_weighted_sum_db, exact_hz};
use crate::acoustics::BAND_COUNT;

/// Lowest and highest band of masking: 100 Hz and 8 kHz.
const BANDS: core::ops::RangeInclusive<usize> = 6..=25;

/// Third-octave band levels that fall by 5 dB per octave from 100 Hz to 8 kHz, A-weighted sum 0 dB.
pub fn minus5_db() -> [f64; BAND_COUNT] {
    sloping(-5.0)
}

/// Third-octave band levels that fall by 7 dB per octave from 100 Hz to 8 kHz, A-weighted sum 0 dB.
pub fn minus7_db() -> [f64; BAND_COUNT] {
    sloping(-7.0)
}

fn sloping(db_per_octave: f64) -> [f64; BAND_COUNT] {
    let mut levels = [f64::NEG_INFINITY; BAND_COUNT];
    for band in BANDS {
        levels[band] = db_per_octave * (exact_hz(band) / 1000.0).log2();
    }
    let sum = a_weighted_sum_db(&levels);
    levels.map(|level| level - sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Targets for 45 dB(A), 100 Hz-8 kHz, computed independently (over 100 Hz-5 kHz, which moves the sum by
    /// less than 0.05 dB) and rounded to 0.1 dB.
    const MINUS5_AT_45_DB: [f64; 20] = [
        49.7, 48.1, 46.4, 44.7, 43.1, 41.4, 39.8, 38.1, 36.4, 34.8, 33.1, 31.4, 29.8, 28.1, 26.5, 24.8, 23.1, 21.5, 19.8, 18.1,
    ];
    const MINUS7_AT_45_DB: [f64; 20] = [
        53.5, 51.1, 48.8, 46.5, 44.1, 41.8, 39.5, 37.2, 34.8, 32.5, 30.2, 27.9, 25.5, 23.2, 20.9, 18.6, 16.2, 13.9, 11.6, 9.3,
    ];

    #[test]
    fn both_shapes_are_the_published_targets() {
        for (shape, targets) in [(minus5_db(), MINUS5_AT_45_DB), (minus7_db(), MINUS7_AT_45_DB)] {
            for (band, target) in BANDS.zip(targets) {
                let found = shape[band] + 45.0;
                assert!((found - target).abs() <= 0.1, "band {band}: {found:.2} for {target}");
            }
        }
    }

    #[test]
    fn both_shapes_sum_to_zero_and_are_silent_outside_100_hz_to_8_khz() {
        for shape in [minus5_db(), minus7_db()] {
            assert!(a_weighted_sum_db(&shape).abs() < 1e-9);
            for (band, level) in shape.iter().enumerate() {
                assert_eq!(level.is_finite(), BANDS.contains(&band));
            }
        }
    }
}
