//! What the controller remembers: events on their way to the cloud and after it, settings, mutes, when it first started, what places
//! teach and what the weeks have taught.
//!
//! One SQLite file, `<state_dir>/habitat.db`, and one thread that owns it. Everyone else holds a [`Store`], which puts
//! requests into a bounded queue; nobody waits for the disk unless they ask to. A commit is on the disk when it
//! returns (write-ahead log with `synchronous=FULL`), and what waits in the queue shares one commit.
//!
//! Invariants: an event is kept once per source and id; each lane goes out in the order in which it came in; a row leaves
//! the outbox only by [`Store::mark_sent`] or [`Store::set_aside`]; rows that were sent stay as local history up to a
//! bound. When the disk refuses, events stay in memory up to a bound and are tried again; a damaged file is set aside
//! and a new one begun. Both are told to the health board.

mod bounds;
mod database;
mod erase;
mod error;
mod handle;
mod lock;
mod records;
mod request;
mod unsaved;
mod writer;
#[cfg(test)]
mod writer_model;
#[cfg(test)]
mod writer_tests;

pub use bounds::OutboxBounds;
pub use database::{
    history::history,
    inspect::{kept, outbox},
};
pub use erase::{Erased, ErasedFile, erase, files};
pub use error::StoreError;
pub use handle::{Store, WhenFull};
pub use records::{
    Backlog, HistoryEvent, HistoryQuery, Lane, LearnedRecord, Outbox, Pending, PlaceRecord, RefusedEvent, Saved, SettingsRecord,
    Waiting,
};
