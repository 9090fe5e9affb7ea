//! One microphone behind its front end: own sound out, speech found, a fifth of a second at a time.

use crate::{
    level::{AWeighting, FastWeighting},
    setup::{EngineSetup, MicrophoneSetup, OwnSoundSetup},
    spectrum::{Analyser, BAND_COUNT, Bands, a_weighting_db, band_centre_hz},
    speech::{ActivityFrame, SpeechActivity, is_speech_band},
    units::{db_to_power, pressure_per_sample},
};

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
    pressure_per_sample: f64,
    own_sound: Vec<OwnSoundSetup>,
    weighting: AWeighting,
    fast: FastWeighting,
    recent: Vec<f32>,
    next: usize,
    bands: Bands<f64>,
    speech: SpeechActivity,
    frame: ActivityFrame,
    period: Period,
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
    pub fn new(setup: &MicrophoneSetup, site: &EngineSetup, filter: &DecimatorFilter, tuning: &Tuning) -> Self {
        Microphone {
            pressure_per_sample: pressure_per_sample(setup.sensitivity_dbfs),
            own_sound: own_sound_by_zone(setup, site),
            weighting: AWeighting::new(sample_rate_hz),
            fast: FastWeighting::new(sample_rate_hz),
            recent: vec![0.0; Analyser::window_frames(sample_rate_hz)],
            next: 0,
            bands: [0.0; BAND_COUNT],
            speech: SpeechActivity::default(),
            frame: ActivityFrame::default(),
            period: Period::default(),
        }
    }

    /// Takes a part of a hop, from frame `at` of the hop on.
    pub fn take(&mut self, at: usize, pressure: impl Iterator<Item = f32>, count: usize) {
        let slots = self.hop.iter_mut().skip(at).take(count);
        slots.zip(pressure).for_each(|(slot, pressure)| *slot = pressure);
    }

    /// At the end of a hop; tells whether a block is full now.
    pub fn end_hop(&mut self, filter: &DecimatorFilter) -> bool {
        let slots = self.filling.get_mut(self.filled..).unwrap_or_default();
        self.filled += self.decimator.process(filter, &self.hop, slots);
        if self.filled < self.filling.len() {
            return false;
        }
        core::mem::swap(&mut self.filling, &mut self.working);
        self.filled = 0;
        true
    }

    /// The block that is worked on.
    pub fn block(&self) -> &[f32] {
        &self.working
    }

    /// Speech in the last frame.
    pub fn speech(&self) -> ActivityFrame {
        self.frame
    }

    /// F-weighted power now.
    pub fn fast_power(&self) -> f64 {
        self.fast.power()
    }

    /// Whether the F weighting has settled after the start.
    pub fn settled(&self) -> bool {
        self.fast.settled()
    }

    /// A-weighted power of the steady background, our own masking included.
    pub fn background_power(&self) -> f64 {
        self.speech.background_power()
    }

    /// Whether the period so far is free of faults.
    pub fn valid(&self) -> bool {
        !self.period.not_a_number
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
            speech: self.speech.end_period(),
        }
    }
}
