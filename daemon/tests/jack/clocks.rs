//! Servers with clocks of their own, side by side.

use std::time::Duration;

use crate::{
    jackd::Jackd,
    pulseaudio::PulseAudio,
    room::Room,
    site::{BLOCK, On, RATE, Running, start_on},
};

#[test]
fn two_servers_with_clocks_of_their_own_run_side_by_side_and_one_that_dies_leaves_the_other_alone() {
    let mut jack = Jackd::start(RATE, BLOCK);
    let pulse = PulseAudio::start(&[("hall", 2)]);
    let hall = On {
        microphones: "pulseaudio:hall.monitor",
        loudspeakers: "pulseaudio:hall",
        zones: 1,
    };
    let mut running = start_on(&[On::jack(1), hall], |command| {
        jack.serve(command);
        pulse.serve(command);
    });
    let moves = |running: &Running, device: &str| running.moved(device, "output").0 > 2 * u64::from(RATE);
    running.wait_for("sound on both", Duration::from_secs(30), |running| {
        running.answer().is_some() && moves(running, "jack") && moves(running, "pulseaudio:hall")
    });
    let health = running.health();
    let drift = |device: &str| {
        let all = health["device_counters"].as_array().unwrap();
        let of_output = all
            .iter()
            .find(|counts| counts["device"] == device && counts["direction"] == "output");
        of_output.unwrap()["drift_ppm"].clone()
    };
    assert!(
        drift("jack").is_null() && drift("pulseaudio:hall").is_number(),
        "the engine follows JACK: {health}"
    );

    jack.kill();
    running.wait_for("loss", Duration::from_secs(5), |running| running.told().len() == 2);
    let before = running.moved("pulseaudio:hall", "output");
    std::thread::sleep(Duration::from_secs(5));
    let after = running.moved("pulseaudio:hall", "output");
    println!("PulseAudio moved {before:?} and {after:?} while JACK was gone");
    assert!(after.0 - before.0 > 3 * u64::from(RATE), "{before:?} {after:?}");
    assert!(after.1 - before.1 <= u64::from(2 * BLOCK), "{before:?} {after:?}");
    assert_eq!(running.told_of("pulseaudio:hall"), [""; 0]);

    jack.start_again();
    running.wait_for("recovery", Duration::from_secs(5), |running| running.told().len() == 4);
    drop(pulse);
    running.wait_for("loss", Duration::from_secs(10), |running| {
        running.told_of("pulseaudio:hall") == ["output fault lost"]
            && running.told_of("pulseaudio:hall.monitor") == ["input fault lost"]
    });
    let before = running.moved("jack", "output");
    std::thread::sleep(Duration::from_secs(5));
    let after = running.moved("jack", "output");
    println!("JACK moved {before:?} and {after:?} while PulseAudio was gone");
    assert!(
        after.0 - before.0 > 3 * u64::from(RATE) && after.1 - before.1 <= u64::from(2 * BLOCK),
        "{before:?} {after:?}"
    );
    assert_eq!(running.told().len(), 4);
}

#[test]
fn a_hundred_and_twenty_eight_channels_each_way_run_on_three_devices() {
    let jack = Jackd::start(RATE, BLOCK);
    let pulse = PulseAudio::start(&[("hall", 32), ("foyer", 32)]);
    let on_pulse = |microphones, loudspeakers| On {
        microphones,
        loudspeakers,
        zones: 32,
    };
    let devices = [
        On::jack(64),
        on_pulse("pulseaudio:hall.monitor", "pulseaudio:hall"),
        on_pulse("pulseaudio:foyer.monitor", "pulseaudio:foyer"),
    ];
    let mut running = start_on(&devices, |command| {
        jack.serve(command);
        pulse.serve(command);
    });
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::enter(&jack, 64, folder.path());
    room.wait_for_sound();
    let ends = devices
        .map(|on| [(on.microphones, "input"), (on.loudspeakers, "output")])
        .concat();
    running.wait_for("sound on all", Duration::from_secs(30), |running| {
        let moves = |(device, direction): &(&str, &str)| running.moved(device, direction).0 > u64::from(2 * RATE);
        running.answer().is_some() && ends.iter().all(moves)
    });
    let moved = |running: &Running| {
        ends.iter()
            .map(|(device, direction)| running.moved(device, direction))
            .collect::<Vec<_>>()
    };
    let before = moved(&running);
    std::thread::sleep(Duration::from_secs(20));
    let after = moved(&running);
    for ((end, before), after) in ends.iter().zip(&before).zip(&after) {
        println!("{end:?}: {} frames moved, {} lost", after.0 - before.0, after.1 - before.1);
    }
    for ((end, before), after) in ends.iter().zip(&before).zip(&after) {
        let seconds = (after.0 - before.0) / u64::from(RATE);
        assert!((10..=25).contains(&seconds), "{end:?}: {seconds} s");
        // Servers without a card pause with the machine.
        assert!(
            after.1 - before.1 < (after.0 - before.0) / 50,
            "{end:?}: {before:?} {after:?}"
        );
    }
    let mut heard = [0; 128];
    for event in running.events("habitat.zone.measurement.v1") {
        let zone: usize = event["subject"].as_str().unwrap()[1..].parse().unwrap();
        heard[zone] += usize::from(event["data"]["laeq_db"].is_number());
    }
    assert!(heard.iter().all(|seconds| *seconds >= 10), "{heard:?}");
}
