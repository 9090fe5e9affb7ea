//! The yardstick of all timings: one bare forward plus inverse real FFT in the same run.

use std::{hint::black_box, time::Instant};

use realfft::RealFftPlanner;

/// Frames of the FFT, and of a block of the engine.
pub const BLOCK_FRAMES: usize = 1024;

/// Repetitions; the fastest counts, because everything else on the machine only slows down.
pub const REPETITIONS: usize = 5;

/// Seconds that one takes.
pub fn seconds_per_fft() -> f64 {
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(BLOCK_FRAMES), planner.plan_fft_inverse(BLOCK_FRAMES));
    let (mut block, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
    let (mut scratch_forward, mut scratch_inverse) = (forward.make_scratch_vec(), inverse.make_scratch_vec());
    fastest(|| {
        let begin = Instant::now();
        for _ in 0..1000 {
            let forth = forward.process_with_scratch(black_box(&mut block), &mut spectrum, &mut scratch_forward);
            let back = inverse.process_with_scratch(&mut spectrum, black_box(&mut block), &mut scratch_inverse);
            black_box(forth.is_ok() && back.is_ok());
            // Unscaled transforms grow without bound.
            block.iter_mut().for_each(|sample| *sample *= 1.0 / BLOCK_FRAMES as f32);
        }
        begin.elapsed().as_secs_f64() / 1000.0
    })
}

/// The fastest of several runs.
pub fn fastest(mut run: impl FnMut() -> f64) -> f64 {
    (0..REPETITIONS).map(|_| run()).fold(f64::INFINITY, f64::min)
}
