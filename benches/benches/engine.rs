//! Cost of the engine per block: how many zones one core runs in real time with and without cancelling the waveform, how cost
//! grows with zones, how evenly it is spread over blocks, and the ratio to one bare forward plus inverse real FFT of a block.
//! Machines are noisy: read the ratios, which are taken within one run.

use std::{hint::black_box, time::Instant};

use habitat_benches::{
    SAMPLE_RATE_HZ,
    fft::{BLOCK_FRAMES, REPETITIONS, seconds_per_fft},
    grid,
};
use habitat_dsp::{CouplingSetup, Engine, EngineSetup, RemovalSetup, Report};

/// Blocks of 1024 frames after which everything comes round again: they meet those of the canceller, of 9600, after 75. Where the
/// waveform is not cancelled, own sound is looked for in some of ten of those, all of which come round after five times as many.
/// Less would leave out work, or count some of it twice.
const ROUND_BLOCKS: usize = 75;
const LISTENING_ROUNDS: usize = 5;

/// Until the masking has ramped up and everybody has found it, blocks: 26 s.
const WARM_UP_BLOCKS: usize = 1200;

/// Amplitude of the background: some 36 dB(A).
const BACKGROUND: f32 = 1e-4;

/// Samples of a loudspeaker of 94 dB at 1 m at a microphone of −26 dBFS at 94 dB.
const HEARD_PER_PLAYED: f32 = 0.050_118_72;

fn main() {
    for (name, waveform, tail_s) in [
        ("without cancelling", false, 0.4),
        ("cancelling 6 x 0.4 s", true, 0.4),
        ("cancelling 6 x 0.6 s", true, 0.6),
    ] {
        println!(
            "{name}\n{:>6} {:>14} {:>12} {:>14} {:>14} {:>30}",
            "zones", "us per block", "x real time", "FFTs per zone", "zones per core", "p50/p99/p99.9 of period, %"
        );
        for zones in [1, 6, 16, 64, 256, 1024] {
            let removal = RemovalSetup {
                waveform,
                tail_s,
                playback_delay_frames: Some(BLOCK_FRAMES as u32),
                ..RemovalSetup::default()
            };
            // The yardstick anew for each row: what else the machine does changes while all of them are measured.
            let fft_s = seconds_per_fft();
            let mut blocks = block_seconds(zones, removal);
            let block_s = blocks.iter().sum::<f64>() / blocks.len() as f64;
            blocks.sort_by(f64::total_cmp);
            let period_s = BLOCK_FRAMES as f64 / f64::from(SAMPLE_RATE_HZ);
            let share = |q: f64| 100.0 * blocks[((blocks.len() - 1) as f64 * q) as usize] / period_s;
            println!(
                "{zones:>6} {:>14.1} {:>12.1} {:>14.2} {:>14.0} {:>14.1} {:>7.1} {:>7.1}",
                block_s * 1e6,
                period_s / block_s,
                block_s / fft_s / zones as f64,
                zones as f64 * period_s / block_s,
                share(0.5),
                share(0.99),
                share(0.999),
            );
        }
    }
}

/// Per zone: which loudspeakers its microphone hears, and how loud a sample is there re what was played, for the levels of the grid.
fn paths(setup: &EngineSetup) -> Vec<Vec<(usize, f32)>> {
    let path = |coupling: &CouplingSetup| {
        (
            coupling.loudspeaker,
            HEARD_PER_PLAYED * 10f32.powf(coupling.gain_db[0] / 20.0),
        )
    };
    let microphones = setup.microphones.iter();
    microphones
        .map(|microphone| microphone.loudspeakers.iter().map(path).collect())
        .collect()
}

/// What the microphones hear of a block that was played, over the background: an ordinary site, in which everybody hears the
/// loudspeakers that they should.
fn hear(paths: &[Vec<(usize, f32)>], played: &[f32], background: &[f32], heard: &mut [f32]) {
    let zones = paths.len();
    let frames = heard
        .chunks_exact_mut(zones)
        .zip(background.chunks_exact(zones))
        .zip(played.chunks_exact(zones));
    for ((heard, background), played) in frames {
        for ((sample, background), paths) in heard.iter_mut().zip(background).zip(paths) {
            *sample = background
                + paths
                    .iter()
                    .map(|(loudspeaker, gain)| gain * played[*loudspeaker])
                    .sum::<f32>();
        }
    }
}

/// Time of each block of the fastest of several rounds. All of a round counts, as it was: the fastest of each block by itself would
/// leave out work that differs from round to round.
fn block_seconds(zones: usize, removal: RemovalSetup) -> Vec<f64> {
    let (mut setup, parameters) = grid(zones);
    setup.removal = removal;
    let mut engine = Engine::new(&setup, &parameters).expect("the grid is a valid site");
    let paths = paths(&setup);
    let background: Vec<f32> = (0..BLOCK_FRAMES * zones)
        .map(|n| ((n * 7919 % 1000) as f32 / 500.0 - 1.0) * BACKGROUND)
        .collect();
    let mut input = background.clone();
    let mut output = vec![0.0; BLOCK_FRAMES * zones];
    let mut reports: Vec<Report> = Vec::new();
    let blocks = ROUND_BLOCKS * if setup.removal.waveform { 1 } else { LISTENING_ROUNDS };
    let mut round = || -> Vec<f64> {
        let block = |_| {
            let begin = Instant::now();
            engine.process(BLOCK_FRAMES, Some(black_box(&input)), Some(&mut output), &mut reports);
            let taken_s = begin.elapsed().as_secs_f64();
            reports.clear();
            hear(&paths, black_box(&output), &background, &mut input);
            taken_s
        };
        (0..blocks).map(block).collect()
    };
    // The masking ramps up, it is found where the layout says, and the caches fill.
    for _ in 0..WARM_UP_BLOCKS.div_ceil(blocks) {
        round();
    }
    let rounds = (0..REPETITIONS).map(|_| round());
    let all_s = |blocks: &Vec<f64>| blocks.iter().sum::<f64>();
    rounds.min_by(|a, b| all_s(a).total_cmp(&all_s(b))).unwrap_or_default()
}
