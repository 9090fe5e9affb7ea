//! What a zone has learnt of its place: shown, and erased.

use habitat_dsp::adaptation::PlaceMemory;
use habitat_events::round_to;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    console::{Console, refusal::Refusal},
    control::Channel,
};

/// What is known.
#[derive(Serialize)]
pub(in crate::console) struct PlaceView {
    zone: String,
    /// Whether this site remembers places.
    remembered: bool,
    /// Time of office life from which it comes.
    known_hours: f64,
    /// When it was like this.
    updated: Option<Timestamp>,
    /// By masking level; empty while nothing is known.
    curve: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    /// Masking at the listeners, dB(A).
    level_db: f64,
    /// Share of the zone's listeners, 0-1, whom speech from elsewhere would have distracted.
    distracted_share: f64,
}

/// What is known of a zone.
///
/// # Errors
/// When the layout does not have it.
pub(in crate::console) fn get(console: &Console, id: &str) -> Result<PlaceView, Refusal> {
    view(console, id, zone_index(console, id)?)
}

/// Forgets what is known of a zone, and describes what is left.
///
/// # Errors
/// When the layout does not have the zone, or the disk still has what was stored.
pub(in crate::console) async fn delete(console: &Console, id: &str) -> Result<PlaceView, Refusal> {
    let zone = zone_index(console, id)?;
    let forgotten = console.control.forget_place(zone, Channel::Http).await;
    forgotten.map_err(|error| {
        Refusal::new(
            503,
            format!("the place is forgotten, but what was stored of it is still on the disk: {error}; that is tried again"),
        )
    })?;
    view(console, id, zone)
}

fn zone_index(console: &Console, id: &str) -> Result<usize, Refusal> {
    let control = &console.control;
    control
        .zone_index(id)
        .ok_or_else(|| Refusal::no_zone(404, id, &control.site().plan))
}

fn view(console: &Console, id: &str, zone: usize) -> Result<PlaceView, Refusal> {
    let known = console
        .control
        .place(zone)
        .ok_or_else(|| Refusal::no_zone(404, id, &console.control.site().plan))?;
    let PlaceMemory { known_s, shares } = known.memory;
    let point = |(index, share): (usize, f32)| Point {
        level_db: PlaceMemory::level_db(index),
        distracted_share: round_to(f64::from(share), 4),
    };
    let is_known = known_s > 0.0;
    Ok(PlaceView {
        zone: id.to_owned(),
        remembered: console.control.remembers_places(),
        known_hours: round_to(f64::from(known_s) / 3600.0, 2),
        updated: known.updated,
        curve: shares.into_iter().enumerate().filter(|_| is_known).map(point).collect(),
    })
}
