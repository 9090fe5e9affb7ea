//! The detectors that are compared, each as seconds of a scene.

use habitat_benches::{
    plain::{ActivityFrame, SpeechActivity, is_speech_band},
    sounds::{scene::Heard, voice::TRUTH_HZ},
};
use habitat_dsp::{
    spectrum::{Analyser, BAND_COUNT, a_weighting_db, band_centre_hz},
    speech::{SpeechDetector, SpeechTools},
    units::db_to_power,
};

/// What a detector says about one second.
#[derive(Clone, Copy, Debug)]
pub struct Second {
    /// Share of speech.
    pub ratio: f64,
    /// A-weighted power of the speech.
    pub power: f64,
}

/// Makes seconds of a scene at a sampling rate.
pub type Detector = fn(&Heard, f64) -> Vec<Second>;

const SECOND: usize = TRUTH_HZ as usize;

/// The detector under test, at the end of each second.
pub fn ours(heard: &Heard, rate_hz: f64) -> Vec<Second> {
    let mut tools = SpeechTools::new(rate_hz);
    let mut detector = SpeechDetector::default();
    let second = |samples: &[f32]| {
        for frame in samples.chunks_exact(heard.hop) {
            detector.process(&mut tools, frame);
        }
        let period = detector.end_period();
        Second {
            ratio: period.ratio,
            power: period.power,
        }
    };
    heard.samples.chunks_exact(heard.hop * SECOND).map(second).collect()
}

/// The detector under test frame by frame, without a look back.
pub fn ours_at_once(heard: &Heard, rate_hz: f64) -> Vec<Second> {
    let mut tools = SpeechTools::new(rate_hz);
    let mut detector = SpeechDetector::default();
    let second = |samples: &[f32]| {
        let frames = samples
            .chunks_exact(heard.hop)
            .map(|frame| detector.process(&mut tools, frame));
        let (active, energy) = frames.fold((0.0, 0.0), |(active, energy), frame| {
            if frame.active {
                (active + 1.0, energy + frame.excess_power)
            } else {
                (active, energy)
            }
        });
        detector.end_period();
        Second {
            ratio: active / SECOND as f64,
            power: (energy / f64::max(active, 1.0)).max(0.0),
        }
    };
    heard.samples.chunks_exact(heard.hop * SECOND).map(second).collect()
}

/// Level above the background and its fluctuation: the detector that was there before.
pub fn plain(heard: &Heard, rate_hz: f64) -> Vec<Second> {
    let mut analyser = Analyser::new(rate_hz);
    let window = Analyser::window_frames(rate_hz);
    let mut detector = SpeechActivity::default();
    let weight: [f64; BAND_COUNT] = core::array::from_fn(|band| db_to_power(a_weighting_db(band_centre_hz(band))));
    let mut padded = vec![0.0; window - heard.hop];
    padded.extend(&heard.samples);
    let frames: Vec<_> = (0..heard.speech.len())
        .map(|frame| {
            let mut bands = [0.0; BAND_COUNT];
            analyser.analyse(&padded[frame * heard.hop..frame * heard.hop + window], &[], &mut bands);
            let sum = |speech: bool| -> f64 {
                (0..BAND_COUNT)
                    .filter(|band| !speech || is_speech_band(band_centre_hz(*band)))
                    .map(|band| bands[band] * weight[band])
                    .sum()
            };
            detector.process(sum(true), sum(false))
        })
        .collect();
    let second = |frames: &[ActivityFrame]| {
        let active = frames.iter().filter(|frame| frame.active).count() as f64;
        let energy: f64 = frames
            .iter()
            .filter(|frame| frame.active)
            .map(|frame| frame.excess_power)
            .sum();
        Second {
            ratio: active / frames.len() as f64,
            power: energy / active.max(1.0),
        }
    };
    frames.chunks_exact(SECOND).map(second).collect()
}

/// The neural detector alone with a fixed gain: with 15 dB less it misses distant voices, with 15 dB more it takes noise for
/// voices.
pub fn neural(heard: &Heard, rate_hz: f64) -> Vec<Second> {
    let gain = 10f32.powf(-75.0 / 20.0);
    let mut detector = earshot::Detector::default();
    let voices: Vec<f64> = heard
        .samples
        .chunks_exact(256)
        .map(|step| {
            let mut scaled = [0.0; 256];
            scaled
                .iter_mut()
                .zip(step)
                .for_each(|(slot, sample)| *slot = (sample * gain).clamp(-1.0, 1.0));
            f64::from(detector.predict_f32(&scaled))
        })
        .collect();
    let per_second = rate_hz / 256.0;
    (0..heard.speech.len() / SECOND)
        .map(|second| {
            let range = (second as f64 * per_second) as usize..(((second + 1) as f64 * per_second) as usize).min(voices.len());
            let count = range.len().max(1) as f64;
            Second {
                ratio: voices[range].iter().filter(|voice| **voice >= 0.5).count() as f64 / count,
                power: 0.0,
            }
        })
        .collect()
}

/// Somebody always talks.
pub fn always(heard: &Heard, _rate_hz: f64) -> Vec<Second> {
    vec![Second { ratio: 1.0, power: 0.0 }; heard.speech.len() / SECOND]
}
