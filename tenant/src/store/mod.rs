//! Where events are kept: what can be asked of a store, in terms that no particular database shows through.
//!
//! A [`Store`] is a handle to a thread that owns the database ([`worker`]); [`sqlite`] is the one file that knows which
//! database it is.

mod schema;
mod sqlite;
mod worker;

use std::path::Path;

use tokio::sync::{mpsc, oneshot};

use crate::site::SiteId;
use worker::Command;

/// Requests that may wait for the database; beyond that callers are told to come back.
const WAITING_MAX: usize = 128;

/// An event on its way into the store.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// CloudEvents source.
    pub source: String,
    /// CloudEvents id, unique per source.
    pub id: String,
    /// CloudEvents type.
    pub event_type: &'static str,
    /// The zone that it speaks of, else its subject.
    pub zone: String,
    /// CloudEvents time, microseconds since 1970.
    pub time_us: i64,
    /// The whole document.
    pub document: String,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Events that were new.
    pub accepted: usize,
    /// Events that the store had already, or that came twice in the batch.
    pub duplicates: usize,
}

/// Which events of a site are asked for; `None` asks for all.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The site.
    pub site: SiteId,
    /// Zone, or subject of events without a zone.
    pub zone: Option<String>,
    /// CloudEvents type.
    pub event_type: Option<&'static str>,
    /// Earliest time, included.
    pub since_us: Option<i64>,
    /// Latest time, excluded.
    pub until_us: Option<i64>,
    /// Only events that arrived after this one.
    pub after: Option<i64>,
    /// Most events to give.
    pub limit: usize,
}

/// Some of the events that were asked for, in order of arrival.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// The documents.
    pub documents: Vec<String>,
    /// What to give as [`Selection::after`] for the rest; `None` when there is no rest.
    pub next: Option<i64>,
}

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created.
    #[error("cannot open the database {path}: {reason}")]
    Unavailable {
        /// The file.
        path: String,
        /// What the database said.
        reason: String,
    },
    /// The file is a database of another program, or no database at all.
    #[error("{path} is not a database of this program ({reason}); name another file, or one that does not exist yet")]
    Foreign {
        /// The file.
        path: String,
        /// How that shows.
        reason: String,
    },
    /// The file was written by a later version.
    #[error("the database {path} has schema version {found}, this program knows up to {known}; use a newer program")]
    Newer {
        /// The file.
        path: String,
        /// Version in the file.
        found: i64,
        /// Highest version that this program knows.
        known: i64,
    },
    /// The file is damaged.
    #[error("the database {path} is damaged ({reason}); restore a backup, or move it aside to begin a new one")]
    Damaged {
        /// The file.
        path: String,
        /// Where.
        reason: String,
    },
    /// The database refused an operation; nothing of it was stored.
    #[error("the database failed to {operation}: {reason}")]
    Failed {
        /// What it was about to do.
        operation: &'static str,
        /// What it said.
        reason: String,
    },
    /// Too many requests wait already.
    #[error("too many requests wait for the database")]
    Busy,
    /// The store has been closed.
    #[error("the database is closed")]
    Closed,
}

/// A handle to the database.
#[derive(Clone, Debug)]
pub(crate) struct Store(mpsc::Sender<Command>);

impl Store {
    /// Opens or creates the database and starts the thread that owns it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = sqlite::Sqlite::open(path)?;
        let (sender, commands) = mpsc::channel(WAITING_MAX);
        worker::start(database, commands).map_err(|error| StoreError::Unavailable {
            path: path.display().to_string(),
            reason: format!("no thread for it: {error}"),
        })?;
        Ok(Store(sender))
    }

    /// Stores the events that are new, in this order, in one transaction; returns after it is durable.
    pub async fn append(&self, site: SiteId, records: Vec<Record>) -> Result<Appended, StoreError> {
        self.ask(|reply| Command::Append { site, records, reply }).await
    }

    /// Events in order of arrival.
    pub async fn select(&self, selection: Selection) -> Result<Page, StoreError> {
        self.ask(|reply| Command::Select { selection, reply }).await
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.ask(|reply| Command::Probe { reply }).await
    }

    /// Waits for what has been asked before, then closes the database.
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.0.send(Command::Close { reply }).await.is_ok() {
            // An error means that the thread is gone, which is what we wait for.
            let _ = closed.await;
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Command) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(command(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_is_busy_and_one_that_nobody_reads_is_closed() {
        let (sender, commands) = mpsc::channel(1);
        let store = Store(sender);
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.probe().await }
        });
        tokio::task::yield_now().await;
        assert!(matches!(store.probe().await, Err(StoreError::Busy)));
        drop(commands);
        assert!(matches!(store.probe().await, Err(StoreError::Closed)));
        assert!(matches!(waiting.await, Ok(Err(StoreError::Closed))));
    }
}
