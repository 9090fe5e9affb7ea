//! Cost of the speech detector per second of signal, beside a bare FFT of its window and beside the neural detector that was
//! considered for it.

use std::{hint::black_box, time::Instant};

use habitat_benches::{
    sounds::{disturbance::Disturbance, scene::Heard},
    speech_cases::{Case, Masking, PLACES, hear, judging_voices},
};
use habitat_dsp::speech::{SpeechDetector, SpeechTools};

const RATE_HZ: f64 = 16_000.0;
const SECONDS: usize = 30;

/// Detectors that take turns, so that their memory does not stay in the cache.
const MICROPHONES: usize = 64;

/// Repetitions; the fastest counts, because everything else on the machine only slows down.
const REPETITIONS: usize = 5;

fn main() {
    let case = |speech_db: Option<f64>| Case {
        speech_db,
        talkers: 2,
        place: PLACES[1],
        ventilation: (Disturbance::Ventilation, 32.0),
        masking: Masking::Steady(23.0),
        disturbance: None,
    };
    let scenes = hear(&judging_voices(RATE_HZ), RATE_HZ, SECONDS, 1, &[case(None), case(Some(45.0))]);
    println!("us per second of signal and microphone");
    for (name, heard) in ["nobody talks", "two talk"].iter().zip(&scenes) {
        println!(
            "{name:>14}: detector {:>6.1}, earshot {:>6.1}",
            detector_us(heard),
            neural_us(heard)
        );
    }
    println!(
        "memory of a detector: {} bytes and its window of 4 kB",
        size_of::<SpeechDetector>()
    );
}

fn detector_us(heard: &Heard) -> f64 {
    let mut tools = SpeechTools::new(RATE_HZ);
    let mut detectors = vec![SpeechDetector::default(); MICROPHONES];
    fastest_us(|| {
        for second in heard.samples.chunks_exact(50 * heard.hop).take(SECONDS / 5) {
            for frame in second.chunks_exact(heard.hop) {
                for detector in &mut detectors {
                    black_box(detector.process(&mut tools, black_box(frame)));
                }
            }
            for detector in &mut detectors {
                black_box(detector.end_period());
            }
        }
    }) / (MICROPHONES * (SECONDS / 5)) as f64
}

fn neural_us(heard: &Heard) -> f64 {
    let mut detector = earshot::Detector::default();
    let mut step = [0.0; 256];
    fastest_us(|| {
        for samples in heard.samples.chunks_exact(256) {
            step.iter_mut()
                .zip(samples)
                .for_each(|(slot, sample)| *slot = (sample * 2e-4).clamp(-1.0, 1.0));
            black_box(detector.predict_f32(black_box(&step)));
        }
    }) / SECONDS as f64
}

fn fastest_us(mut run: impl FnMut()) -> f64 {
    let once = |run: &mut dyn FnMut()| {
        let begin = Instant::now();
        run();
        begin.elapsed().as_secs_f64() * 1e6
    };
    (0..REPETITIONS).map(|_| once(&mut run)).fold(f64::INFINITY, f64::min)
}
