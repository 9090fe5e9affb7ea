//! What masking can do for a zone, as the real program says it while somebody talks next door.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod console;
#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "support/pipe.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod pipe;
#[path = "support/room.rs"]
mod room;

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    console::Console,
    habitatd::{Daemon, HANG, Site, free_port},
    pipe::Pipe,
    room::{RATE_HZ, Room, layout},
};

const ZONES: usize = 2;
const BLOCK: usize = RATE_HZ / 10;
/// Somebody has talked in the first zone since the start, and still does.
const SECONDS: usize = 38;

/// What is said of the second zone behind a wall of this sound reduction.
fn benefit(reduction_db: u32) -> Value {
    let port = free_port();
    let wall = format!("[[screen]]\nfloor = \"1\"\nfrom = [6, 0]\nto = [6, 6]\nheight_m = 2.8\nreduction_db = {reduction_db}\n");
    let site = Site::new(
        &format!(
            r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = {BLOCK}
[audio.pipe]
start = "2026-01-05T08:00:00Z"
[console]
listen = "127.0.0.1:{port}"
[event_log]
path = "events.jsonl"
[adaptation]
startup_ramp_s = 10
"#
        ),
        &(layout(ZONES) + &wall),
    );
    let mut daemon = Daemon::start(site.command("run"));
    let mut pipe = Pipe::of(&mut daemon, BLOCK * ZONES);
    let console = Console::of(&mut daemon, port);
    let mut room = Room::new(ZONES);
    for _ in 0..SECONDS * RATE_HZ / BLOCK {
        pipe.exchange(&room.listen(BLOCK));
    }
    let begun = Instant::now();
    // The report of a second comes a fifth of a second after it.
    let last = format!("2026-01-05T08:00:{:02}Z", SECONDS - 1);
    let zones = loop {
        let zones = console.get("/api/v1/zones");
        if zones["time"].as_str().is_some_and(|time| time >= last.as_str()) {
            break zones;
        }
        assert!(begun.elapsed() < HANG, "{zones}");
        std::thread::sleep(Duration::from_millis(10));
    };
    let events = fs::read_to_string(site.path("events.jsonl")).unwrap();
    assert!(events.contains("habitat.zone.measurement.v1"));
    assert!(!events.contains("masking_benefit"), "no event carries it");
    zones["zones"][1]["masking_benefit"].clone()
}

#[test]
fn next_door_to_a_talker_it_depends_on_the_wall_between_what_masking_can_do() {
    assert_eq!(benefit(0), "not_maskable");
    assert_eq!(benefit(8), "helps");
    assert_eq!(benefit(30), "quiet");
}
