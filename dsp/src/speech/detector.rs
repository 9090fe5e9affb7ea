//! Speech at one microphone: whether somebody talks, and how loud.
//!
//! Every 20 ms the spectrum is compared with the steady background and the pitch is followed. The evidence is kept for two
//! seconds; at the end of a period its frames are judged in view of what came before *and after*, so that onsets and gaps
//! between syllables are not missed. No samples are kept longer than one window of 64 ms.
//!
//! A neural detector (the crate `earshot` 1.2) was tried as one more input: the cross-entropy of the fit fell from 0.162 to
//! 0.159, and the cost rose fourfold. On its own it misses distant voices or takes machines, music and water for voices.

use super::{
    background::Background,
    decision::probability,
    evidence::{EVIDENCE, EvidenceFilters, excess_db},
    history::{History, Inputs, REMEMBERED},
    tools::{SpeechTools, WINDOW},
    voicing::{PitchFollower, Voicing},
};

/// A frame is speech from this probability on.
const SPEECH: f32 = 0.5;

/// Powers below this, -20 dB(A), are those of a channel without a signal.
const SILENCE: f32 = 0.01;

/// Frames after which the probability is renewed within a period, and frames that are judged together at its end: syllables
/// are longer, and judging each frame twice costs as much as all spectra.
const RENEWED_FRAMES: usize = 5;
const JUDGED_FRAMES: usize = 2;

/// What one frame says, without knowledge of what comes after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpeechFrame {
    /// Probability that somebody talks.
    pub probability: f64,
    /// Somebody talks.
    pub active: bool,
    /// A-weighted power above the steady background. Its mean over noise is zero, so a single frame may be below.
    pub excess_power: f64,
}

/// What a period says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpeechPeriod {
    /// Share of the frames in which somebody talks, 0-1.
    pub ratio: f64,
    /// Mean probability that somebody talks.
    pub probability: f64,
    /// Mean A-weighted power of the speech over those frames, background and own masking removed; 0 without speech.
    pub power: f64,
}

/// The detector of one microphone.
#[derive(Clone, Debug)]
pub struct SpeechDetector {
    recent: Vec<f32>,
    background: Background,
    pitch: PitchFollower,
    filters: EvidenceFilters,
    history: History,
    period_frames: usize,
    heard_samples: usize,
    /// Of the last frame.
    probability: f32,
}

impl Default for SpeechDetector {
    fn default() -> Self {
        SpeechDetector {
            recent: vec![0.0; WINDOW],
            background: Background::default(),
            pitch: PitchFollower::default(),
            filters: EvidenceFilters::default(),
            history: History::default(),
            period_frames: 0,
            heard_samples: 0,
            probability: 0.0,
        }
    }
}

impl SpeechDetector {
    /// Takes the samples of 20 ms, in units of 20 µPa. More than one window of them counts from the last window on. The
    /// probability is renewed every 0.1 s.
    pub fn process(&mut self, tools: &mut SpeechTools, samples: &[f32]) -> SpeechFrame {
        let samples = &samples[samples.len().saturating_sub(WINDOW)..];
        self.recent.copy_within(samples.len().., 0);
        self.recent[WINDOW - samples.len()..].copy_from_slice(samples);

        self.heard_samples = (self.heard_samples + samples.len()).min(WINDOW);
        let power = tools.analyse(&self.recent);
        let total = power.iter().sum::<f32>();
        if self.heard_samples < WINDOW || !total.is_finite() || total < SILENCE {
            // Neither a window that is not full yet nor a channel without a signal is the background; and what is not a number
            // must not stay in any memory.
            self.history.push([0.0; EVIDENCE], 0.0);
            self.period_frames = (self.period_frames + 1).min(REMEMBERED / 2);
            self.probability = 0.0;
            return SpeechFrame::default();
        }
        self.background.process(tools.scatter(), &power, self.probability);
        let background = *self.background.bands();
        let excess = excess_db(&power, &background);
        let background_power = self.background.power();
        let voicing: Voicing = self.pitch.process(tools, &power, &background);
        let excess_power = total - background_power as f32;
        self.history.push(self.filters.process(&excess, voicing), excess_power);
        self.period_frames = (self.period_frames + 1).min(REMEMBERED / 2);

        if self.period_frames.is_multiple_of(RENEWED_FRAMES) {
            self.probability = probability(&self.history.inputs(0));
        }
        SpeechFrame {
            probability: f64::from(self.probability),
            active: self.probability >= SPEECH,
            excess_power: f64::from(excess_power),
        }
    }

