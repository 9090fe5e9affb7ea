//! How much a level fluctuates at the rate of syllables.
//!
//! Speech modulates its envelope most at 2-8 Hz, with its peak at the syllable rate of about 4 Hz (Houtgast & Steeneken,
//! JASA 77, 1985); ventilation and steady machines do not.

use super::steady::FRAMES_PER_S;

/// Edges of the syllabic band.
const LOW_HZ: f64 = 2.0;
const HIGH_HZ: f64 = 8.0;

/// Averaging time of the fluctuation, seconds: two syllables.
const AVERAGING_S: f64 = 0.5;

/// RMS fluctuation of a level within 2-8 Hz.
#[derive(Clone, Debug)]
pub struct Modulation {
    slow: f64,
    fast: f64,
    mean_square: f64,
    started: bool,
}

impl Default for Modulation {
    fn default() -> Self {
        Modulation {
            slow: 0.0,
            fast: 0.0,
            mean_square: 0.0,
            started: false,
        }
    }
}

impl Modulation {
    /// Takes the next level and returns its RMS fluctuation in dB.
    pub fn process(&mut self, level_db: f64) -> f64 {
        if !self.started {
            self.started = true;
            self.slow = level_db;
            self.fast = level_db;
        }
        let share = |corner_hz: f64| 1.0 - (-core::f64::consts::TAU * corner_hz / FRAMES_PER_S).exp();
        self.fast += share(HIGH_HZ) * (level_db - self.fast);
        self.slow += share(LOW_HZ) * (self.fast - self.slow);
        let syllabic = self.fast - self.slow;
        let averaging = 1.0 - (-1.0 / (FRAMES_PER_S * AVERAGING_S)).exp();
        self.mean_square += averaging * (syllabic * syllabic - self.mean_square);
        self.mean_square.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fluctuation(rate_hz: f64) -> f64 {
        let mut modulation = Modulation::default();
        (0..500)
            .map(|n| modulation.process(50.0 + 5.0 * (core::f64::consts::TAU * rate_hz * f64::from(n) / FRAMES_PER_S).sin()))
            .last()
            .unwrap()
    }

    #[test]
    fn syllables_count_and_slow_drift_does_not() {
        let syllabic = fluctuation(4.0);
        assert!(syllabic > 2.0, "{syllabic}");
        assert!(fluctuation(0.1) < 0.25);
    }
}
