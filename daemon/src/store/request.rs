//! What the store's thread can be asked to do.

use habitat_events::CloudEvent;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Backlog, Lane, LearnedRecord, OutboxBounds, Pending, PlaceRecord, SettingsRecord, StoreError};

/// Where an answer goes. Who asked may have left meanwhile; that is no error.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// One entry of the queue.
#[derive(Debug)]
pub(super) enum Request {
    /// Keep these events.
    Append(Vec<CloudEvent>),
    /// From now on events are for the local history only.
    KeepLocal,
    /// No more than this waits for the tenant.
    BoundOutbox(OutboxBounds),
    /// The oldest events of a lane that wait for the tenant.
    Pending {
        lane: Lane,
        max_events: usize,
        reply: Reply<Vec<Pending>>,
    },
    /// The newest event that waits for the tenant.
    NewestPending { reply: Reply<Option<i64>> },
    /// The tenant has these.
    MarkSent { seqs: Vec<i64>, reply: Reply<()> },
    /// The tenant refuses these, for these reasons.
    SetAside { refused: Vec<(i64, String)>, reply: Reply<()> },
    /// How much is where.
    Backlog { reply: Reply<Backlog> },
    /// Keep the settings of a zone.
    SaveSettings { record: SettingsRecord, reply: Reply<()> },
    /// Forget the settings of a zone.
    DeleteSettings { zone: String, reply: Reply<()> },
    /// Keep or forget a mute.
    SaveMute {
        zone: Option<String>,
        muted: bool,
        reply: Reply<()>,
    },
    /// Keep what is known of a place. Nobody waits for it.
    SavePlace(PlaceRecord),
    /// Erase what is known of some places.
    DeletePlaces { zones: Vec<String>, reply: Reply<()> },
    /// Keep when the site first started.
    SaveFirstStart(Timestamp),
    /// Keep the digest of the layout that was told.
    SaveLayoutTold(u64),
    /// Keep what a week has taught.
    SaveLearned(LearnedRecord),
    /// Forget what the weeks have taught.
    EraseLearned { reply: Reply<()> },
    /// Answer when everything before is committed, or could not be.
    Flush { reply: Reply<()> },
}
