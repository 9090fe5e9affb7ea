//! For a while everything has to arrive, whatever else the daemon has to suffer.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    jackd::Jackd,
    reference::{gaps, reference},
    room::{Room, level_db},
    site::{BLOCK, On, RAMP_S, RATE, Running, start_on},
};

/// Runs with so many channels each way for some seconds after the ramp, and compares sample by sample and second by second. The daemon is told in its environment what it
/// has to suffer, and `meanwhile` looks at it.
pub fn everything_arrives(channels: usize, seconds: usize, suffers: &[(&str, &str)], meanwhile: impl FnOnce(&Running)) {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start_on(&[On::jack(channels)], |command| {
        server.serve(command);
        command.envs(suffers.iter().copied());
    });
    let mut room = Room::enter(&server, channels, folder.path());
    room.wait_for_sound();
    // How far the ramp has come when the first sample is asked for differs by a block.
    std::thread::sleep(Duration::from_secs(RAMP_S as u64 + 2));
    let before = running.health();
    let begun = Instant::now();
    meanwhile(&running);
    std::thread::sleep(Duration::from_secs(seconds as u64).saturating_sub(begun.elapsed()));
    let after = running.health();
    let recorded = room.leave(folder.path());
    assert!(!running.daemon.has_ended());
    running.daemon.signal("TERM");
    assert!(running.daemon.wait().success());

    let recorded = recorded.each_ref().map(|channel| &channel[(RAMP_S + 2) * RATE as usize..]);
    let reference = reference(channels, seconds + 2 * RAMP_S + 20);
    let seen = recorded.each_ref().map(|channel| channel.len() / RATE as usize);
    // A server without a card is slower than the clock on a busy machine.
    assert!(seen.iter().all(|recorded| *recorded >= seconds / 2), "{seen:?} s recorded");
    let gaps: Vec<usize> = recorded
        .iter()
        .zip(&reference)
        .map(|(recorded, reference)| gaps(recorded, reference))
        .collect();
    let count = |health: &Value, counter: &str| health["counters"][counter].as_u64().unwrap();
    let told = count(&after, "output_frames_missing") - count(&before, "output_frames_missing");
    println!(
        "{seen:?} s, {gaps:?} frames of silence, {told} told; devices {}, block times {}",
        after["device_counters"], after["block_time"]["whole_run"]
    );
    for gap in gaps {
        // What went missing between the two looks and the two ends of the recording is not known to the frame.
        assert!(
            gap as u64 >= told && gap as u64 <= told + u64::from(4 * BLOCK),
            "{gap} frames are missing, {told} are told"
        );
    }
    assert_eq!(count(&after, "reports_lost"), 0);
    levels_are_right(&running, channels, seconds);
}

/// Every zone hears its tone at its level, and no second is left out.
fn levels_are_right(running: &Running, channels: usize, seconds: usize) {
    let measured = running.events("habitat.zone.measurement.v1");
    let mut heard_db = vec![Vec::new(); channels];
    for event in &measured {
        let zone: usize = event["subject"].as_str().unwrap()[1..].parse().unwrap();
        heard_db[zone].extend(event["data"]["laeq_db"].as_f64().filter(|db| *db > 50.0));
    }
    for (zone, heard_db) in heard_db.iter().enumerate() {
        assert!(heard_db.len() >= seconds / 2, "zone {zone}: {} s", heard_db.len());
        // The first and the last second that are heard are not heard as a whole.
        for laeq_db in &heard_db[2..heard_db.len() - 2] {
            let off_db = (laeq_db - level_db(zone)).abs();
            assert!(off_db < 0.15, "zone {zone}: {laeq_db} dB(A), {off_db} dB off");
        }
    }
    let times: Vec<jiff::Timestamp> = measured
        .iter()
        .filter(|event| event["subject"] == "z0")
        .map(|event| event["time"].as_str().unwrap().parse().unwrap())
        .collect();
    for pair in times.windows(2) {
        let apart_s = pair[1].duration_since(pair[0]).as_secs_f64();
        assert!((apart_s - 1.0).abs() < 0.5, "{apart_s} s between two measurements");
    }
}

#[test]
fn thirty_two_channels_each_way_arrive_for_a_minute_as_they_were_played() {
    everything_arrives(32, 60, &[], |_| {});
}

#[test]
fn as_many_channels_as_a_device_may_have_arrive_as_they_were_played() {
    everything_arrives(64, 15, &[], |_| {});
}

#[test]
fn an_engine_that_works_hard_beside_an_async_side_that_hangs_misses_nothing() {
    let suffers = [("HABITAT_REHEARSE_ENGINE_LOAD", "0.8"), ("HABITAT_REHEARSE_HANG", "25 10")];
    everything_arrives(32, 30, &suffers, |running| {
        let begun = Instant::now();
        while running.answer().is_some() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing hangs");
            std::thread::sleep(Duration::from_millis(100));
        }
        while running.answer().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it hangs for ever");
        }
        let share = running.health()["block_time"]["whole_run"]["p50_share_of_period"].as_f64();
        assert!(share.is_some_and(|share| (0.8..0.9).contains(&share)), "{share:?}");
    });
}
