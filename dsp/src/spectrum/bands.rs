//! Third-octave bands with nominal centre frequencies 25 Hz-16 kHz (IEC 61260-1:2014, base ten).

use crate::level::FrequencyWeighting;

/// Number of bands, lowest first.
pub const BAND_COUNT: usize = 29;

/// Levels or powers of all bands.
pub type Bands<T> = [T; BAND_COUNT];

/// Band number of 25 Hz: 10^(14/10) Hz.
const FIRST_BAND: i32 = 14;

/// Exact centre frequency of a band (IEC 61260-1:2014, 5.2: 1000·10^(n/10)).
pub fn band_centre_hz(band: usize) -> f64 {
    10f64.powf((FIRST_BAND + band as i32) as f64 / 10.0)
}

/// Lower and upper edge frequencies of a band (IEC 61260-1:2014, 5.4).
pub fn band_edges_hz(band: usize) -> (f64, f64) {
    let half = 10f64.powf(0.05);
    (band_centre_hz(band) / half, band_centre_hz(band) * half)
}

/// A-weighting at a frequency, dB (IEC 61672-1:2013, Annex E).
pub fn a_weighting_db(frequency_hz: f64) -> f64 {
    FrequencyWeighting::A.db(frequency_hz)
}
