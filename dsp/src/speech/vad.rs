//! The neural voice activity detector `earshot`: the one file that names it.
//!
//! It was trained on real voices and rooms, which no formula of ours knows. On its own it takes machines, water and music for
//! voices; here it is one witness among others.

use earshot::Detector;

/// Samples of one step of the detector: 16 ms at 16 kHz.
const STEP: usize = 256;

/// The background is brought to this A-weighted level re full scale before the detector hears it, because its answer depends
/// on the level: with more it takes noise for voices, with less it misses distant ones.
const BACKGROUND_DBFS: f64 = -45.0;

/// Log-odds beyond this say no more.
const LARGEST_LOG_ODDS: f32 = 5.0;

/// The detector of one microphone.
pub struct NeuralVad {
    detector: Box<Detector>,
    step: [f32; STEP],
    filled: usize,
    log_odds: f32,
}

impl Default for NeuralVad {
    fn default() -> Self {
        NeuralVad {
            detector: Detector::default_boxed(),
            step: [0.0; STEP],
            filled: 0,
            log_odds: 0.0,
        }
    }
}

impl NeuralVad {
    /// Takes samples and the A-weighted power of the background; returns the log-odds of a voice now.
    pub fn process(&mut self, samples: &[f32], background_power: f64) -> f32 {
        let gain = (10f64.powf(BACKGROUND_DBFS / 10.0) / background_power.max(1.0)).sqrt() as f32;
        for sample in samples {
            self.step[self.filled] = (sample * gain).clamp(-1.0, 1.0);
            self.filled += 1;
            if self.filled == STEP {
                self.filled = 0;
                let voice = self.detector.predict_f32(&self.step).clamp(1e-6, 1.0 - 1e-6);
                self.log_odds = (voice / (1.0 - voice)).ln().clamp(-LARGEST_LOG_ODDS, LARGEST_LOG_ODDS);
            }
        }
        self.log_odds
    }

    /// Forgets what it heard.
    pub fn rest(&mut self) {
        self.detector.reset();
        self.filled = 0;
        self.log_odds = 0.0;
    }
}

impl core::fmt::Debug for NeuralVad {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("NeuralVad").field("log_odds", &self.log_odds).finish_non_exhaustive()
    }
}

impl Clone for NeuralVad {
    /// A copy begins afresh: the detector's memory of some tenths of a second cannot be copied.
    fn clone(&self) -> Self {
        NeuralVad::default()
    }
}
