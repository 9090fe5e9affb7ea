//! Several devices, some with clocks of their own, that come and go.

use std::time::Duration;

use habitat_dsp::Report;
use habitat_engine::{Ends, EngineLoop, Turn};

use crate::site::{BLOCK, ZONES, parameters, two_devices};

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
    let block = Duration::from_millis(10);
    let mut output = vec![0.0; BLOCK * ZONES / 2];
    let mut silent = 0;
    for _ in 0..50 {
        std::thread::sleep(block);
        while engine.turn() == Turn::Processed {}
        ends.playbacks[1].pop(&mut output);
        silent += output.iter().filter(|sample| **sample == 0.0).count();
    }
    assert_eq!(silent, 0, "not even what was ready is used up");
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
fn a_mute_does_not_wait_for_what_is_in_the_ring_and_its_release_lets_none_of_it_out() {
    let (mut engine, mut ends) = two_devices();
    go(&mut engine, &mut ends, 4000, 0);
    assert!(ends.playbacks[0].available_frames() >= BLOCK, "something waits");
    // The first device has the zones 0 and 1; the second goes on.
    let mut changed = parameters();
    changed.zones[0].muted = true;
    ends.parameters.write(&changed);
    while engine.turn() == Turn::Processed {}
    let mut output = vec![0.0; BLOCK * ZONES / 2];
    ends.playbacks[0].pop(&mut output);
    // 5 ms later it is silent, and the zone beside it is not.
    for frame in output.chunks_exact(ZONES / 2).skip(240) {
        assert!(frame[0] == 0.0 && frame[1] != 0.0);
    }
    // Released at once, before the engine has made a block: what it had made before stays unheard, and it begins anew.
    ends.parameters.write(&parameters());
    while engine.turn() == Turn::Processed {}
    let loudest = |samples: &[f32], channel: usize| {
        let channel = samples.iter().skip(channel).step_by(ZONES / 2);
        channel.fold(0f32, |loudest, sample| loudest.max(sample.abs()))
    };
    for block in 0..100 {
        ends.playbacks[0].pop(&mut output);
        while engine.turn() == Turn::Processed {}
        let (muted, other) = (loudest(&output, 0), loudest(&output, 1));
        // The ramp begins 20 dB down and fades in over a second.
        assert!(muted < 0.15 * other, "block {block}: {muted} beside {other}");
    }
}
