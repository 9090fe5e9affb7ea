//! The way into the store for everybody else.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use habitat_events::{CloudEvent, DroppedEvents};
use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use super::{
    Backlog, Lane, LearnedRecord, Pending, PlaceRecord, Saved, SettingsRecord, StoreError,
    bounds::{Bounds, OutboxBounds},
    lock,
    request::{Reply, Request},
    writer::{Shared, Writer},
};
use crate::health::{Health, Part};

/// Requests that may wait for the thread. With [`EVENTS_PER_REQUEST`] this bounds the memory: 16 384 events of about
/// a kilobyte, which is over two minutes of the second-by-second work of a hundred zones on a disk that hangs.
const QUEUE_REQUESTS: usize = 256;
/// Larger appends are cut into requests of this size.
const EVENTS_PER_REQUEST: usize = 64;
/// How long an asynchronous caller sleeps before it looks at a full queue again.
const QUEUE_POLL: Duration = Duration::from_millis(10);

/// What [`Store::append`] does when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Blocks the calling thread until there is room. For runs that have no clock to keep up with.
    Wait,
    /// Loses the events and counts them. For callers that must not wait.
    Drop,
}

/// A handle to the store. Clones share one thread; when the last is dropped, what was appended is committed first.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

// Dropped from top to bottom: without the sender the thread ends, then it is waited for, then another process may come.
#[derive(Debug)]
struct Inner {
    requests: SyncSender<Request>,
    shared: Arc<Shared>,
    health: Health,
    _thread: JoinOnDrop,
    _lock: std::fs::File,
}

#[derive(Debug)]
struct JoinOnDrop(Option<JoinHandle<()>>);

