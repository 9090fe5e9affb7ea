//! Cost of the engine per block: how many zones one core runs in real time, how cost grows with zones, and the ratio to one bare
//! forward plus inverse real FFT of a block. Machines are noisy: read the ratios, which are taken within one run.

use std::{hint::black_box, time::Instant};

use habitat_benches::{SAMPLE_RATE_HZ, grid};
use habitat_dsp::{Engine, Report};
use realfft::RealFftPlanner;

const BLOCK_FRAMES: usize = 1024;

/// Seconds of stream that are timed for each site.
const STREAM_S: f64 = 6.0;

/// Repetitions; the fastest counts, because everything else on the machine only slows down.
const REPETITIONS: usize = 5;

fn main() {
    let fft_s = fft_seconds();
    println!(
        "one real FFT of {BLOCK_FRAMES} frames forward and back: {:.2} us",
        fft_s * 1e6
    );
    println!(
        "{:>6} {:>14} {:>12} {:>16} {:>14}",
        "zones", "us per block", "x real time", "FFTs per zone", "zones per core"
    );
    for zones in [1, 6, 16, 64, 256, 1024] {
        let block_s = block_seconds(zones);
        let period_s = BLOCK_FRAMES as f64 / f64::from(SAMPLE_RATE_HZ);
        println!(
            "{zones:>6} {:>14.1} {:>12.1} {:>16.2} {:>14.0}",
            block_s * 1e6,
            period_s / block_s,
            block_s / fft_s / zones as f64,
            zones as f64 * period_s / block_s
        );
    }
}

fn fft_seconds() -> f64 {
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(BLOCK_FRAMES), planner.plan_fft_inverse(BLOCK_FRAMES));
    let (mut block, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
    let (mut scratch_forward, mut scratch_inverse) = (forward.make_scratch_vec(), inverse.make_scratch_vec());
    fastest(|| {
        let begin = Instant::now();
        for _ in 0..1000 {
            black_box(
                forward
                    .process_with_scratch(black_box(&mut block), &mut spectrum, &mut scratch_forward)
                    .is_ok(),
            );
            black_box(
                inverse
                    .process_with_scratch(&mut spectrum, black_box(&mut block), &mut scratch_inverse)
                    .is_ok(),
            );
        }
        begin.elapsed().as_secs_f64() / 1000.0
    })
}

fn block_seconds(zones: usize) -> f64 {
    let (setup, parameters) = grid(zones);
    let mut engine = Engine::new(&setup, &parameters).expect("the grid is a valid site");
    let input: Vec<f32> = (0..BLOCK_FRAMES * zones)
        .map(|n| ((n * 7919 % 1000) as f32 / 500.0 - 1.0) * 1e-3)
        .collect();
    let mut output = vec![0.0; BLOCK_FRAMES * zones];
    let mut reports: Vec<Report> = Vec::new();
    // Large sites are timed over fewer blocks, so that the whole table takes about a minute.
    let stream_s = STREAM_S / (zones as f64 / 16.0).max(1.0);
    let blocks = (stream_s * f64::from(SAMPLE_RATE_HZ) / BLOCK_FRAMES as f64).max(20.0) as usize;
    fastest(|| {
        let begin = Instant::now();
        for _ in 0..blocks {
            engine.process(BLOCK_FRAMES, Some(black_box(&input)), Some(&mut output), &mut reports);
            black_box(&output);
            reports.clear();
        }
        begin.elapsed().as_secs_f64() / blocks as f64
    })
}

fn fastest(mut run: impl FnMut() -> f64) -> f64 {
    (0..REPETITIONS).map(|_| run()).fold(f64::INFINITY, f64::min)
}
