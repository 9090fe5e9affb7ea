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

/// Seconds of noise in a single frame: the effective length of its window. Its power is seldom more than 3 σ below the mean.
const FRAME_S: f64 = 0.04;
const LOWEST_SIGMAS: f64 = 3.0;

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
    /// The smoothed power is at most this factor above that of a single frame, so that the end of something loud is noticed
    /// at once and not after many time constants.
    largest_lag: PerBand,
}

impl Scatter {
    /// For bands of the given widths.
    pub fn new(width_hz: impl Fn(usize) -> f64) -> Self {
        let factor_over = |seconds: f64, band: usize, sigmas: f64| {
            let sigma = (1.0 / (width_hz(band) * seconds)).sqrt();
            (DRIFT * (sigmas * sigma).exp()) as f32
        };
        let factor = |band: usize, sigmas: f64| factor_over(EFFECTIVE_S, band, sigmas);
        Scatter {
            near_minimum: core::array::from_fn(|band| factor(band, MINIMUM_SIGMAS + HIGHEST_SIGMAS)),
            largest_bias: core::array::from_fn(|band| factor(band, MINIMUM_SIGMAS)),
            largest_lag: core::array::from_fn(|band| factor_over(FRAME_S, band, LOWEST_SIGMAS)),
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
        let (smoothing, averaging) = (
            share(SMOOTHING_S).max(first),
            (share(AVERAGING_S) * (1.0 - speech)).max(first),
        );
        #[expect(clippy::needless_range_loop, reason = "seven arrays go in step")]
        for band in 0..BANDS {
            let smoothed = self.smoothed[band] + smoothing * (power[band] - self.smoothed[band]);
            let smoothed = smoothed.min(scatter.largest_lag[band] * power[band]);
            self.smoothed[band] = smoothed;
            self.current[band] = self.current[band].min(smoothed);
            let minimum = self.current[band].min(self.lowest[band]);
            if smoothed <= scatter.near_minimum[band] * minimum {
                self.mean[band] += averaging * (power[band] - self.mean[band]);
            }
            self.mean[band] = self.mean[band].min(scatter.largest_bias[band] * minimum).max(minimum);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::tools::{SpeechTools, WINDOW};

    const HOP: usize = 320;

    /// Levels (dB) of the background that is found in white noise with the given level over the time (s).
    fn follow(seconds: f64, level_db: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut tools = SpeechTools::new(16_000.0);
        let (mut background, mut state) = (Background::default(), 1u64);
        let (mut recent, mut plain) = (vec![0.0f32; WINDOW], vec![0.0f32; WINDOW]);
        // The A-weighting of white noise up to 8 kHz is not what is tested: the noise is measured the same way.
        let mut reference = 0.0;
        let frames = (seconds * FRAMES_PER_S) as usize;
        let levels: Vec<f64> = (0..frames)
            .map(|frame| {
                recent.copy_within(HOP.., 0);
                plain.copy_within(HOP.., 0);
                let gain = 10f64.powf(level_db(frame as f64 / FRAMES_PER_S) / 20.0);
                for n in WINDOW - HOP..WINDOW {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    plain[n] = ((state >> 33) as f64 / 2f64.powi(30) - 1.0) as f32;
                    recent[n] = plain[n] * gain as f32;
                }
                reference += tools.analyse(&plain).iter().map(|p| f64::from(*p)).sum::<f64>() / frames as f64;
                let power = tools.analyse(&recent);
                if (frame + 1) * HOP < WINDOW {
                    return 0.0;
                }
                background.process(tools.scatter(), &power, 0.0);
                background.power()
            })
            .collect();
        levels.iter().map(|power| 10.0 * (power / reference).log10()).collect()
    }

    #[test]
    fn steady_noise_is_background_at_its_level() {
        let levels = follow(20.0, |_| 30.0);
        assert!(
            levels[250..].iter().all(|level| (level - 30.0).abs() < 0.4),
            "{:?}",
            &levels[250..260]
        );
    }

    #[test]
    fn a_fall_is_followed_within_two_seconds_and_a_rise_within_six() {
        let levels = follow(30.0, |t| if (10.0..20.0).contains(&t) { 40.0 } else { 30.0 });
        assert!((levels[800..990].iter().sum::<f64>() / 190.0 - 40.0).abs() < 0.4);
        assert!(
            levels[1100..].iter().all(|level| (level - 30.0).abs() < 1.0),
            "{:?}",
            &levels[1100..1110]
        );
    }

    #[test]
    fn drift_of_3_db_per_minute_is_followed() {
        let levels = follow(60.0, |t| 30.0 + t / 20.0);
        for (n, level) in levels.iter().enumerate().skip(300) {
            let now = 30.0 + n as f64 / 50.0 / 20.0;
            assert!((level - now).abs() < 0.6, "{level} at {now}");
        }
    }

    #[test]
    fn bursts_with_gaps_do_not_raise_it() {
        let levels = follow(20.0, |t| if t.fract() < 0.4 { 50.0 } else { 30.0 });
        assert!(
            levels[250..].iter().all(|level| (level - 30.0).abs() < 1.5),
            "{:?}",
            &levels[250..300]
        );
    }
}
