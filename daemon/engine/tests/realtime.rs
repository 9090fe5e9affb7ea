//! The real-time promise, kept by machines.
//!
//! In a debug build every allocation inside a turn aborts the process. Built with RealtimeSanitizer (`make test` does both),
//! every allocation, blocking call and contended lock inside a turn aborts it. The last test shows that they would.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![cfg_attr(realtime_sanitizer, feature(sanitize))]

use std::{process::Command, time::Duration};

use assert_no_alloc::AllocDisabler;
use habitat_dsp::{
    Base, CouplingSetup, Engine, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, Parameters,
    RemovalSetup, Report, ZoneParameters, ZoneSetup, adaptation::PlaceMemory, spectrum::BAND_COUNT,
};
use habitat_engine::{BlockTimes, DeviceWiring, Ends, EngineLoop, Mode, Turn, Wiring, connect};

#[cfg(debug_assertions)]
#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const ZONES: usize = 4;
const BLOCK: usize = 480;

fn parameters() -> Parameters {
    let zone = ZoneParameters {
        enabled: true,
        offset_db: 0.0,
        level_min_db: 40.0,
        level_max_db: 46.0,
        base: Base::Lowest,
        acclimatisation_db: 0.0,
        places_forgotten: 0,
        muted: false,
    };
    Parameters {
        muted: false,
        fade_out: false,
        zones: vec![zone; ZONES],
    }
}

fn site(mode: Mode) -> (EngineLoop, Ends) {
    wired(mode, &Wiring::single(ZONES, ZONES, BLOCK, 48_000))
}

/// Two devices each way, with half of the channels each; both directions of one have one clock.
fn two_devices() -> (EngineLoop, Ends) {
    let device = |first: usize, clock: usize| DeviceWiring {
        channels: (first..first + ZONES / 2).collect(),
        clock,
    };
    let wiring = Wiring {
        captures: vec![device(0, 0), device(ZONES / 2, 1)],
        playbacks: vec![device(0, 0), device(ZONES / 2, 1)],
        ..Wiring::single(ZONES, ZONES, BLOCK, 48_000)
    };
    wired(Mode::Live, &wiring)
}

