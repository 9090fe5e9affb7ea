//! Retained state: each zone at most once a second, of a large site not all in every second, and the mute of the site.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, Unit};
use serde_json::Value;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{
    outbox::Outbox,
    pacing::Pacing,
    topics::{Topic, Topics},
};
use crate::{
    control::MuteState,
    status::{StatusBoard, ZoneStatus},
};

/// Least time between two states of a zone.
const PACE: Duration = Duration::from_secs(1);

/// Raised when a field gets another meaning; new fields do not raise it.
pub(super) const SCHEMA: &str = "habitat.zone.state.v1";

/// What the percentiles of the measurement are called; they are for the cloud and the event log.
pub(super) const LEFT_OUT: [&str; 3] = ["la10_db", "la50_db", "la90_db"];

/// What the state of the site's mute says.
pub(super) const ON: &str = "ON";
/// See [`ON`].
pub(super) const OFF: &str = "OFF";

/// Hands the newest status of each zone to the outbox.
///
/// `beside_remote` are zones of which another controller wants to know, the most important first.
pub(super) async fn publish_zones(board: StatusBoard, beside_remote: Vec<usize>, topics: Arc<Topics>, outbox: Arc<Outbox>) {
    let mut board = board.subscribe();
    // What is there already counts as news.
    board.mark_changed();
    let mut pacing = Pacing::new(beside_remote);
    while board.changed().await.is_ok() {
        let published_at = Instant::now();
        let site = board.borrow_and_update().clone();
        for zone in pacing.choose(&site.zones) {
            let zone = &site.zones[zone];
            if let Some(payload) = site.time.and_then(|time| zone_payload(zone, time)) {
                outbox.set_state(topics.of(Topic::ZoneState, &zone.measurement.zone), payload);
            }
        }
        sleep_until(published_at + PACE).await;
    }
}

/// Hands the mute of the site to the outbox.
pub(super) async fn publish_mute(mut mutes: watch::Receiver<MuteState>, topics: Arc<Topics>, outbox: Arc<Outbox>) {
    loop {
        let muted = mutes.borrow_and_update().site;
        outbox.set_state(topics.at(Topic::MuteState), if muted { ON.into() } else { OFF.into() });
        if mutes.changed().await.is_err() {
            return;
        }
    }
}

/// The state of a zone as it is published.
pub(super) fn zone_payload(zone: &ZoneStatus, time: Timestamp) -> Option<Vec<u8>> {
    let mut value = serde_json::to_value(zone).ok()?;
    if let Value::Object(members) = &mut value {
        let time = time.round(Unit::Millisecond).unwrap_or(time);
        members.insert("time".into(), time.to_string().into());
        members.insert("schema".into(), SCHEMA.into());
        for key in LEFT_OUT {
            members.shift_remove(key);
        }
    }
    serde_json::to_vec(&value).ok()
}
