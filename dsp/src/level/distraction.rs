//! dB-minutes: how far, and for how long, sound stands out of its background.

/// A minute distracts as far as LA10 − LA90 exceeds this (W. Chanaud, Acoustics Today, Fall 2007).
pub const CRITERION_DB: f64 = 5.0;

/// dB-minutes of a time with the given percentile levels: max(0, LA10 − LA90 − 5 dB) times its length.
///
/// Summed over the minutes of a day it is the exposure of a zone. Steady masking raises LA90 and not LA10, and so lowers it.
pub fn db_minutes(l10_db: f64, l90_db: f64, minutes: f64) -> f64 {
    (l10_db - l90_db - CRITERION_DB).max(0.0) * minutes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_exceeds_the_criterion_counts() {
        assert_eq!(db_minutes(50.0, 45.0, 1.0), 0.0);
        assert_eq!(db_minutes(50.0, 40.0, 1.0), 5.0);
        assert_eq!(db_minutes(40.0, 50.0, 1.0), 0.0);
        // One second of a minute that exceeds it by 6 dB.
        assert!((db_minutes(56.0, 45.0, 1.0 / 60.0) - 0.1).abs() < 1e-12);
        // Sum over minutes (F11): 2 + 0 + 4.
        let day = [(47.0, 40.0), (43.0, 40.0), (49.0, 40.0)];
        assert_eq!(day.map(|(l10, l90)| db_minutes(l10, l90, 1.0)).iter().sum::<f64>(), 6.0);
    }
}