    /// Ends a period and begins the next. Of a period longer than a second the last second counts.
    pub fn end_period(&mut self) -> SpeechPeriod {
        self.end_period_by(|_, inputs| probability(inputs))
    }

    /// Ends a period with another judge, who gets the age of a frame in frames and its view: for fitting one.
    pub fn end_period_by(&mut self, mut judge: impl FnMut(usize, &Inputs) -> f32) -> SpeechPeriod {
        let frames = self.period_frames;
        let (mut active, mut certainty, mut energy) = (0.0, 0.0, 0.0);
        let mut last = 0.0;
        for age in (0..frames).rev() {
            if (age + 1).is_multiple_of(JUDGED_FRAMES) || age + 1 == frames {
                last = judge(age, &self.history.inputs(age));
            }
            certainty += f64::from(last);
            if last >= SPEECH {
                active += 1.0;
                energy += f64::from(self.history.excess_power(age));
            }
        }
        self.period_frames = 0;
        let count = (frames as f64).max(1.0);
        SpeechPeriod {
            ratio: active / count,
            probability: certainty / count,
            power: if active > 0.0 { (energy / active).max(0.0) } else { 0.0 },
        }
    }

    /// A-weighted power of the steady background, what is left of our own masking included.
    pub fn background_power(&self) -> f64 {
        self.background.power()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::TAU;

    /// One second of 320 samples per frame.
    fn second(detector: &mut SpeechDetector, tools: &mut SpeechTools, mut sample: impl FnMut(f64) -> f64) -> SpeechPeriod {
        for frame in 0..50 {
            let samples: Vec<f32> = (0..320)
                .map(|n| sample(f64::from(frame * 320 + n) / 16_000.0) as f32)
                .collect();
            detector.process(tools, &samples);
        }
        detector.end_period()
    }

    #[test]
    fn digital_silence_is_no_speech_and_no_background() {
        let (mut detector, mut tools) = (SpeechDetector::default(), SpeechTools::new(16_000.0));
        for _ in 0..10 {
            let period = second(&mut detector, &mut tools, |_| 0.0);
            assert_eq!((period.ratio, period.power), (0.0, 0.0));
            assert!(period.probability < 0.5);
            assert_eq!(detector.background_power(), 0.0);
        }
    }

    #[test]
    fn a_steady_tone_is_background_at_its_weighted_level() {
        let (mut detector, mut tools) = (SpeechDetector::default(), SpeechTools::new(16_000.0));
        for _ in 0..5 {
            let period = second(&mut detector, &mut tools, |t| 100.0 * 2f64.sqrt() * (TAU * 1000.0 * t).sin());
            assert_eq!(period.ratio, 0.0);
        }
        let level = 10.0 * detector.background_power().log10();
        assert!((level - 40.0).abs() < 0.3, "{level}");
    }

    #[test]
    fn what_is_not_a_number_is_forgotten_with_its_window() {
        let (mut detector, mut tools) = (SpeechDetector::default(), SpeechTools::new(16_000.0));
        let mut tone = |t: f64| 100.0 * 2f64.sqrt() * (TAU * 1000.0 * t).sin();
        second(&mut detector, &mut tools, &mut tone);
        assert_eq!(second(&mut detector, &mut tools, |_| f64::NAN).ratio, 0.0);
        second(&mut detector, &mut tools, &mut tone);
        assert!((10.0 * detector.background_power().log10() - 40.0).abs() < 0.3);
    }

    #[test]
    fn any_number_of_samples_is_taken() {
        let (mut detector, mut tools) = (SpeechDetector::default(), SpeechTools::new(16_000.0));
        for count in [0, 1, 294, 320, 1024, 5000] {
            let frame = detector.process(&mut tools, &vec![1.0; count]);
            assert!(frame.probability.is_finite() && frame.excess_power.is_finite());
        }
        assert_eq!(SpeechDetector::default().end_period(), SpeechPeriod::default());
    }
}
