//! Fits the network of the speech detector and prints `dsp/src/speech/weights.rs`.
//!
//! `cargo run --release -p habitat-benches --example fit_speech > dsp/src/speech/weights.rs`
//!
//! The voices are made by espeak-ng, which has to be installed.
//!
//! Cross-entropy per frame, minimised by Adam (Kingma & Ba, 2015) with a little weight decay. Frames of speech that nobody
//! could hear, 9 dB below everything else, teach nothing and are left out.

use std::process::Command;

use habitat_benches::{
    sounds::{disturbance::Disturbance, level::weighted_frames, random::Random, voice::Voice},
    speech_cases::{Case, any_case, hear},
};
use habitat_dsp::speech::{HIDDEN, INPUTS, Inputs, SpeechDetector, SpeechTools};

const RATE_HZ: f64 = 16_000.0;
const SCENES: usize = 1600;
const SECONDS: usize = 24;

/// Every so many frames are used: neighbours say nearly the same.
const EVERY: usize = 4;

const EPOCHS: usize = 14;
const STEP: f64 = 0.002;
const DECAY: f64 = 1e-4;

/// The first seconds of a scene, in which the background is not known yet, are not used.
const SETTLING_FRAMES: usize = 50;

/// A kind of sound that is kept for judging: how the detector does on what it never heard.
const KEPT: Disturbance = Disturbance::Steps;

/// Voices, speeds and texts of the synthesiser; none is one of the demo's.
const SPEAKERS: [(&str, &str, &str); 12] = [
    (
        "en-us+f1",
        "150",
        "The train to the coast leaves at a quarter past nine. Did you bring the tickets? I thought you had them in your bag.",
    ),
    (
        "en-gb+m1",
        "165",
        "There was frost on the fields this morning. We lit the stove and made coffee. Nobody wanted to go outside before ten.",
    ),
    (
        "en-us+m2",
        "155",
        "Turn left at the bridge and follow the river. After two miles you will see a mill. That is where we meet.",
    ),
    (
        "en-gb+f4",
        "170",
        "My sister plays the cello in an orchestra. They travel every spring. Last year they were in Lisbon for a week.",
    ),
    (
        "en-us+f5",
        "140",
        "If the numbers are right, we need a bigger tank. Ask Peter whether he has measured it himself. I doubt it.",
    ),
    (
        "en-gb+m4",
        "145",
        "No, that is not what I meant. Put the blue one on top of the other. Yes, exactly like this. Thank you.",
    ),
    (
        "de+m5",
        "150",
        "Der Zug hat wieder Verspätung. Wir treffen uns vor dem Bahnhof und gehen zu Fuß. Das dauert kaum zehn Minuten.",
    ),
    (
        "de+f2",
        "160",
        "Hast du die Rechnung schon bezahlt? Sie liegt seit gestern auf dem Tisch. Ich kann mich auch darum kümmern.",
    ),
    (
        "fr+m1",
        "160",
        "Je ne sais pas encore si nous pouvons venir. Il faut que je parle avec mon frère. On se rappelle demain matin.",
    ),
    (
        "es+f3",
        "165",
        "La tienda de la esquina cierra a las ocho. Si quieres, paso por allí después del trabajo. No me cuesta nada.",
    ),
    (
        "sv+f1",
        "150",
        "Vi tar båten över sundet på lördag. Det brukar blåsa på eftermiddagen. Glöm inte att ta med en varm tröja.",
    ),
    (
        "pl+m3",
        "150",
        "Jutro rano jadę do Krakowa. Wrócę dopiero w niedzielę wieczorem. Czy możesz podlać kwiaty w kuchni?",
    ),
];

const WEIGHTS: usize = HIDDEN * (INPUTS + 2) + 1;

struct Sample {
    inputs: Inputs,
    speech: bool,
}

fn main() {
    let mut random = Random::new(17);
    let kinds: Vec<Disturbance> = Disturbance::ALL.into_iter().filter(|kind| *kind != KEPT).collect();
    let cases: Vec<Case> = (0..SCENES).map(|_| any_case(&mut random, &kinds)).collect();
    let mut samples = collect(&voices(), &cases);
    let (mean, scale) = normalise(&mut samples);
    let speech = samples.iter().filter(|sample| sample.speech).count();
    eprintln!(
        "{} samples, {:.2} speech",
        samples.len(),
        speech as f64 / samples.len() as f64
    );
    let weights = fit(&samples, &mut random);
    print(&mean, &scale, &weights);
}

