//! How long sound is under way: what the devices tell, and what is heard.

use std::time::Duration;

use serde_json::Value;

use crate::{
    jackd::Jackd,
    room::Room,
    site::{BLOCK, RATE, start},
};

/// The way through the room, frames: 10 ms, or 3.4 m.
const WAY: usize = 480;

fn milliseconds(frames: usize) -> f64 {
    1e3 * frames as f64 / f64::from(RATE)
}

/// What is told is added up from rings, clocks and what the server says; what is heard is found by correlation with what was played.
#[test]
fn the_round_trip_that_is_told_is_the_one_that_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter_with_echo(&server, 2, folder.path(), WAY);
    room.wait_for_sound();
    let known = |latency: &Value| latency["round_trip_ms"].is_number() && latency["heard_after_ms"].is_number();
    running.wait_for("delay", Duration::from_secs(60), |running| {
        known(&running.health()["latency"])
    });
    // What is told is a mean over a second.
    std::thread::sleep(Duration::from_secs(5));
    let health = running.health();
    let latency = |key: &str| health["latency"][key].as_f64().unwrap();
    let (told, heard) = (latency("round_trip_ms"), latency("heard_after_ms"));
    let expected = told + milliseconds(WAY);
    println!("{told} ms told, {heard} ms heard, {expected} ms expected");
    assert!(
        (heard - expected).abs() < 3.0,
        "{told} ms told, {heard} ms heard instead of {expected}"
    );
    let of_devices: f64 = ["input", "output"]
        .iter()
        .map(|direction| running.counters("jack", direction)["latency_ms"].as_f64().unwrap())
        .sum();
    assert!(
        (told - of_devices - milliseconds(BLOCK as usize)).abs() < 2.0,
        "{told} ms, {of_devices} ms"
    );
}
