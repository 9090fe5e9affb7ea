//! What places teach outlives a restart of the real program, is used, and is gone where the site does not want it.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "support/room.rs"]
mod room;

use std::fs;

use ::habitatd::{
    health::Health,
    store::{PlaceRecord, Store, WhenFull},
};

use crate::{
    habitatd::{Site, run},
    room::{RATE_HZ, Room, layout, zone_id},
};

const ZONES: usize = 3;
const SECONDS: usize = 150;

fn habitat_toml(adaptation: &str) -> String {
    format!(
        r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = 800
[audio.pipe]
start = "2026-01-05T08:00:00Z"
[event_log]
path = "events.jsonl"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
speech_privacy = 1.0
{adaptation}
"#
    )
}

/// Somebody talks in one zone after the other.
fn sound() -> Vec<u8> {
    let samples = Room::new(ZONES).listen(SECONDS * RATE_HZ);
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// What one run plays, its events and its log.
fn play(site: &Site, input: &[u8]) -> (Vec<u8>, Vec<u8>, String) {
    let _ = fs::remove_file(site.path("events.jsonl"));
    let output = run(site.command("run"), input);
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    (output.stdout, fs::read(site.path("events.jsonl")).unwrap(), log)
}

fn places(site: &Site) -> Vec<PlaceRecord> {
    Store::open(&site.path("state"), Health::default()).unwrap().1.places
}

fn known_s(site: &Site, zone: &str) -> f64 {
    places(site).iter().find(|place| place.zone == zone).unwrap().known_s
}

/// Stores a place before the daemon starts.
fn teach(site: &Site, zone: &str, known_s: f64, shares_json: String) {
    let (store, _) = Store::open(&site.path("state"), Health::default()).unwrap();
    let record = PlaceRecord {
        zone: zone.to_owned(),
        known_s,
        shares_json,
        updated: jiff::Timestamp::UNIX_EPOCH,
    };
    store.save_place(record, WhenFull::Wait);
}

/// Everybody distracted at levels below 45 dB(A), and nobody above: worth it to a private site.
fn steep() -> String {
    let shares: [f32; 16] = core::array::from_fn(|index| if index < 8 { 1.0 } else { 0.0 });
    serde_json::to_string(&shares).unwrap()
}

#[test]
fn a_restart_goes_on_with_what_was_known_and_the_same_state_gives_the_same_sound_and_events() {
    let input = sound();
    let [first, second] = [(); 2].map(|()| Site::new(&habitat_toml(""), &layout(ZONES)));
    assert!(
        play(&first, &input).0 == play(&second, &input).0,
        "nothing known: the same sound"
    );
    assert_eq!(places(&first), places(&second));
    let before: Vec<f64> = (0..ZONES).map(|zone| known_s(&first, &zone_id(zone))).collect();
    let (sound, events, _) = play(&first, &input);
    let (second_sound, second_events, _) = play(&second, &input);
    assert!(
        sound == second_sound && events == second_events,
        "the same state, the same sound and events"
    );
    assert_eq!(places(&first), places(&second));
    for (zone, before) in before.into_iter().enumerate() {
        assert!(
            (100.0..=SECONDS as f64).contains(&before),
            "zone {zone} after one run: {before} s"
        );
        let after = known_s(&first, &zone_id(zone));
        assert!(
            (after - 2.0 * before).abs() < 2.0,
            "zone {zone} after two: {after} s, and {before} s before"
        );
    }
}

#[test]
fn what_is_known_is_used_found_by_the_id_of_the_zone_and_dropped_where_it_is_wrong() {
    let input = sound();
    let site = Site::new(&habitat_toml(""), &layout(ZONES));
    let (without, _, _) = play(&site, &input);
    teach(&site, "zone-1", 1e5, "[1.0, 2.0]".to_owned());
    teach(&site, "zone-2", 1e5, steep());
    teach(&site, "a-zone-that-was", 1e5, steep());
    let (with, _, log) = play(&site, &input);
    assert!(with != without, "what is known of a place changes nothing");
    assert!(log.contains("learns anew") && log.contains("zone-1"), "{log}");
    assert!(!log.contains("zone-2"), "{log}");
    assert!(known_s(&site, "zone-1") < 200.0, "it has learnt anew");
    assert!(known_s(&site, "zone-2") > 1e5, "it has learnt on");
    assert_eq!(known_s(&site, "a-zone-that-was"), 1e5, "it may come back");
}

#[test]
fn a_site_that_does_not_want_it_stores_none_and_erases_what_was_stored() {
    let input = sound();
    let site = Site::new(&habitat_toml("place_memory = false"), &layout(ZONES));
    let (without, _, _) = play(&site, &input);
    assert_eq!(places(&site), []);
    teach(&site, "zone-2", 1e5, steep());
    teach(&site, "a-zone-that-was", 1e5, steep());
    teach(&site, "zone-1", 1e5, "[1.0, 2.0]".to_owned());
    assert!(play(&site, &input).0 == without, "what was stored is not used");
    assert_eq!(places(&site), []);
}