/// Voices made on the spot by the synthesiser.
fn voices() -> Vec<Voice> {
    let speak = |(voice, words_per_minute, text): &(&str, &str, &str), speed: f64| {
        let spoken = Command::new("espeak-ng")
            .args(["--stdout", "-v", voice, "-s", words_per_minute, text])
            .output()
            .expect("espeak-ng is installed");
        // A stream's header does not know its length: 44 bytes of header, then 16 bit at 22.05 kHz.
        let samples: Vec<f32> = spoken.stdout[44..]
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0)
            .collect();
        Voice::from_samples(&samples, 22_050.0, speed, RATE_HZ)
    };
    SPEAKERS
        .iter()
        .flat_map(|speaker| [0.9, 1.0, 1.12].map(|speed| speak(speaker, speed)))
        .collect()
}

fn collect(voices: &[Voice], cases: &[Case]) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut tools = SpeechTools::new(RATE_HZ);
    for (chunk, some) in cases.chunks(20).enumerate() {
        for heard in hear(voices, RATE_HZ, SECONDS, 1_000_000 + 20 * chunk as u64, some) {
            let total = weighted_frames(&heard.samples, RATE_HZ, heard.hop);
            let mut detector = SpeechDetector::default();
            for (n, hop) in heard.samples.chunks_exact(heard.hop).enumerate() {
                detector.process(&mut tools, hop);
                if !(n + 1).is_multiple_of(50) {
                    continue;
                }
                detector.end_period_by(|age, inputs| {
                    let frame = n - age;
                    let around = frame.max(25) - 25..(frame + 25).min(total.len());
                    let speech: f64 = heard.speech_power[around.clone()].iter().sum();
                    let all: f64 = total[around].iter().sum();
                    let heard_at_all = speech > 0.12 * (all - speech);
                    let useful = !heard.speech[frame] || heard_at_all;
                    if frame >= SETTLING_FRAMES && frame.is_multiple_of(EVERY) && useful {
                        samples.push(Sample {
                            inputs: *inputs,
                            speech: heard.speech[frame],
                        });
                    }
                    0.0
                });
            }
        }
    }
    samples
}

fn normalise(samples: &mut [Sample]) -> (Inputs, Inputs) {
    let count = samples.len() as f64;
    let mean: Inputs = core::array::from_fn(|n| (samples.iter().map(|s| f64::from(s.inputs[n])).sum::<f64>() / count) as f32);
    let scale: Inputs = core::array::from_fn(|n| {
        let variance = samples.iter().map(|s| f64::from(s.inputs[n] - mean[n]).powi(2)).sum::<f64>() / count;
        (1.0 / variance.sqrt().max(1e-6)) as f32
    });
    for sample in samples {
        for n in 0..INPUTS {
            sample.inputs[n] = (sample.inputs[n] - mean[n]) * scale[n];
        }
    }
    (mean, scale)
}

/// Layout of the weights: per unit its inputs, its bias and its output; last the output bias.
fn fit(samples: &[Sample], random: &mut Random) -> Vec<f64> {
    const BATCH: usize = 64;
    let mut weights: Vec<f64> = (0..WEIGHTS).map(|_| 0.2 * random.normal_pair().0).collect();
    let (mut first, mut second) = (vec![0.0; WEIGHTS], vec![0.0; WEIGHTS]);
    let steps = EPOCHS * samples.len() / BATCH;
    let mut loss = 0.0;
    for step in 1..=steps {
        let mut slope = vec![0.0; WEIGHTS];
        for _ in 0..BATCH {
            loss += learn(&samples[random.index(samples.len())], &weights, &mut slope) / BATCH as f64;
        }
        // The step becomes smaller to the end, along half a cosine.
        let size = STEP * (0.5 + 0.5 * (core::f64::consts::PI * step as f64 / steps as f64).cos());
        for n in 0..WEIGHTS {
            let slope = slope[n] / BATCH as f64;
            first[n] += 0.1 * (slope - first[n]);
            second[n] += 0.001 * (slope * slope - second[n]);
            let corrected = |moment: f64, keep: f64| moment / (1.0 - keep.powi(step as i32));
            weights[n] -=
                size * (corrected(first[n], 0.9) / (corrected(second[n], 0.999).sqrt() + 1e-8) + DECAY * weights[n] * 10.0);
        }
        if step % (steps / 8) == 0 {
            eprintln!("step {step}: cross-entropy {:.4}", loss / (steps / 8) as f64);
            loss = 0.0;
        }
    }
    weights
}

