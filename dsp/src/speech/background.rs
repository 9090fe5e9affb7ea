//! The steady part of a sound, band by band.
//!
//! Two steps after I. Cohen, "Noise spectrum estimation in adverse environments: improved minima controlled recursive
//! averaging" (IEEE Trans. Speech Audio Process. 11, 2003): the lowest smoothed power of the last seconds tells roughly where
//! the background is, because speech falls back to it between words; the mean over the frames near it is the background.

use super::tools::{BANDS, FRAMES_PER_S, PerBand};

/// Time constant of the smoothing before the minimum, seconds.
const SMOOTHING_S: f64 = 0.12;

/// The minimum is taken over parts of half a second: longer together than a phrase without a pause.
const PARTS: usize = 9;
const PART_FRAMES: u32 = 25;

/// Seconds of noise that the smoothing and the window average over together.
const EFFECTIVE_S: f64 = 2.0 * SMOOTHING_S + 0.03;

/// The smoothed power of noise scatters by σ = 1/√(bandwidth · seconds). The lowest of some twenty independent values lies
/// about 1.9 σ below the mean (order statistics of a normal variable) and nearly all lie less than 2 σ above it; in
/// logarithms, because a wide scatter is not symmetric.
const MINIMUM_SIGMAS: f64 = 1.9;
const HIGHEST_SIGMAS: f64 = 2.0;

/// Drift and fluctuation of real machines besides, as factors.
const DRIFT: f64 = 1.5;

/// Time constant of the mean over background frames, seconds, and the shorter one at the start.
const AVERAGING_S: f64 = 1.0;

/// How far above its minimum a band's background is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Scatter {
    /// A smoothed power up to this factor above the minimum belongs to the background.
    near_minimum: PerBand,
    /// The background lies at most this factor above the minimum, so that a level that falls is followed at once.
    largest_bias: PerBand,
}

impl Scatter {
    /// For bands of the given widths.
    pub fn new(width_hz: impl Fn(usize) -> f64) -> Self {
        let sigma = |band: usize| (1.0 / (width_hz(band) * EFFECTIVE_S)).sqrt();
        let factor = |band: usize, sigmas: f64| (DRIFT * (sigmas * sigma(band)).exp()) as f32;
        Scatter {
            near_minimum: core::array::from_fn(|band| factor(band, MINIMUM_SIGMAS + HIGHEST_SIGMAS)),
            largest_bias: core::array::from_fn(|band| factor(band, MINIMUM_SIGMAS)),
        }
    }
}

/// Tracks the background of all bands.
#[derive(Clone, Debug)]
pub struct Background {
    smoothed: PerBand,
    minima: [PerBand; PARTS],
    /// The lowest of the finished parts.
    lowest: PerBand,
    current: PerBand,
    mean: PerBand,
    part_frames: u32,
    part: usize,
    frames: u32,
}

impl Default for Background {
    fn default() -> Self {
        Background {
            smoothed: [0.0; BANDS],
            minima: [[f32::INFINITY; BANDS]; PARTS],
            lowest: [f32::INFINITY; BANDS],
            current: [f32::INFINITY; BANDS],
            mean: [0.0; BANDS],
            part_frames: 0,
            part: 0,
            frames: 0,
        }
    }
}

impl Background {
    /// Takes the band powers of the next frame, and how probable it was until now that somebody talks: what is soft in
    /// speech must not raise the background.
    pub fn process(&mut self, scatter: &Scatter, power: &PerBand, speech: f32) {
        self.frames = self.frames.saturating_add(1);
        let share = |seconds: f64| (1.0 - (-1.0 / (FRAMES_PER_S * seconds)).exp()) as f32;
        // The mean of what there is so far, until the time constant is over.
        let first = 1.0 / self.frames as f32;
        let (smoothing, averaging) = (share(SMOOTHING_S).max(first), (share(AVERAGING_S) * (1.0 - speech)).max(first));
        for band in 0..BANDS {
            let smoothed = self.smoothed[band] + smoothing * (power[band] - self.smoothed[band]);
            self.smoothed[band] = smoothed;
            self.current[band] = self.current[band].min(smoothed);
            let minimum = self.current[band].min(self.lowest[band]);
            if smoothed <= scatter.near_minimum[band] * minimum {
                self.mean[band] += averaging * (power[band] - self.mean[band]);
            }
            self.mean[band] = self.mean[band].clamp(minimum, scatter.largest_bias[band] * minimum);
        }
        self.part_frames += 1;
        if self.part_frames == PART_FRAMES {
            self.part_frames = 0;
            self.end_part();
        }
    }

    fn end_part(&mut self) {
        self.minima[self.part] = self.current;
        self.part = (self.part + 1) % PARTS;
        self.current = [f32::INFINITY; BANDS];
        self.lowest = self.minima[0];
        for part in &self.minima[1..] {
            for (lowest, minimum) in self.lowest.iter_mut().zip(part) {
                *lowest = lowest.min(*minimum);
            }
        }
    }

    /// Power of the background per band; 0 before the first frame.
    pub fn bands(&self) -> &PerBand {
        &self.mean
    }

    /// Power of the background over all bands.
    pub fn power(&self) -> f64 {
        self.mean.iter().map(|power| f64::from(*power)).sum()
    }
}
