//! Numbered events and a store to put them in.

use std::path::Path;

use ::habitatd::{
    health::Health,
    store::{HistoryQuery, Saved, Store},
};
use habitat_events::{CloudEvent, Data, Event, Mute};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

/// Event `number`, a second after the one before.
pub fn event(number: u64) -> CloudEvent {
    let data = Data::Mute(Mute {
        zone: None,
        muted: true,
        channel: "mqtt".into(),
        by: None,
    });
    let event = Event {
        id: Uuid::from_u128(number.into()),
        source: "/sites/test/controllers/1".into(),
        subject: if number.is_multiple_of(2) { "even" } else { "odd" }.into(),
        time: Timestamp::UNIX_EPOCH + (number as i64).seconds(),
        data,
    };
    CloudEvent::other(&event).unwrap()
}

/// The number of an event, from its document.
pub fn number_of(json: &str) -> u64 {
    let event: Event = serde_json::from_str(json).unwrap();
    event.id.as_u128().try_into().unwrap()
}

/// The store of a folder and what was saved in it.
pub fn open(folder: &Path) -> (Store, Saved) {
    Store::open(folder, Health::default()).unwrap()
}

/// All of the history.
pub fn everything() -> HistoryQuery {
    HistoryQuery {
        zone: None,
        since: None,
        after_seq: Some(0),
        limit: usize::MAX,
    }
}
