//! Levels and the quantities behind them.
//!
//! Inside the engine a sound pressure is expressed in units of the reference pressure 20 µPa, so that a mean square of 1
//! is a level of 0 dB.

/// Level of a mean square, dB; −∞ for zero.
pub fn power_to_db(power: f64) -> f64 {
    10.0 * power.log10()
}

/// Mean square of a level in dB.
pub fn db_to_power(level_db: f64) -> f64 {
    10f64.powf(level_db / 10.0)
}

/// Amplitude ratio of a level difference in dB.
pub fn db_to_amplitude(level_db: f64) -> f64 {
    10f64.powf(level_db / 20.0)
}

/// Mean square of a full-scale sine, which AES17 calls 0 dBFS.
pub const FULL_SCALE_MEAN_SQUARE: f64 = 0.5;

/// Levels below the threshold of hearing are reported as this.
pub const LOWEST_REPORTED_DB: f64 = 0.0;

/// A level as it is reported: never below [`LOWEST_REPORTED_DB`], always finite for a finite power.
pub fn reported_db(power: f64) -> f64 {
    power_to_db(power).max(LOWEST_REPORTED_DB)
}

/// What a sample has to be multiplied with to become sound pressure in units of 20 µPa.
///
/// `sensitivity_dbfs` is the AES17 level that the channel shows at 94 dB SPL.
pub fn pressure_per_sample(sensitivity_dbfs: f64) -> f64 {
    db_to_amplitude(94.0 - sensitivity_dbfs) / FULL_SCALE_MEAN_SQUARE.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_at_the_sensitivity_is_94_db() {
        let amplitude = db_to_amplitude(-26.0);
        let pressure = amplitude * pressure_per_sample(-26.0);
        assert!((power_to_db(pressure * pressure / 2.0) - 94.0).abs() < 1e-9);
    }
}
