//! CloudEvents as a controller writes them, made from the shared types, and ways to pack them.

use std::io::Write;

use habitat_events::{
    Controller, ControllerState, Data, Device, DeviceKind, DeviceState, Event, FaultReason, Measurement, Mute, OwnSoundRemoval,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

/// The controller of a site.
fn source(site: &str) -> String {
    format!("/sites/{site}/controllers/main")
}

/// When event `minute` happened.
pub fn time(minute: u32) -> Timestamp {
    let start: Timestamp = "2026-01-05T08:00:00Z".parse().expect("a time");
    start + SignedDuration::from_mins(i64::from(minute))
}

fn envelope(site: &str, subject: &str, minute: u32, data: Data) -> Value {
    let event = Event {
        id: Uuid::new_v4(),
        source: source(site),
        subject: subject.to_owned(),
        time: time(minute),
        data,
    };
    serde_json::to_value(event).expect("an event is JSON")
}

/// One minute of a zone.
pub fn measurement(site: &str, zone: &str, minute: u32) -> Value {
    let data = Data::Measurement(Measurement {
        zone: zone.to_owned(),
        period_s: 60.0,
        laeq_db: Some(47.13),
        lafmax_db: Some(58.2),
        ambient_laeq_db: Some(38.21),
        ambient_resolved: true,
        ambient_uncertainty_db: Some(0.42),
        own_sound_removal: OwnSoundRemoval::Waveform,
        speech_laeq_db: None,
        speech_ratio: 0.217,
        talker: false,
        la10_db: Some(48.05),
        la50_db: Some(46.9),
        la90_db: Some(46.5),
        sti: None,
        masking_db: 43.0,
        distraction_db_min: 0.0667,
    });
    envelope(site, zone, minute, data)
}

/// A microphone of this name that failed.
pub fn device(site: &str, subject: &str, minute: u32, name: &str) -> Value {
    let data = Data::Device(Device {
        device: name.to_owned(),
        kind: DeviceKind::Microphone,
        state: DeviceState::Fault,
        reason: FaultReason::Dead,
    });
    envelope(site, subject, minute, data)
}

/// Minutes `0..count` of one zone of the site `hq`.
pub fn minutes(count: u32) -> Vec<Value> {
    (0..count).map(|minute| measurement("hq", "north", minute)).collect()
}

/// The ids of events, in their order.
pub fn ids(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect()
}

pub fn body(events: &[Value]) -> Vec<u8> {
    json!(events).to_string().into_bytes()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("writing to memory")
}

/// A controller that has started, of a version.
pub fn controller(site: &str, minute: u32, version: &str) -> Value {
    let data = Data::Controller(Controller {
        state: ControllerState::Started,
        version: version.to_owned(),
        dropped: None,
    });
    envelope(site, "controller", minute, data)
}

/// A mute that somebody asked for.
pub fn mute(site: &str, minute: u32, by: &str) -> Value {
    let data = Data::Mute(Mute {
        zone: None,
        muted: true,
        channel: "http".to_owned(),
        by: Some(by.to_owned()),
    });
    envelope(site, "site", minute, data)
}
