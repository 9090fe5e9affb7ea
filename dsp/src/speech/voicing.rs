//! Voicing: whether a window is periodic like a voice, and how its pitch moves.

use super::tools::{BANDS, LAG_SAMPLES, PerBand, SpeechTools};

/// Range of pitch: a low male to a high child's voice.
const LOWEST_HZ: f64 = 70.0;
const HIGHEST_HZ: f64 = 400.0;

/// Bands that voicing is looked for in: 100 Hz-2.5 kHz. Above, harmonics of a voice are no longer regular.
const VOICED_BANDS: core::ops::RangeInclusive<usize> = 1..=15;

/// From this correlation on a pitch is followed.
const FOLLOWED: f32 = 0.35;

/// Movement of the pitch per 20 ms, semitones: less is a machine or an instrument, more is chance. Speech glides by
/// 10-100 semitones per second ('t Hart, Collier & Cohen, A Perceptual Study of Intonation, 1990).
const STEADY_SEMITONES: f32 = 0.06;
const GLIDING_SEMITONES: f32 = 1.5;

/// What a window says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Voicing {
    /// Normalised correlation at the pitch period, 0-1.
    pub strength: f32,
    /// The pitch glided since the last window like that of a voice.
    pub gliding: bool,
    /// The pitch stood still like that of a machine.
    pub steady: bool,
}

/// Remembers the last pitch of one microphone.
#[derive(Clone, Debug, Default)]
pub struct PitchFollower {
    last_lag: Option<f32>,
}

impl PitchFollower {
    /// Looks at the last window of `tools`, given power and background per band.
    pub fn process(&mut self, tools: &mut SpeechTools, power: &PerBand, background: &PerBand) -> Voicing {
        // Half-way to white: each band counts by what exceeds the background, and loud bands do not hide the others.
        let mut gain = [0.0; BANDS];
        for band in VOICED_BANDS {
            let excess = (power[band] - 1.5 * background[band]).max(0.0);
            gain[band] = if power[band] > 0.0 {
                excess / power[band] / power[band].sqrt()
            } else {
                0.0
            };
        }
        let rate = tools.sample_rate_hz() / LAG_SAMPLES;
        let (shortest, longest) = ((rate / HIGHEST_HZ) as usize, (rate / LOWEST_HZ) as usize);
        let correlation = tools.autocorrelation(&gain);
        let Some((lag, peak)) = highest_peak(correlation, shortest, longest) else {
            self.last_lag = None;
            return Voicing::default();
        };
        let total = correlation.first().copied().unwrap_or(0.0);
        // The window's own correlation falls with the lag: that of a Hann window, to second order.
        let taper = 1.0 - 3.2 * (lag / correlation.len() as f32 / 2.0).powi(2);
        let strength = (peak / (total * taper)).clamp(0.0, 1.0);
        let moved = match self.last_lag {
            Some(last) if strength > FOLLOWED => Some(12.0 * (lag / last).log2().abs()),
            _ => None,
        };
        self.last_lag = (strength > FOLLOWED).then_some(lag);
        Voicing {
            strength,
            gliding: moved.is_some_and(|moved| (STEADY_SEMITONES..GLIDING_SEMITONES).contains(&moved)),
            steady: moved.is_some_and(|moved| moved < STEADY_SEMITONES),
        }
    }
}

/// Place and height of the highest local maximum, between the lags by a parabola.
fn highest_peak(correlation: &[f32], shortest: usize, longest: usize) -> Option<(f32, f32)> {
    let range = correlation.get(shortest - 1..longest + 2)?;
    let mut best: Option<(usize, &[f32])> = None;
    for (at, three) in range.windows(3).enumerate() {
        let higher = three[1] > best.map_or(0.0, |(_, highest)| highest[1]);
        if higher && three[1] >= three[0] && three[1] > three[2] {
            best = Some((at, three));
        }
    }
    let (at, three) = best?;
    let (bend, slope) = (three[0] - 2.0 * three[1] + three[2], three[0] - three[2]);
    let offset = if bend < 0.0 { 0.5 * slope / bend } else { 0.0 };
    Some(((at + shortest) as f32 + offset, three[1] - 0.25 * slope * offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::tools::WINDOW;
    use core::f64::consts::TAU;

    fn follow(rate: f64, hop: usize, pitch_hz: impl Fn(f64) -> f64) -> Vec<Voicing> {
        let mut tools = SpeechTools::new(rate);
        let mut phase = 0.0;
        let samples: Vec<f32> = (0..WINDOW + 40 * hop)
            .map(|n| {
                phase += TAU * pitch_hz(n as f64 / rate) / rate;
                (1..12).map(|k| (phase * f64::from(k)).cos() as f32).sum()
            })
            .collect();
        let mut follower = PitchFollower::default();
        (0..40)
            .map(|frame| {
                let power = tools.analyse(&samples[frame * hop..frame * hop + WINDOW]);
                follower.process(&mut tools, &power, &[1e-9; BANDS])
            })
            .collect()
    }

    #[test]
    fn a_gliding_buzz_glides_and_a_steady_one_stands() {
        for (rate, hop) in [(16_000.0, 320), (14_700.0, 294)] {
            let glide = follow(rate, hop, |t| 180.0 - 60.0 * t);
            assert!(
                glide[1..].iter().filter(|v| v.gliding && v.strength > 0.7).count() > 35,
                "{glide:?}"
            );
            let hum = follow(rate, hop, |_| 123.0);
            assert!(hum[1..].iter().all(|v| v.steady && v.strength > 0.8), "{hum:?}");
        }
    }

    #[test]
    fn silence_has_no_pitch() {
        let mut tools = SpeechTools::new(16_000.0);
        let power = tools.analyse(&[0.0; WINDOW]);
        let voicing = PitchFollower::default().process(&mut tools, &power, &[0.0; BANDS]);
        assert_eq!(voicing, Voicing::default());
    }
}
