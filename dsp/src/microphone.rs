//! One microphone behind its front end: own sound out, speech found, a fifth of a second at a time.

use crate::{
    hearing::WORK_HOPS,
    own_sound::{References, Remover, Tools, Tuning},
    report::Removal,
    setup::{EngineSetup, MicrophoneSetup},
    speech::{SpeechDetector, SpeechPeriod, SpeechTools},
    units::db_to_power,
};

/// Speech softer than this at the microphone distracts nobody, dB(A).
const SOFTEST_SPEECH_DB: f64 = 22.0;

/// What is known of a period beside its levels, per frame of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeardPeriod {
    /// Blocks that were heard; none when the input was missing.
    pub blocks: u32,
    /// Mean A-weighted power of our own sound, and its standard uncertainty.
    pub own_power: f64,
    pub own_uncertainty: f64,
    /// How it was removed, in all blocks alike; else by power.
    pub removal: Removal,
    /// Mean A-weighted power of the steady background, our own sound removed.
    pub background_power: f64,
    /// Speech.
    pub speech: SpeechPeriod,
}

/// A microphone.
pub struct Microphone {
    filling: Vec<f32>,
    filled: usize,
    working: Vec<f32>,
    /// Whether its device was there all the while, for each of the two.
    filling_heard: bool,
    working_heard: bool,
    present: bool,
    common_clock: bool,
    frames_per_hop: usize,
    pub remover: Remover,
    speech: SpeechDetector,
    period: Sums,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    blocks: u32,
    own: f64,
    left: f64,
    uncertainty: f64,
    by_waveform: u32,
}

impl Microphone {
    pub fn new(setup: &MicrophoneSetup, site: &EngineSetup, tuning: &Tuning) -> Self {
        Microphone {
            filling: vec![0.0; tuning.block],
            filled: 0,
            working: vec![0.0; tuning.block],
            filling_heard: true,
            working_heard: false,
            present: true,
            common_clock: setup.common_clock,
            frames_per_hop: tuning.block / WORK_HOPS as usize,
            remover: Remover::new(tuning, setup, site),
            speech: SpeechDetector::default(),
            period: Sums::default(),
        }
    }

    /// Its device is lost, or there again.
    pub fn set_present(&mut self, present: bool) {
        self.present = present;
        self.filling_heard &= present;
    }

    /// Whether the block that is worked on was heard as a whole.
    pub fn is_heard(&self) -> bool {
        self.working_heard
    }

    /// Whether the alignment of the site holds for it.
    pub fn has_common_clock(&self) -> bool {
        self.common_clock
    }

    /// The references have been aligned anew, or (`false`) nobody knows how they are aligned.
    pub fn align(&mut self, aligned: bool) {
        self.remover.align(aligned && self.common_clock);
    }

    /// Takes samples at the lower rate; tells whether a block is full now.
    pub fn take(&mut self, pressure: impl Iterator<Item = f32>) -> bool {
        let slots = self.filling.get_mut(self.filled..).unwrap_or_default();
        for (slot, pressure) in slots.iter_mut().zip(pressure) {
            *slot = pressure;
            self.filled += 1;
        }
        self.filled == self.filling.len()
    }

    /// The full block is to be worked on.
    pub fn begin_block(&mut self) {
        core::mem::swap(&mut self.filling, &mut self.working);
        self.working_heard = core::mem::replace(&mut self.filling_heard, self.present);
        self.filled = 0;
    }

    /// The block that is worked on.
    pub fn block(&self) -> &[f32] {
        &self.working
    }

    /// Works on the full block.
    pub fn work(&mut self, tools: &mut Tools, speech_tools: &mut SpeechTools, references: &References, drives: &[f64]) {
        let removed = self.remover.process(tools, references, drives, &self.working);
        let period = &mut self.period;
        period.blocks += 1;
        period.own += removed.own_energy;
        period.left += removed.left_energy;
        period.uncertainty += removed.uncertainty;
        period.by_waveform += u32::from(removed.removal == Removal::Waveform);
        for frame in tools.residual.chunks(self.frames_per_hop.max(1)) {
            self.speech.process(speech_tools, frame);
        }
    }

    /// Ends the period and begins the next.
    pub fn end_period(&mut self) -> HeardPeriod {
        let sums = core::mem::take(&mut self.period);
        let frames = f64::from(sums.blocks.max(1)) * self.working.len() as f64;
        HeardPeriod {
            blocks: sums.blocks,
            own_power: sums.own / frames,
            own_uncertainty: sums.uncertainty / frames,
            removal: if sums.blocks > 0 && sums.by_waveform == sums.blocks {
                Removal::Waveform
            } else {
                Removal::Power
            },
            background_power: (self.speech.background_power() - sums.left / frames).max(0.0),
            speech: audible(self.speech.end_period()),
        }
    }
}

/// What is judged to be speech but is hardly louder than nothing is the memory of speech that has ended.
fn audible(speech: SpeechPeriod) -> SpeechPeriod {
    if speech.power >= db_to_power(SOFTEST_SPEECH_DB) {
        return speech;
    }
    SpeechPeriod {
        ratio: 0.0,
        power: 0.0,
        ..speech
    }
}
