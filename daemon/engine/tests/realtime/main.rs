//! The real-time promise, kept by machines.
//!
//! In a debug build every allocation inside a turn aborts the process. Built with RealtimeSanitizer (`make test` does both),
//! every allocation, blocking call and contended lock inside a turn aborts it. The last test shows that they would.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![cfg_attr(realtime_sanitizer, feature(sanitize))]

mod devices;
mod site;

use std::{process::Command, time::Duration};

use assert_no_alloc::AllocDisabler;
use habitat_dsp::RemoteZone;
use habitat_engine::{BlockTimes, Ends, Mode, Turn};
use site::{BLOCK, ZONES, parameters, site};

#[cfg(debug_assertions)]
#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// Half a minute with speech, silence, broken samples, changes of every parameter, mute and fade-out.
fn an_eventful_half_minute(mode: Mode) -> Ends {
    let (mut engine, mut ends) = site(mode);
    let mut input = vec![0.0f32; BLOCK * ZONES];
    let mut output = vec![0.0f32; BLOCK * ZONES];
    let mut changed = parameters();
    for block in 0..3000usize {
        for (n, sample) in input.iter_mut().enumerate() {
            let t = (block * BLOCK + n / ZONES) as f32 / 48_000.0;
            let syllable = if n % ZONES == block / 500 % ZONES {
                (t * 25.0).sin().max(0.0)
            } else {
                0.0
            };
            *sample = 0.01 * syllable * (t * 3000.0).sin() + if block == 700 && n % 50 == 0 { f32::NAN } else { 0.0 };
        }
        if block % 100 == 0 {
            changed.muted = block % 1000 == 900;
            changed.zones[block / 100 % ZONES].offset_db = (block % 7) as f64 - 3.0;
            changed.zones[block / 100 % ZONES].enabled = block % 300 != 0;
            changed.fade_out = block > 2900;
            changed.remote_zones[0] = RemoteZone {
                heard: block as u32 + 1,
                age_s: 0.5,
                masking_db: (block % 400 != 0).then_some(44.0),
                speech_db: (block % 700 == 0).then_some(50.0),
            };
            ends.parameters.write(&changed);
        }
        // A backend that now and then delivers nothing, and a reader that sleeps for long stretches.
        if block % 97 != 0 {
            ends.captures[0].push(&input);
        }
        while engine.turn() == Turn::Processed {}
        ends.playbacks[0].pop(&mut output);
        if block / 500 % 2 == 0 {
            while ends.reports.take().is_some() {}
        }
    }
    ends.captures[0].end();
    while engine.turn() == Turn::Processed {}
    if mode == Mode::LockStep {
        assert_eq!(engine.turn(), Turn::Finished);
    }
    ends
}

#[test]
fn lock_step_turns_never_allocate_or_block() {
    let ends = an_eventful_half_minute(Mode::LockStep);
    assert!(ends.counters.blocks.get() > 2900);
}

#[test]
fn live_turns_never_allocate_or_block_and_go_on_without_input() {
    let ends = an_eventful_half_minute(Mode::Live);
    assert!(
        ends.counters.blocks_without_input.get() > 0,
        "the missing blocks were not noticed"
    );
    assert_eq!(ends.counters.output_frames_missing.get(), 0, "the masking had a gap");
}

#[test]
fn reports_that_nobody_takes_are_counted_and_hold_nothing_up() {
    let (mut engine, mut ends) = site(Mode::LockStep);
    let silence = vec![0.0f32; BLOCK * ZONES];
    let mut output = silence.clone();
    for _ in 0..100 * 120 {
        ends.captures[0].push(&silence);
        while engine.turn() == Turn::Processed {}
        ends.playbacks[0].pop(&mut output);
    }
    assert_eq!(ends.counters.output_frames_missing.get(), 0);
    assert!(ends.counters.reports_lost.get() > 0 && ends.gauge.half_full());
}

#[test]
fn full_and_empty_sample_rings_are_counted_by_the_frame() {
    let (mut engine, mut ends) = site(Mode::LockStep);
    let block = vec![0.0f32; BLOCK * ZONES];
    (0..20).for_each(|_| ends.captures[0].push(&block));
    assert_eq!(ends.counters.input_frames_lost.get(), 4 * BLOCK as u64);
    let mut output = vec![1.0f32; 3 * ZONES];
    ends.playbacks[0].pop(&mut output);
    assert_eq!((ends.counters.output_frames_missing.get(), output[0]), (3, 0.0));
    while engine.turn() == Turn::Processed {}
    assert_eq!(ends.playbacks[0].available_frames(), 16 * BLOCK);
}

#[test]
fn a_partial_last_block_is_measured_and_nothing_is_written_for_it() {
    let (mut engine, mut ends) = site(Mode::LockStep);
    ends.captures[0].push(&vec![0.0f32; (BLOCK + 100) * ZONES]);
    ends.captures[0].end();
    while engine.turn() == Turn::Processed {}
    assert_eq!(ends.playbacks[0].available_frames(), BLOCK);
}

#[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
fn record_in_real_time(times: &BlockTimes, took: Duration) {
    assert_no_alloc::assert_no_alloc(|| times.record(took));
}

#[test]
fn recording_block_times_never_allocates_or_blocks() {
    let times = BlockTimes::default();
    times.set_block_period(Duration::from_millis(10));
    // Over two minutes, so that slices are begun anew, with times far beyond both ends of the scale.
    for block in 0..13_000u32 {
        record_in_real_time(&times, Duration::from_nanos(1 << (block % 40)));
    }
    assert_eq!(times.whole_run().blocks(), 13_000);
}

/// Set for the child process of the test below.
const PROVOKE: &str = "HABITAT_PROVOKE_ALLOCATION";

#[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
fn allocate_in_real_time() -> usize {
    assert_no_alloc::assert_no_alloc(|| std::hint::black_box(vec![1u8; std::env::args().len()]).len())
}

#[test]
fn an_allocation_in_real_time_would_have_been_caught() {
    const NAME: &str = "an_allocation_in_real_time_would_have_been_caught";
    if std::env::var_os(PROVOKE).is_some() {
        println!("{}", allocate_in_real_time());
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(PROVOKE, "1")
        .output();
    assert!(!child.unwrap().status.success(), "an allocation went unnoticed");
}
