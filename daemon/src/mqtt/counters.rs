//! What was refused or lost, for the console and the metrics.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::Serialize;

/// Counts since the start. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Cells>);

#[derive(Debug, Default)]
struct Cells {
    refused_commands: AtomicU64,
    refused_mutes: AtomicU64,
    lost_messages: AtomicU64,
    missed_events: AtomicU64,
    refused_by_broker: AtomicU64,
}

/// The counts at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages to `zone/<zone>/set` that changed nothing because something was wrong with them.
    pub refused_commands: u64,
    /// Messages to `mute/set` that changed nothing because something was wrong with them.
    pub refused_mutes: u64,
    /// Events and results that were dropped because the broker was away or too slow for too long.
    pub lost_messages: u64,
    /// Events that came faster than they could be passed on.
    pub missed_events: u64,
    /// Messages that the broker did not accept, for instance because its access list forbids them.
    pub refused_by_broker: u64,
}

impl Counters {
    /// The counts now.
    pub fn counts(&self) -> Counts {
        let read = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        Counts {
            refused_commands: read(&self.0.refused_commands),
            refused_mutes: read(&self.0.refused_mutes),
            lost_messages: read(&self.0.lost_messages),
            missed_events: read(&self.0.missed_events),
            refused_by_broker: read(&self.0.refused_by_broker),
        }
    }

    pub(super) fn command_refused(&self) {
        self.0.refused_commands.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn mute_refused(&self) {
        self.0.refused_mutes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn message_lost(&self) {
        self.0.lost_messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many were missed before.
    pub(super) fn events_missed(&self, count: u64) -> u64 {
        self.0.missed_events.fetch_add(count, Ordering::Relaxed)
    }

    /// Returns how many were refused before.
    pub(super) fn broker_refused(&self) -> u64 {
        self.0.refused_by_broker.fetch_add(1, Ordering::Relaxed)
    }
}
