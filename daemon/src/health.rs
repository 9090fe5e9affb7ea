//! What works and what does not, in words, for the console, the metrics and the log.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

/// A part of the daemon that can fail without stopping the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Sound devices.
    Audio,
    /// The engine thread.
    Engine,
    /// The event log file.
    EventLog,
    /// The database with outbox and settings.
    Store,
    /// The connection to the MQTT broker.
    Mqtt,
    /// The connection to the cloud tenant.
    Cloud,
}

/// How a part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "problem", rename_all = "snake_case")]
pub enum Condition {
    /// It does its work.
    Ok,
    /// It does not, or not fully; the sentence says what is wrong and what would help.
    Degraded(String),
}

/// The current condition of every part, shared by all of them.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<Part, Condition>>>,
}

impl Health {
    /// Records that a part works, and logs it when it did not before.
    pub fn ok(&self, part: Part) {
        if let Some(Condition::Degraded(_)) = self.replace(part, Condition::Ok) {
            tracing::info!(?part, "works again");
        }
    }

    /// Records what is wrong with a part, and logs it when that is news.
    pub fn degraded(&self, part: Part, problem: impl Into<String>) {
        let condition = Condition::Degraded(problem.into());
        if self.replace(part, condition.clone()) != Some(condition.clone())
            && let Condition::Degraded(problem) = condition
        {
            tracing::warn!(?part, problem, "degraded");
        }
    }

    /// Every part that has reported so far.
    pub fn snapshot(&self) -> BTreeMap<Part, Condition> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, part: Part, condition: Condition) -> Option<Condition> {
        self.parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(part, condition)
    }
}