/// Adds the slope of one sample's loss; returns the loss.
fn learn(sample: &Sample, weights: &[f64], slope: &mut [f64]) -> f64 {
    const UNIT: usize = INPUTS + 2;
    let mut sums = [0.0; HIDDEN];
    let mut log_odds = weights[WEIGHTS - 1];
    for (unit, sum) in sums.iter_mut().enumerate() {
        let own = &weights[unit * UNIT..(unit + 1) * UNIT];
        *sum = own[INPUTS] + own.iter().zip(&sample.inputs).map(|(w, x)| w * f64::from(*x)).sum::<f64>();
        log_odds += own[INPUTS + 1] * sum.max(0.0);
    }
    let probability = 1.0 / (1.0 + (-log_odds).exp());
    let truth = if sample.speech { 1.0 } else { 0.0 };
    let error = probability - truth;
    slope[WEIGHTS - 1] += error;
    for (unit, sum) in sums.iter().enumerate() {
        let out = weights[unit * UNIT + INPUTS + 1];
        if *sum > 0.0 {
            slope[unit * UNIT + INPUTS + 1] += error * sum;
            slope[unit * UNIT + INPUTS] += error * out;
            for (n, x) in sample.inputs.iter().enumerate() {
                slope[unit * UNIT + n] += error * out * f64::from(*x);
            }
        }
    }
    -(1.0 - (probability - truth).abs()).max(1e-12).ln()
}

fn print(mean: &Inputs, scale: &Inputs, weights: &[f64]) {
    const UNIT: usize = INPUTS + 2;
    let list = |values: &[f64]| {
        values
            .iter()
            .map(|value| format!("{value:.4}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let wide = |values: &Inputs| list(&values.map(f64::from));
    println!(
        "//! The numbers of the decision, fitted by `benches/examples/fit_speech.rs` on {SCENES} scenes of {SECONDS} s: twelve"
    );
    println!(
        "//! synthetic voices in six languages, in rooms of 0-1 s, among machines, typing, dishes, music and water. Do not edit: fit\n//! again.\n"
    );
    println!("#![allow(clippy::approx_constant, reason = \"fitted numbers may come near a constant by chance\")]\n");
    println!("use super::{{\n    decision::HIDDEN,\n    history::Inputs,\n}};\n");
    println!("/// Mean of each input.\npub const INPUT_MEAN: Inputs = [{}];\n", wide(mean));
    println!(
        "/// One over the standard deviation of each input.\npub const INPUT_SCALE: Inputs = [{}];\n",
        wide(scale)
    );
    println!("/// Weights of the normalised inputs, per hidden unit.\npub const HIDDEN_WEIGHTS: [Inputs; HIDDEN] = [");
    for unit in 0..HIDDEN {
        println!("    [{}],", list(&weights[unit * UNIT..unit * UNIT + INPUTS]));
    }
    println!("];\n");
    let column = |at: usize| (0..HIDDEN).map(|unit| weights[unit * UNIT + at]).collect::<Vec<_>>();
    println!(
        "/// Bias of each hidden unit.\npub const HIDDEN_BIAS: [f32; HIDDEN] = [{}];\n",
        list(&column(INPUTS))
    );
    println!(
        "/// Weight of each hidden unit in the log-odds.\npub const OUTPUT_WEIGHTS: [f32; HIDDEN] = [{}];\n",
        list(&column(INPUTS + 1))
    );
    println!(
        "/// Log-odds of nothing.\npub const OUTPUT_BIAS: f32 = {:.4};",
        weights[WEIGHTS - 1]
    );
}
