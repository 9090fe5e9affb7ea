//! What somebody has set for today outlives kill -9, and ends at midnight by the clock of the site.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    habitatd::{HANG, Site},
    office::{BLOCKS_PER_S, STARTUP_S, ZONES},
    room::layout,
    sounding::Sounding,
};

fn today(sounding: &Sounding, zone: &str) -> Value {
    sounding.console.get(&format!("/api/v1/zones/{zone}"))["effective"]["today"].clone()
}

#[test]
fn what_was_set_for_today_survives_kill_9_and_ends_at_midnight() {
    let site = Site::new("", &layout(ZONES));
    let sounding = Sounding::start(&site, "2026-03-28T20:00:00Z");
    for (zone, wanted) in [("zone-1", json!("off")), ("zone-2", json!(50))] {
        let path = format!("/api/v1/zones/{zone}");
        sounding.console.change(Method::PATCH, &path, &json!({ "today": wanted }));
    }
    // The highest level of the zone is 46 dB.
    assert_eq!(
        (today(&sounding, "zone-1"), today(&sounding, "zone-2")),
        (json!("off"), json!(46.0))
    );
    drop(sounding);

    let mut sounding = Sounding::start(&site, "2026-03-28T23:59:40Z");
    assert_eq!(
        (today(&sounding, "zone-1"), today(&sounding, "zone-2")),
        (json!("off"), json!(46.0))
    );
    let evening = sounding.play(19 * BLOCKS_PER_S);
    assert_eq!(
        sounding.peak_of(0, evening.clone()),
        0.0,
        "a zone that is off today plays something"
    );
    assert!(sounding.peak_of(1, evening) > 0.0);
    // Time passes with the sound; what it asks for is looked at beside it.
    let begun = Instant::now();
    while today(&sounding, "zone-1") != "schedule" || today(&sounding, "zone-2") != "schedule" {
        sounding.play(BLOCKS_PER_S);
        sleep(Duration::from_millis(50));
        assert!(begun.elapsed() < HANG, "it does not end at midnight");
    }
    let night = sounding.play(STARTUP_S * BLOCKS_PER_S);
    assert!(sounding.peak_of(0, night) > 0.0, "the zone is not on again");
    drop(sounding);

    let sounding = Sounding::start(&site, "2026-03-29T01:00:00Z");
    assert_eq!(today(&sounding, "zone-1"), "schedule");
}

#[test]
fn what_ended_while_the_daemon_was_down_has_ended() {
    let site = Site::new("", &layout(ZONES));
    let sounding = Sounding::start(&site, "2026-03-28T20:00:00Z");
    sounding
        .console
        .change(Method::PATCH, "/api/v1/zones/zone-1", &json!({ "today": "off" }));
    drop(sounding);
    let mut sounding = Sounding::start(&site, "2026-03-29T00:00:00Z");
    assert_eq!(today(&sounding, "zone-1"), "schedule");
    let night = sounding.play(STARTUP_S * BLOCKS_PER_S);
    assert!(sounding.peak_of(0, night) > 0.0);
}
