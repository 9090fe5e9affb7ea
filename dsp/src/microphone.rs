//! One microphone: samples in, levels and speech out.

use crate::{
    level::{AWeighting, FastWeighting},
    setup::{EngineSetup, MicrophoneSetup, OwnSoundSetup},
    spectrum::{Analyser, BAND_COUNT, Bands, a_weighting_db, band_centre_hz},
    speech::{ActivityFrame, SpeechActivity, is_speech_band},
    units::{db_to_power, pressure_per_sample},
};

/// Samples beyond this are not sound: 40 dB above full scale.
const LARGEST_SAMPLE: f32 = 100.0;

/// Power weights of the A-weighting per third-octave band, for all bands and for those of speech.
#[derive(Clone, Debug)]
pub struct BandWeights {
    all: Bands<f64>,
    speech: Bands<f64>,
}

impl Default for BandWeights {
    fn default() -> Self {
        let all: Bands<f64> = core::array::from_fn(|band| db_to_power(a_weighting_db(band_centre_hz(band))));
        let speech = core::array::from_fn(|band| {
            if is_speech_band(band_centre_hz(band)) {
                all[band]
            } else {
                0.0
            }
        });
        BandWeights { all, speech }
    }
}

/// Measurement of one microphone.
#[derive(Clone, Debug)]
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

/// What a microphone collects over one period.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// Frames that arrived.
    frames: u32,
    /// Sum of the A-weighted squares.
    energy: f64,
    /// Highest F-weighted power.
    highest: f64,
    /// Sum over hops of the predicted power of our own sound.
    own_energy: f64,
    hops: u32,
    /// A sample was not a number.
    not_a_number: bool,
}

impl Microphone {
    /// At rest.
    pub fn new(setup: &MicrophoneSetup, site: &EngineSetup) -> Self {
        let sample_rate_hz = f64::from(site.sample_rate_hz);
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

    /// Takes samples. What is not a number, or no possible sound, counts as silence and makes the period invalid.
    pub fn take(&mut self, samples: impl Iterator<Item = f32>) {
        for sample in samples {
            let valid = sample.is_finite() && sample.abs() <= LARGEST_SAMPLE;
            self.period.not_a_number |= !valid;
            let pressure = if valid {
                f64::from(sample) * self.pressure_per_sample
            } else {
                0.0
            };

            self.period.frames += 1;
            let weighted = self.weighting.process(pressure);
            let squared = weighted * weighted;
            self.period.energy += squared;
            self.period.highest = self.period.highest.max(self.fast.process(squared));

            self.recent[self.next] = pressure as f32;
            self.next += 1;
            if self.next == self.recent.len() {
                self.next = 0;
            }
        }
    }

    /// At the end of a hop: spectrum and speech of the last window. `drives` are those of the zones' loudspeakers.
    pub fn analyse(&mut self, analyser: &mut Analyser, weights: &BandWeights, drives: &[f64]) {
        let (newer, older) = self.recent.split_at(self.next);
        analyser.analyse(older, newer, &mut self.bands);
        let weighted = |weights: &Bands<f64>| self.bands.iter().zip(weights).map(|(power, weight)| power * weight).sum();
        let (in_speech_bands, in_all_bands) = (weighted(&weights.speech), weighted(&weights.all));
        self.frame = self.speech.process(in_speech_bands, in_all_bands);
        self.period.own_energy += self.own_sound.iter().map(|own| own.power * drives[own.zone]).sum::<f64>();
        self.period.hops += 1;
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
    pub fn end_period(&mut self) -> Period {
        core::mem::take(&mut self.period)
    }
}

/// A-weighted power of each zone's masking at a microphone, when each of its loudspeakers plays 0 dB(A) at 1 m.
fn own_sound_by_zone(microphone: &MicrophoneSetup, site: &EngineSetup) -> Vec<OwnSoundSetup> {
    let weighted = |gain_db: &Bands<f32>| -> f64 {
        (0..BAND_COUNT)
            .map(|band| {
                db_to_power(site.masking_spectrum_db[band] + a_weighting_db(band_centre_hz(band)) + f64::from(gain_db[band]))
            })
            .sum()
    };
    let at_1_m = weighted(&[0.0; BAND_COUNT]);
    let mut by_zone: Vec<OwnSoundSetup> = Vec::new();
    for coupling in &microphone.loudspeakers {
        let zone = site.loudspeakers[coupling.loudspeaker].zone;
        let power = if at_1_m > 0.0 {
            weighted(&coupling.gain_db) / at_1_m
        } else {
            0.0
        };
        match by_zone.iter_mut().find(|own| own.zone == zone) {
            Some(own) => own.power += power,
            None => by_zone.push(OwnSoundSetup { zone, power }),
        }
    }
    by_zone
}

impl Period {
    /// Mean A-weighted power over the frames that arrived.
    pub fn mean_power(&self) -> f64 {
        self.energy / f64::from(self.frames.max(1))
    }

    /// Highest F-weighted power.
    pub fn highest_power(&self) -> f64 {
        self.highest
    }

    /// Mean predicted power of our own sound.
    pub fn own_power(&self) -> f64 {
        self.own_energy / f64::from(self.hops.max(1))
    }

    /// Whether a sample was not a number.
    pub fn not_a_number(&self) -> bool {
        self.not_a_number
    }

    /// Whether the period can be used: every sample was a number, and nearly all of `frames` arrived.
    pub fn valid(&self, frames: u32) -> bool {
        !self.not_a_number && self.frames >= frames - frames / 10
    }
}