impl Store {
    /// Opens or creates the store of a state folder and starts its thread. Also says what was saved before. A damaged
    /// database is set aside and a new one begun, which the health board tells.
    ///
    /// # Errors
    /// [`StoreError::Folder`] when the folder or the files cannot be made, [`StoreError::InUse`] when another process has
    /// them, [`StoreError::Newer`] after a downgrade, [`StoreError::DiskFull`] or [`StoreError::Database`] when the disk
    /// refuses.
    pub fn open(state_dir: &Path, health: Health) -> Result<(Store, Saved), StoreError> {
        let lock = lock::take(state_dir)?;
        let shared = Arc::new(Shared::default());
        let (writer, saved) = Writer::open(state_dir, health.clone(), Arc::clone(&shared), Bounds::default())?;
        let (requests, queue) = sync_channel(QUEUE_REQUESTS);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run(&queue));
        let thread = thread.map_err(|source| StoreError::Folder {
            doing: "start the thread for",
            path: state_dir.to_owned(),
            source,
        })?;
        let thread = JoinOnDrop(Some(thread));
        Ok((
            Store {
                inner: Arc::new(Inner {
                    requests,
                    shared,
                    health,
                    _thread: thread,
                    _lock: lock,
                }),
            },
            saved,
        ))
    }

    /// Keeps events: for the tenant, and as local history. Returns before they are on the disk. An event with the source
    /// and id of one that is kept already changes nothing.
    pub fn append(&self, events: Vec<CloudEvent>, when_full: WhenFull) {
        let mut events = events.into_iter();
        loop {
            let part: Vec<_> = events.by_ref().take(EVENTS_PER_REQUEST).collect();
            if part.is_empty() {
                return;
            }
            let count = part.len();
            let request = Request::Append(part);
            let problem = match when_full {
                WhenFull::Wait => self
                    .inner
                    .requests
                    .send(request)
                    .err()
                    .map(|_| StoreError::Closed.to_string()),
                WhenFull::Drop => self.inner.requests.try_send(request).err().map(|error| match error {
                    TrySendError::Full(_) => "the disk does not keep up; events for the cloud are being lost".to_owned(),
                    TrySendError::Disconnected(_) => StoreError::Closed.to_string(),
                }),
            };
            if let Some(problem) = problem {
                self.inner.shared.dropped.fetch_add(count as u64, Ordering::Relaxed);
                self.inner.health.degraded(Part::Store, problem);
            }
        }
    }

    /// For a site without a cloud: from now on events are kept as local history only, and will not be sent later either.
    pub fn keep_local(&self) -> Result<(), StoreError> {
        self.inner.requests.send(Request::KeepLocal).map_err(|_| StoreError::Closed)
    }

    /// From now on no more than this waits for the tenant: measurements give way first, then one in ten minutes of the oldest stays,
    /// then one in an hour; adaptation, devices and mutes give way last.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn bound_outbox(&self, bounds: OutboxBounds) -> Result<(), StoreError> {
        self.inner
            .requests
            .send(Request::BoundOutbox(bounds))
            .map_err(|_| StoreError::Closed)
    }

    /// How many events were given up so far, over all restarts, and every change of it.
    pub fn given_up(&self) -> watch::Receiver<DroppedEvents> {
        self.inner.shared.given_up.subscribe()
    }

    /// The number of committed events that wait for the tenant, to be woken by.
    pub fn pending_count(&self) -> watch::Receiver<u64> {
        self.inner.shared.pending.subscribe()
    }

    /// The oldest events of a lane that wait for the tenant, in their order.
    ///
    /// # Errors
    /// [`StoreError`], when the database cannot be read.
    pub async fn pending(&self, lane: Lane, max_events: usize) -> Result<Vec<Pending>, StoreError> {
        self.ask(|reply| Request::Pending { lane, max_events, reply }).await
    }

    /// The number of the newest event that waits for the tenant, which cuts what waits into lanes.
    ///
    /// # Errors
    /// As [`Store::pending`].
    pub async fn newest_pending(&self) -> Result<Option<i64>, StoreError> {
        self.ask(|reply| Request::NewestPending { reply }).await
    }

    /// Takes events out of the outbox, because the tenant has them.
    ///
    /// # Errors
    /// [`StoreError`], when this cannot be committed; then all of them still wait.
    pub async fn mark_sent(&self, seqs: Vec<i64>) -> Result<(), StoreError> {
        self.ask(|reply| Request::MarkSent { seqs, reply }).await
    }

    /// Takes events out of the outbox, because the tenant refuses them, each with its reason.
    ///
    /// # Errors
    /// [`StoreError`], when this cannot be committed; then all of them still wait.
    pub async fn set_aside(&self, refused: Vec<(i64, String)>) -> Result<(), StoreError> {
        self.ask(|reply| Request::SetAside { refused, reply }).await
    }

    /// How much is where.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.ask(|reply| Request::Backlog { reply }).await
    }

    /// Keeps the settings of a zone over restarts.
    ///
    /// # Errors
    /// [`StoreError`], when this is not on the disk yet; it is tried again until it is.
    pub async fn save_settings(&self, record: SettingsRecord) -> Result<(), StoreError> {
        self.ask(|reply| Request::SaveSettings { record, reply }).await
    }

    /// Forgets the settings of a zone.
    ///
    /// # Errors
    /// As [`Store::save_settings`].
    pub async fn delete_settings(&self, zone: &str) -> Result<(), StoreError> {
        self.ask(|reply| Request::DeleteSettings {
            zone: zone.to_owned(),
            reply,
        })
        .await
    }

    /// Keeps over restarts whether a zone, or with `None` the whole site, is muted.
    ///
    /// # Errors
    /// As [`Store::save_settings`].
    pub async fn save_mute(&self, zone: Option<&str>, muted: bool) -> Result<(), StoreError> {
        self.ask(|reply| Request::SaveMute {
            zone: zone.map(str::to_owned),
            muted,
            reply,
        })
        .await
    }

    /// Keeps over restarts what is known of a place. Returns before it is on the disk. When the queue is full and nobody may wait
    /// it is not kept; whatever comes next holds all of it.
    pub fn save_place(&self, record: PlaceRecord, when_full: WhenFull) {
        let request = Request::SavePlace(record);
        let taken = match when_full {
            WhenFull::Wait => self.inner.requests.send(request).is_ok(),
            WhenFull::Drop => self.inner.requests.try_send(request).is_ok(),
        };
        if !taken {
            tracing::warn!("the disk does not keep up; what is known of a place is not stored this time");
        }
    }

    /// Erases what is known of a place.
    ///
    /// # Errors
    /// As [`Store::save_settings`].
    pub async fn delete_place(&self, zone: String) -> Result<(), StoreError> {
        let zones = vec![zone];
        self.ask(|reply| Request::DeletePlaces { zones, reply }).await
    }

    /// Erases what is known of some places, without waiting for it; what goes wrong is on the health board.
    pub fn erase_places(&self, zones: Vec<String>) {
        let (reply, _) = oneshot::channel();
        if self.inner.requests.send(Request::DeletePlaces { zones, reply }).is_err() {
            self.inner.health.degraded(Part::Store, StoreError::Closed.to_string());
        }
    }

    /// Keeps when the site first started. Returns before it is on the disk, where it will be as soon as the disk lets it.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn save_first_start(&self, time: Timestamp) -> Result<(), StoreError> {
        let request = Request::SaveFirstStart(time);
        self.inner.requests.send(request).map_err(|_| StoreError::Closed)
    }

    /// Keeps the digest of the layout that was told in events appended before. Returns before it is on the disk; what the disk refuses
    /// is not tried again, because then the layout is only told once more.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn save_layout_told(&self, digest: u64) -> Result<(), StoreError> {
        let request = Request::SaveLayoutTold(digest);
        self.inner.requests.send(request).map_err(|_| StoreError::Closed)
    }

    /// Keeps what a week has taught of a zone. Returns before it is on the disk. What is lost because the queue is full is
    /// learnt again in another week.
    pub fn save_learned(&self, record: LearnedRecord, when_full: WhenFull) {
        let request = Request::SaveLearned(record);
        let kept = match when_full {
            WhenFull::Wait => self.inner.requests.send(request).is_ok(),
            WhenFull::Drop => self.inner.requests.try_send(request).is_ok(),
        };
        if !kept {
            tracing::warn!("the disk does not keep up; what was learnt of a quarter hour may be lost at a restart");
        }
    }

    /// Forgets what the weeks have taught.
    ///
    /// # Errors
    /// [`StoreError`], when this cannot be committed; then it is still there.
    pub async fn erase_learned(&self) -> Result<(), StoreError> {
        self.ask(|reply| Request::EraseLearned { reply }).await
    }

    /// Returns when everything appended before is committed, or when the disk has refused it; the health board says which.
    pub async fn flush(&self) {
        // What there is to say about a failure is on the health board.
        let _ = self.ask(|reply| Request::Flush { reply }).await;
    }

    /// [`Store::flush`] for a thread outside the asynchronous runtime.
    pub fn flush_blocking(&self) {
        let (reply, answer) = oneshot::channel();
        if self.inner.requests.send(Request::Flush { reply }).is_ok() {
            let _ = answer.blocking_recv();
        }
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let mut request = request(reply);
        while let Err(refused) = self.inner.requests.try_send(request) {
            request = match refused {
                TrySendError::Full(request) => request,
                TrySendError::Disconnected(_) => return Err(StoreError::Closed),
            };
            tokio::time::sleep(QUEUE_POLL).await;
        }
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for JoinOnDrop {
    fn drop(&mut self) {
        // A thread that panicked has said so; there is nothing to add here.
        let _ = self.0.take().map(JoinHandle::join);
    }
}
