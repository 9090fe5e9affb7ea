//! Servers that die, hang or come back as others.

use std::time::{Duration, Instant};

use crate::{
    jackd::Jackd,
    room::Room,
    site::{BLOCK, RATE, start},
};

#[test]
fn a_server_that_dies_is_told_of_and_sound_is_back_two_seconds_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter(&server, 2, folder.path());
    room.wait_for_sound();
    std::thread::sleep(Duration::from_secs(3));
    for _ in 0..2 {
        let before = running.told().len();
        server.kill();
        drop(room);
        running.wait_for("loss", Duration::from_secs(5), |running| running.told().len() == before + 2);
        assert_eq!(running.health()["parts"]["audio"]["state"], "degraded");
        std::thread::sleep(Duration::from_secs(4));
        server.start_again();
        let back = Instant::now();
        room = Room::enter(&server, 2, folder.path());
        room.wait_for_sound();
        let silent = back.elapsed();
        println!("sound {silent:?} after the server");
        assert!(silent < Duration::from_secs(2), "{silent:?}");
        running.wait_for("recovery", Duration::from_secs(5), |running| {
            running.told().len() == before + 4
        });
        running.wait_for("health", Duration::from_secs(5), |running| {
            running.health()["parts"]["audio"]["state"] == "ok"
        });
    }
    let story = [
        "input fault lost",
        "output fault lost",
        "input recovered lost",
        "output recovered lost",
    ];
    let mut told = running.told();
    for life in told.chunks_mut(4) {
        life[..2].sort();
        life[2..].sort();
        assert_eq!(life, story);
    }
    assert_eq!(told.len(), 8);
    // Each zone lost its level, and has it again.
    running.wait_for("level", Duration::from_secs(10), |running| {
        let measured = running.events("habitat.zone.measurement.v1");
        let levels: Vec<bool> = measured
            .iter()
            .filter(|event| event["subject"] == "z1")
            .map(|event| event["data"]["laeq_db"].is_number())
            .collect();
        levels.contains(&false) && levels.last() == Some(&true)
    });
}

#[test]
fn a_server_that_hangs_without_a_word_is_told_of_and_sound_is_back_when_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter(&server, 2, folder.path());
    room.wait_for_sound();
    server.signal("STOP");
    running.wait_for("stall", Duration::from_secs(10), |running| {
        let mut told = running.told();
        told.sort();
        told == ["input fault stalled", "output fault stalled"]
    });
    assert_eq!(running.health()["parts"]["audio"]["state"], "degraded");
    server.signal("CONT");
    running.wait_for("recovery", Duration::from_secs(15), |running| running.told().len() == 4);
    let before = running.moved("jack", "output").0;
    running.wait_for("sound", Duration::from_secs(5), |running| {
        running.moved("jack", "output").0 > before + u64::from(RATE)
    });
}

#[test]
fn a_server_that_comes_back_at_another_rate_is_unsuitable_until_it_has_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    Room::enter(&server, 2, folder.path()).wait_for_sound();
    server.kill();
    server.start_again_at(44_100);
    running.wait_for("fault", Duration::from_secs(10), |running| {
        let told = running.told();
        ["input fault unsuitable", "output fault unsuitable"]
            .iter()
            .all(|fault| told.iter().any(|told| told == fault))
    });
    server.kill();
    server.start_again_at(RATE);
    running.wait_for("recovery", Duration::from_secs(10), |running| {
        running.told().iter().filter(|told| told.contains("recovered")).count() == 2
    });
    Room::enter(&server, 2, folder.path()).wait_for_sound();
}

#[test]
fn a_machine_that_was_suspended_plays_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter(&server, 2, folder.path());
    room.wait_for_sound();
    drop(room);
    running.daemon.signal("STOP");
    server.signal("STOP");
    std::thread::sleep(Duration::from_secs(5));
    server.signal("CONT");
    running.daemon.signal("CONT");
    let before = running.moved("jack", "output").0;
    running.wait_for("sound", Duration::from_secs(3), |running| {
        running.moved("jack", "output").0 > before + u64::from(RATE / 2)
    });
    assert_eq!(running.told(), [""; 0], "nothing was wrong with the device");
}
