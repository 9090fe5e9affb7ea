//! Cost of the engine per block: how many zones one core runs in real time with and without cancelling the waveform, how cost
//! grows with zones, how evenly it is spread over blocks, and the ratio to one bare forward plus inverse real FFT of a block.
//! Machines are noisy: read the ratios, which are taken within one run.

use std::{hint::black_box, time::Instant};

use habitat_benches::{
    SAMPLE_RATE_HZ,
    fft::{BLOCK_FRAMES, REPETITIONS, seconds_per_fft},
    grid,
};
use habitat_dsp::{Engine, RemovalSetup, Report};

/// Blocks of 1024 frames after which they meet those of the canceller, of 9600, again.
const ROUND_BLOCKS: usize = 75;

/// Where the waveform is not cancelled, own sound is looked for in some of ten of those. Only after five rounds does all of it come
/// again: a shorter run, of which the fastest repetition counts, would leave that out.
const LISTENING_ROUNDS: usize = 5;

fn main() {
    let fft_s = seconds_per_fft();
    println!(
        "one real FFT of {BLOCK_FRAMES} frames forward and back: {:.2} us",
        fft_s * 1e6
    );
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

/// Time of each block, the fastest of several runs over the same stream.
fn block_seconds(zones: usize, removal: RemovalSetup) -> Vec<f64> {
    let (mut setup, parameters) = grid(zones);
    setup.removal = removal;
    let mut engine = Engine::new(&setup, &parameters).expect("the grid is a valid site");
    let input: Vec<f32> = (0..BLOCK_FRAMES * zones)
        .map(|n| ((n * 7919 % 1000) as f32 / 500.0 - 1.0) * 1e-3)
        .collect();
    let mut output = vec![0.0; BLOCK_FRAMES * zones];
    let mut reports: Vec<Report> = Vec::new();
    // Work on whole blocks of the canceller comes round again after 75 blocks, and each must be compared with its like.
    let rounds = match (setup.removal.waveform, zones) {
        (false, _) => LISTENING_ROUNDS,
        (true, ..=64) => 4,
        (true, _) => 1,
    };
    let blocks = ROUND_BLOCKS * rounds;
    let mut best = vec![f64::INFINITY; blocks];
    for _ in 0..REPETITIONS {
        for slot in &mut best {
            let begin = Instant::now();
            engine.process(BLOCK_FRAMES, Some(black_box(&input)), Some(&mut output), &mut reports);
            *slot = begin.elapsed().as_secs_f64().min(*slot);
            black_box(&output);
            reports.clear();
        }
    }
    best
}
