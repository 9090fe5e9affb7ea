//! Past events, and which events a request asks for.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    console::{Console, refusal::Refusal},
    store::{HistoryQuery, StoreError, history},
};

/// Events of an answer when the request does not say how many.
const DEFAULT_LIMIT: usize = 100;
/// Most events of an answer.
const LARGEST_LIMIT: usize = 1000;

/// Past events, the oldest first.
#[derive(Serialize)]
pub(in crate::console) struct Events {
    events: Vec<Value>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Wanted {
    /// Of this zone only.
    pub zone: Option<String>,
    since: Option<Timestamp>,
    limit: Option<usize>,
}

impl Wanted {
    /// Reads the parameters of a request.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(console: &Console, parameters: &[(String, String)]) -> Result<Self, Refusal> {
        let mut wanted = Wanted::default();
        let mut errors = Vec::new();
        for (index, (key, value)) in parameters.iter().enumerate() {
            if parameters[..index].iter().any(|(earlier, _)| earlier == key) {
                errors.push(format!("{key:?} stands twice"));
            } else if let Err(error) = wanted.set(console, key, value) {
                errors.push(error);
            }
        }
        if errors.is_empty() {
            Ok(wanted)
        } else {
            Err(Refusal { status: 400, errors })
        }
    }

    fn set(&mut self, console: &Console, key: &str, value: &str) -> Result<(), String> {
        match key {
            "zone" => {
                let plan = &console.control.site().plan;
                console
                    .control
                    .zone_index(value)
                    .ok_or_else(|| Refusal::no_zone(400, value, plan).errors.concat())?;
                self.zone = Some(value.to_owned());
            }
            "since" => {
                let right = "write a time as in 2026-01-05T08:00:00Z, or with an offset, whose + is %2B in an address";
                self.since = Some(value.parse().map_err(|_| format!("`since` is {value:?}; {right}"))?);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
                self.limit = Some(limit.ok_or_else(|| format!("`limit` is {value:?}; it must be from 1 to {LARGEST_LIMIT}"))?);
            }
            unknown => {
                return Err(format!(
                    "{unknown:?} is not a parameter; the parameters are zone, since, limit"
                ));
            }
        }
        Ok(())
    }

    /// Only a zone can be chosen for what is yet to happen.
    ///
    /// # Errors
    /// When more is asked for.
    pub fn live(self) -> Result<Option<String>, Refusal> {
        if self.since.is_some() || self.limit.is_some() {
            return Err(Refusal::new(
                400,
                "a live stream begins now and has no end; `since` and `limit` are for the history",
            ));
        }
        Ok(self.zone)
    }
}

/// Reads the latest events that are wanted.
///
/// # Errors
/// When there is no history, or it cannot be read.
pub(in crate::console) async fn read(console: &Console, wanted: Wanted) -> Result<Events, Refusal> {
    let Some(state_dir) = console.state_dir.clone() else {
        return Err(Refusal::new(
            404,
            "no history is kept, because this habitatd runs without a state folder",
        ));
    };
    let query = HistoryQuery {
        zone: wanted.zone,
        since: wanted.since,
        after_seq: None,
        limit: wanted.limit.unwrap_or(DEFAULT_LIMIT),
    };
    let read = tokio::task::spawn_blocking(move || events(&state_dir, &query)).await;
    let failed = |error: String| Refusal::new(503, format!("the history cannot be read now: {error}"));
    match read {
        Ok(Ok(events)) => Ok(Events { events }),
        Ok(Err(error)) => Err(failed(error)),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn events(state_dir: &Path, query: &HistoryQuery) -> Result<Vec<Value>, String> {
    match history(state_dir, query) {
        Ok(events) => {
            let parsed = events.iter().map(|event| serde_json::from_str(&event.json));
            parsed.collect::<Result<_, _>>().map_err(|error| error.to_string())
        }
        // Nothing has happened yet.
        Err(StoreError::NoHistory { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}