fn wired(mode: Mode, wiring: &Wiring) -> (EngineLoop, Ends) {
    let sti_curve = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let own = |zone: usize| {
        (0..ZONES)
            .map(move |z| OwnSoundSetup {
                zone: z,
                power: if z == zone { 0.4 } else { 0.05 },
            })
            .collect()
    };
    let heard = |zone: usize| {
        (0..ZONES)
            .map(|loudspeaker| CouplingSetup {
                loudspeaker,
                gain_db: [if loudspeaker == zone { -4.0 } else { -13.0 }; BAND_COUNT],
            })
            .collect()
    };
    let others = |zone: usize| (0..ZONES).filter(move |z| *z != zone);
    let setup = EngineSetup {
        sample_rate_hz: 48_000,
        microphones: (0..ZONES)
            .map(|zone| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: heard(zone),
            })
            .collect(),
        loudspeakers: (0..ZONES)
            .map(|zone| LoudspeakerSetup {
                zone,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: (0..ZONES)
            .map(|zone| ZoneSetup {
                level_fixed_db: 43.0,
                sti_target: 0.45,
                normal_voice_db: 50.0,
                place: Some(PlaceMemory::default()),
                masking: own(zone),
                hearing: others(zone)
                    .map(|from_zone| HearingSetup {
                        from_zone,
                        to_listeners_db: -8.0,
                        to_each_listener_db: Vec::new(),
                        to_microphones_db: Some(-8.0),
                        sti_curve,
                    })
                    .collect(),
                neighbours: others(zone).collect(),
            })
            .collect(),
        removal: RemovalSetup {
            playback_delay_frames: (mode == Mode::LockStep).then_some(BLOCK as u32),
            ..RemovalSetup::default()
        },
        masking_spectrum_db: [0.0; 29],
        slew_up_db_per_min: 6.0,
        slew_down_db_per_min: 6.0,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    };
    let engine = Engine::new(&setup, &parameters()).unwrap();
    connect(engine, &parameters(), wiring, mode)
}

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

/// Plays and hears on both devices for some blocks; the second moves some frames more or less in each. Gives the reports, and per
/// playback device the frames that were silent although they should not.
fn go(engine: &mut EngineLoop, ends: &mut Ends, blocks: usize, more: isize) -> (Vec<Report>, [usize; 2]) {
    let (mut reports, mut silent) = (Vec::new(), [0; 2]);
    for block in 0..blocks {
        for (device, silent) in silent.iter_mut().enumerate() {
            let frames = (BLOCK as isize + if device == 1 && block % 8 == 0 { more } else { 0 }) as usize;
            let noise = |n: usize| 0.001 * ((n * 7919 + block * 104_729) % 1000) as f32 / 1000.0;
            let input: Vec<f32> = (0..frames * ZONES / 2).map(noise).collect();
            if ends.captures[device].link().is_running() {
                ends.captures[device].push(&input);
            }
            let mut output = vec![0.0; frames * ZONES / 2];
            if ends.playbacks[device].link().is_running() {
                ends.playbacks[device].pop(&mut output);
                *silent += output.iter().filter(|sample| **sample == 0.0).count() / (ZONES / 2);
            }
            while engine.turn() == Turn::Processed {}
        }
        reports.extend(std::iter::from_fn(|| ends.reports.take()));
    }
    (reports, silent)
}

/// Zones with a level, and how many seconds of them, in the reports.
fn seconds_with_level(reports: &[Report]) -> [usize; ZONES] {
    let mut seconds = [0; ZONES];
    for report in reports {
        if let Report::Zone(zone) = report {
            seconds[zone.zone as usize] += usize::from(zone.laeq_db.is_some());
        }
    }
    seconds
}

#[test]
fn a_second_clock_is_followed_without_a_gap() {
    // Two frames more or less in eight blocks of 480: 520 parts per million.
    for more in [2, -2] {
        let (mut engine, mut ends) = two_devices();
        // 1/ω of the loop is 20 s; a block is 10 ms.
        go(&mut engine, &mut ends, 8000, more);
        let (reports, silent) = go(&mut engine, &mut ends, 4000, more);
        assert_eq!(silent, [0, 0]);
        assert!(
            seconds_with_level(&reports).iter().all(|seconds| *seconds >= 39),
            "{:?}",
            seconds_with_level(&reports)
        );
        assert_eq!(ends.captures[0].link().drift_ppm(), None);
        for link in [ends.captures[1].link(), ends.playbacks[1].link()] {
            let drift_ppm = link.drift_ppm().unwrap();
            assert!((drift_ppm - 260.4 * more as f64).abs() < 60.0, "{drift_ppm} ppm");
        }
    }
}

#[test]
fn an_input_on_the_clock_that_is_followed_is_waited_for() {
    let (mut engine, mut ends) = two_devices();
    go(&mut engine, &mut ends, 1000, 0);
    let block = vec![0.001; BLOCK * ZONES / 2];
    ends.captures[1].push(&block);
    assert_eq!(
        engine.turn(),
        Turn::Idle,
        "a block is ready, and the input is only a little late"
    );
    ends.captures[0].push(&block);
    assert_eq!(engine.turn(), Turn::Processed);
}

#[test]
fn a_device_that_is_lost_leaves_the_others_as_they_are() {
    let (mut engine, mut ends) = two_devices();
    go(&mut engine, &mut ends, 2000, 0);
    for lost in [1, 0] {
        ends.captures[lost].link().set_running(false);
        ends.playbacks[lost].link().set_running(false);
        let (reports, silent) = go(&mut engine, &mut ends, 1000, 0);
        assert_eq!(silent, [0, 0], "device {lost} is lost");
        let seconds = seconds_with_level(&reports);
        for (zone, seconds) in seconds.iter().enumerate() {
            let here = zone / (ZONES / 2) == lost;
            assert!(
                if here { *seconds <= 1 } else { *seconds >= 8 },
                "device {lost} is lost: {seconds:?} s of zone {zone}"
            );
        }
        ends.playbacks[lost].restart(4800);
        ends.captures[lost].link().set_running(true);
        ends.playbacks[lost].link().set_running(true);
        let (_, silent) = go(&mut engine, &mut ends, 1000, 0);
        assert!(silent[1 - lost] == 0 && silent[lost] < 6 * BLOCK, "{silent:?}");
        let (reports, silent) = go(&mut engine, &mut ends, 1000, 0);
        assert_eq!(silent, [0, 0]);
        assert!(seconds_with_level(&reports).iter().all(|seconds| *seconds >= 9));
    }
}

#[test]
#[allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the test is the thread around the engine"
)]
fn a_device_that_stalls_without_a_word_holds_up_no_other() {
    let (mut engine, mut ends) = two_devices();
    go(&mut engine, &mut ends, 1000, 0);
    // The first output, which sets the pace, takes nothing any more; it is not known to be lost yet.
    std::thread::sleep(Duration::from_millis(300));
    let mut output = vec![0.0; BLOCK * ZONES / 2];
    let mut silent = 0;
    for block in 0..50 {
        ends.playbacks[1].pop(&mut output);
        while engine.turn() == Turn::Processed {}
        // What was ready is used up at first.
        silent += if block < 10 {
            0
        } else {
            output.iter().filter(|sample| **sample == 0.0).count()
        };
    }
    assert_eq!(silent, 0);
}

#[test]
fn a_device_that_comes_back_fades_in() {
    let (mut engine, mut ends) = two_devices();
    go(&mut engine, &mut ends, 4000, 0);
    ends.playbacks[1].restart(48_000);
    let energy = |samples: &[f32]| samples.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
    let mut energies = Vec::new();
    for _ in 0..160 {
        let mut outputs = [vec![0.0; BLOCK * ZONES / 2], vec![0.0; BLOCK * ZONES / 2]];
        for (end, output) in ends.playbacks.iter_mut().zip(&mut outputs) {
            end.pop(output);
            while engine.turn() == Turn::Processed {}
        }
        energies.push(energy(&outputs[1]) / energy(&outputs[0]).max(1e-30));
    }
    let mean = |from: usize| energies[from..from + 10].iter().sum::<f64>() / 10.0;
    let first = energies.iter().position(|energy| *energy > 0.0).unwrap();
    let (begin, end) = (mean(first), mean(150));
    assert!(begin < 1e-3 * end, "{begin} at first, {end} at last");
    assert!((mean(120) / end - 1.0).abs() < 0.3);
}

#[test]
#[allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the test is the thread around the engine"
)]
fn time_goes_on_without_any_device() {
    let (mut engine, mut ends) = two_devices();
    ends.captures.iter().for_each(|end| end.link().set_running(false));
    ends.playbacks.iter().for_each(|end| end.link().set_running(false));
    let begun = std::time::Instant::now();
    while begun.elapsed().as_millis() < 2500 {
        while engine.turn() == Turn::Processed {}
        std::thread::sleep(Duration::from_millis(2));
    }
    // A machine that is busy may be late, but must not be early.
    let seconds =
        std::iter::from_fn(|| ends.reports.take()).filter(|report| matches!(report, Report::Zone(zone) if zone.zone == 0));
    assert_eq!(seconds.count(), 2);
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
