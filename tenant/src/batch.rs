//! Takes a batch of CloudEvents apart: which events are ours and of this site, and what is wrong with the others.
//!
//! The array is split first and each element read on its own, so that memory stays in proportion to the batch and one
//! bad event does not spoil the others.

use std::fmt;

use habitat_events::{Data, Event};
use serde::{
    Serialize,
    de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{ids::SiteId, service::Limits, store::Record};

/// Longest subject or zone, in bytes.
pub(crate) const NAME_MAX_BYTES: usize = 256;
/// Longest id that is given back.
const ID_MAX_BYTES: usize = 128;
/// Longest reason that is given back, because it may quote the event.
const REASON_MAX_CHARS: usize = 300;

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Rejection {
    /// Place in the batch, from 0.
    pub index: usize,
    /// Its id, when it has a readable one.
    pub id: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// A batch, taken apart; both lists are in the order of the batch.
#[derive(Debug)]
pub(crate) struct Batch {
    /// What can be stored.
    pub records: Vec<Record>,
    /// What cannot.
    pub rejected: Vec<Rejection>,
}

/// Why nothing of a batch can be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BatchError {
    /// It is not a JSON array.
    #[error("the body is not a JSON array of CloudEvents: {0}")]
    Malformed(String),
    /// It has too many events.
    #[error("the batch has {count} events; send at most {limit} at a time")]
    TooMany {
        /// How many it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl Batch {
    /// Reads the body of a request for a site.
    pub fn read(site: &SiteId, body: &[u8], limits: &Limits) -> Result<Self, BatchError> {
        let elements = split(body, limits.batch_events)?;
        let mut batch = Batch {
            records: Vec::with_capacity(elements.len()),
            rejected: Vec::new(),
        };
        for (index, element) in elements.into_iter().enumerate() {
            match record(site, element.get(), limits.event_bytes) {
                Ok(record) => batch.records.push(record),
                Err((id, reason)) => batch.rejected.push(Rejection {
                    index,
                    id,
                    reason: reason.chars().take(REASON_MAX_CHARS).collect(),
                }),
            }
        }
        Ok(batch)
    }
}

/// One event, or its id and what is wrong with it.
fn record(site: &SiteId, json: &str, event_bytes: usize) -> Result<Record, (Option<String>, String)> {
    if json.len() > event_bytes {
        return Err((
            None,
            format!("the event has {} bytes; at most {event_bytes} are allowed", json.len()),
        ));
    }
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|error| (None, format!("not JSON that can be read: {error}")))?;
    let id = value
        .get("id")
        .and_then(|id| id.as_str())
        .filter(|id| id.len() <= ID_MAX_BYTES)
        .map(str::to_owned);
    let event_has_nul = value.get("data").is_some_and(has_nul);
    let event = match Event::from_json(value) {
        Ok(event) => event,
        Err(error) => return Err((id, error.to_string())),
    };
    if event_has_nul {
        let reason = "a text in its data has a NUL character; right would be text without";
        return Err((id, reason.to_owned()));
    }
    check(site, &event).map_err(|reason| (id.clone(), reason))?;
    // What is kept is the typed event written anew: attributes that we do not know are not kept.
    let document = serde_json::to_string(&event).map_err(|error| (id, format!("it cannot be stored: {error}")))?;
    Ok(Record {
        id: event.id,
        event_type: event.data.event_type(),
        zone: zone(&event.data).unwrap_or(&event.subject).to_owned(),
        time_us: event.time.as_microsecond(),
        document,
        controller_version: match event.data {
            Data::Controller(controller) => Some(controller.version),
            _ => None,
        },
        source: event.source,
    })
}

fn check(site: &SiteId, event: &Event) -> Result<(), String> {
    if !site.owns_source(&event.source) {
        return Err(format!(
            "source {:?} is not a controller of this site; right would be \"/sites/{site}/controllers/<controller>\"",
            event.source
        ));
    }
    let version = match &event.data {
        Data::Controller(controller) => Some(controller.version.as_str()),
        _ => None,
    };
    let names = [
        ("subject", Some(event.subject.as_str())),
        ("zone", zone(&event.data)),
        ("version", version),
    ];
    for (what, name) in names {
        if name.is_some_and(|name| name.is_empty() || name.len() > NAME_MAX_BYTES) {
            return Err(format!("{what} is empty or longer than {NAME_MAX_BYTES} bytes"));
        }
        // PostgreSQL has no text with it.
        if name.is_some_and(|name| name.contains('\0')) {
            return Err(format!("{what} has a NUL character; right would be a name without"));
        }
    }
    Ok(())
}

/// PostgreSQL has no text with it, so that no view could show the event.
fn has_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(list) => list.iter().any(has_nul),
        serde_json::Value::Object(members) => members.values().any(has_nul),
        _ => false,
    }
}

/// The zone that an event speaks of.
fn zone(data: &Data) -> Option<&str> {
    match data {
        Data::Measurement(measurement) => Some(&measurement.zone),
        Data::Adaptation(adaptation) => Some(&adaptation.zone),
        Data::Preferences(preferences) => Some(&preferences.zone),
        Data::Mute(mute) => mute.zone.as_deref(),
        Data::Device(_) | Data::Controller(_) | Data::Layout(_) => None,
    }
}

fn split(body: &[u8], limit: usize) -> Result<Vec<&RawValue>, BatchError> {
    let malformed = |error: serde_json::Error| BatchError::Malformed(error.to_string());
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let (elements, count) = Elements { limit }.deserialize(&mut deserializer).map_err(malformed)?;
    deserializer.end().map_err(malformed)?;
    if count > limit {
        return Err(BatchError::TooMany { count, limit });
    }
    Ok(elements)
}

/// The elements of an array up to a limit, and how many there are in all.
struct Elements {
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Elements {
    type Value = (Vec<&'de RawValue>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements {
    type Value = (Vec<&'de RawValue>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of CloudEvents")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while elements.len() < self.limit {
            match array.next_element()? {
                Some(element) => elements.push(element),
                None => break,
            }
        }
        let mut count = elements.len();
        while elements.len() == self.limit && array.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok((elements, count))
    }
}
