//! Cost of the engine in instructions, which do not depend on what else the machine does: counted by valgrind's callgrind.
//!
//! The program runs itself under valgrind, once for some work and once for twice as much; the difference is the work alone, without
//! what it takes to start.

use std::{hint::black_box, process::Command};

use habitat_benches::{SAMPLE_RATE_HZ, fft::BLOCK_FRAMES, grid};
use habitat_dsp::{Engine, RemovalSetup, Report};
use realfft::RealFftPlanner;

/// Blocks of 1024 frames after which everything comes round again: they meet those of the canceller, of 9600, after 75. Where the
/// waveform is not cancelled, own sound is looked for in some of ten of those, all of which come round after five times as many.
const ROUND_BLOCKS: usize = 75;
const LISTENING_ROUNDS: usize = 5;

/// FFTs of one round.
const ROUND_FFTS: usize = 1000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [work, rounds] = &arguments[..]
        && let Ok(rounds) = rounds.parse()
    {
        return run(work, rounds);
    }
    let Some(fft) = count("fft").map(|count| count / ROUND_FFTS as f64) else {
        println!("valgrind is missing: install it to count instructions");
        return;
    };
    println!("one real FFT of {BLOCK_FRAMES} frames forward and back: {fft:.0} instructions");
    println!(
        "{:22} {:>6} {:>30} {:>14}",
        "", "zones", "instructions per zone and block", "FFTs per zone"
    );
    for (name, work) in [("without cancelling", "power"), ("cancelling 6 x 0.4 s", "waveform")] {
        for zones in [1, 4, 16, 64] {
            if let Some(count) = count(&format!("{work}-{zones}")) {
                let per_zone = count / (round_blocks(work == "waveform") * zones) as f64;
                println!("{name:22} {zones:>6} {per_zone:>30.0} {:>14.2}", per_zone / fft);
            }
        }
    }
}

fn round_blocks(waveform: bool) -> usize {
    ROUND_BLOCKS * if waveform { 1 } else { LISTENING_ROUNDS }
}

/// Instructions of one round of some work.
fn count(work: &str) -> Option<f64> {
    let total = |rounds: &str| {
        let own = std::env::current_exe().ok()?;
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(own)
            .args([work, rounds])
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| line.contains("Collected :"))?;
        line.rsplit(' ').next()?.parse::<f64>().ok()
    };
    Some(total("2")? - total("1")?)
}

fn run(work: &str, rounds: usize) {
    match work.split_once('-') {
        Some((removal, zones)) => run_engine(removal == "waveform", zones.parse().unwrap_or(1), rounds),
        None => run_fft(rounds),
    }
}

fn run_engine(waveform: bool, zones: usize, rounds: usize) {
    let (mut setup, parameters) = grid(zones);
    setup.removal = RemovalSetup {
        waveform,
        tail_s: 0.4,
        playback_delay_frames: Some(BLOCK_FRAMES as u32),
        ..RemovalSetup::default()
    };
    debug_assert_eq!(setup.sample_rate_hz, SAMPLE_RATE_HZ);
    let mut engine = Engine::new(&setup, &parameters).expect("the grid is a valid site");
    let input: Vec<f32> = (0..BLOCK_FRAMES * zones)
        .map(|n| ((n * 7919 % 1000) as f32 / 500.0 - 1.0) * 1e-3)
        .collect();
    let mut output = vec![0.0; BLOCK_FRAMES * zones];
    let mut reports: Vec<Report> = Vec::new();
    for _ in 0..round_blocks(waveform) * rounds {
        engine.process(BLOCK_FRAMES, Some(black_box(&input)), Some(&mut output), &mut reports);
        black_box(&output);
        reports.clear();
    }
}

fn run_fft(rounds: usize) {
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(BLOCK_FRAMES), planner.plan_fft_inverse(BLOCK_FRAMES));
    let (mut block, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
    for _ in 0..ROUND_FFTS * rounds {
        black_box(forward.process(&mut block, &mut spectrum).is_ok());
        black_box(inverse.process(&mut spectrum, &mut block).is_ok());
    }
}
