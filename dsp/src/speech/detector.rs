//! Speech at one microphone: whether somebody talks, and how loud.
//!
//! Every 20 ms the spectrum is compared with the steady background and the pitch is followed. The evidence is kept for two seconds; at the end of a period every frame of it is judged
//! in view of what came before *and after*, so that onsets and gaps between syllables are not missed. No samples are kept
//! longer than one window of 64 ms.

use super::{
    background::Background,
    decision::probability,
    evidence::{EvidenceFilters, excess_db},
    history::{History, Inputs, REMEMBERED},
    tools::{SpeechTools, WINDOW},
    voicing::{PitchFollower, Voicing},
};

/// A frame is speech from this probability on.
const SPEECH: f32 = 0.5;

/// Frames after which the probability is renewed within a period, and frames that are judged together at its end: syllables
/// are longer, and judging costs as much as a spectrum.
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
            probability: 0.0,
        }
    }
}

impl SpeechDetector {
    /// Takes the samples of 20 ms, in units of 20 µPa.
    pub fn process(&mut self, tools: &mut SpeechTools, samples: &[f32]) -> SpeechFrame {
        let samples = &samples[samples.len().saturating_sub(WINDOW)..];
        self.recent.copy_within(samples.len().., 0);
        self.recent[WINDOW - samples.len()..].copy_from_slice(samples);

        let power = tools.analyse(&self.recent);
        self.background.process(tools.scatter(), &power, self.probability);
        let background = *self.background.bands();
        let excess = excess_db(&power, &background);
        let background_power = self.background.power();
        let voicing: Voicing = self.pitch.process(tools, &power, &background);
        let excess_power = power.iter().sum::<f32>() - background_power as f32;
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

    /// Ends a period of up to a second, and begins the next.
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
