//! The thread that owns the database.
//!
//! It takes requests in their order. Appended events gather in memory while more requests wait, and are committed
//! together when none does, when there are enough for a group, or before the next request of another kind. What the disk
//! refuses stays in memory and is tried again: every second, and with every request.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, TryRecvError},
    },
    time::Duration,
};

use habitat_events::{CloudEvent, DroppedEvents};
use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};

use super::{
    Backlog, LearnedRecord, Saved, StoreError,
    bounds::{Bounds, SteadyClock},
    database::{self, Database, damage, settings},
    request::Request,
    unsaved::{Row, Unsaved},
};
use crate::health::{Health, Part};

/// Events that one commit holds at most: enough that the commit's cost no longer counts, few enough that it stays short.
const GROUP_EVENTS: usize = 1000;
/// How often something that the disk refused is tried again when nothing else happens.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// What the thread shares with the handles.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Events lost since the start.
    pub dropped: AtomicU64,
    /// Committed events that wait for the tenant.
    pub pending: watch::Sender<u64>,
    /// Events given up so far, over all restarts.
    pub given_up: watch::Sender<DroppedEvents>,
}

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    /// `None` while the disk does not let it be opened.
    database: Option<Database>,
    unsaved: Unsaved,
    bounds: Bounds,
    clock: SteadyClock,
    /// What outlives a restart, as it should be on the disk.
    saved: Saved,
    /// So are the settings and mutes of it.
    saved_is_on_disk: bool,
    /// Zones whose place is not on the disk as it should be.
    changed_places: BTreeSet<String>,
    /// What the weeks have taught and is not on the disk yet; in `saved` it is already.
    unsaved_learned: Vec<LearnedRecord>,
    keep_local: bool,
    /// What people should know as long as this process lives.
    notice: Option<String>,
    shared: Arc<Shared>,
    health: Health,
}

impl Writer {
    /// Opens the database, or begins a new one in the place of a damaged one. When the disk has no room even for opening
    /// it, what was saved is read all the same, and opening is tried again later: masking must not wait for a disk.
    pub fn open(state_dir: &Path, health: Health, shared: Arc<Shared>, bounds: Bounds) -> Result<(Self, Saved), StoreError> {
        let path = database::path_in(state_dir);
        let opened = Database::open(&path).and_then(|database| Ok((database.saved()?, database)));
        let (saved, database, trouble) = match opened {
            Ok((saved, database)) => (saved, Some(database), None),
            Err(error @ StoreError::Damaged(_)) => (settings::salvage(&path), None, Some(error)),
            Err(error @ (StoreError::DiskFull { .. } | StoreError::Database { .. })) => {
                let Ok(saved) = settings::read_without_room(&path) else {
                    return Err(error);
                };
                (saved, None, Some(error))
            }
            Err(other) => return Err(other),
        };
        let mut writer = Writer {
            path,
            database,
            unsaved: Unsaved::new(bounds.unsaved_events),
            bounds,
            clock: SteadyClock::start(Instant::now(), Timestamp::now()),
            saved: saved.clone(),
            saved_is_on_disk: true,
            changed_places: BTreeSet::new(),
            unsaved_learned: Vec::new(),
            keep_local: false,
            notice: None,
            shared,
            health,
        };
        match trouble {
            None => writer.works(),
            Some(StoreError::Damaged(message)) => writer.replace(&message)?,
            Some(error) => writer.fails(&error),
        }
        writer.tell_pending();
        Ok((writer, saved))
    }

    /// Takes requests until nobody can make any.
    pub fn run(mut self, requests: &Receiver<Request>) {
        loop {
            match requests.try_recv() {
                Ok(request) => self.handle(request),
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    self.save();
                    let next = if self.is_saved() {
                        requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
                    } else {
                        requests.recv_timeout(RETRY_EVERY)
                    };
                    match next {
                        Ok(request) => self.handle(request),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => break,
                    }
                }
            }
        }
        self.save();
        if !self.is_saved() {
            tracing::error!(events = self.unsaved.len(), "ends without having saved everything");
        }
    }

    /// Does what one request asks for.
    pub fn handle(&mut self, request: Request) {
        if !matches!(request, Request::Append(_) | Request::SavePlace(_) | Request::SaveLearned(_)) {
            // Everything before takes effect before this does.
            self.save();
        }
        match request {
            Request::Append(events) => self.append(&events),
            Request::KeepLocal => self.keep_local = true,
            Request::BoundOutbox(bounds) => self.bounds.outbox = bounds,
            Request::Pending { lane, max_events, reply } => {
                let _ = reply.send(self.attempt(|database| database.pending(lane, max_events)));
            }
            Request::NewestPending { reply } => {
                let _ = reply.send(self.attempt(|database| database.newest_pending()));
            }
            Request::MarkSent { seqs, reply } => {
                let _ = reply.send(self.mark_sent(&seqs));
            }
            Request::SetAside { refused, reply } => {
                let _ = reply.send(self.attempt(|database| database.set_aside(&refused)));
            }
            Request::Backlog { reply } => {
                let _ = reply.send(Ok(self.backlog()));
            }
            Request::SaveSettings { record, reply } => {
                self.saved.put_settings(record);
                let _ = reply.send(self.save_saved());
            }
            Request::DeleteSettings { zone, reply } => {
                self.saved.remove_settings(&zone);
                let _ = reply.send(self.save_saved());
            }
            Request::SaveMute { zone, muted, reply } => {
                self.saved.put_mute(zone, muted);
                let _ = reply.send(self.save_saved());
            }
            Request::SavePlace(record) => {
                self.changed_places.insert(record.zone.clone());
                self.saved.put_place(record);
            }
            Request::DeletePlaces { zones, reply } => {
                zones.iter().for_each(|zone| self.saved.remove_place(zone));
                self.changed_places.extend(zones);
                let _ = reply.send(self.save_places());
            }
            Request::SaveFirstStart(time) => {
                self.saved.first_start = Some(time);
                // What the disk refuses is tried again.
                let _ = self.save_saved();
            }
            Request::SaveLayoutTold(digest) => {
                // The events come before what says that they were told.
                if self.is_saved() {
                    let _ = self.attempt(|database| database.save_layout_told(digest));
                }
            }
            Request::SaveLearned(record) => {
                self.saved.put_learned(record.clone());
                self.unsaved_learned.push(record);
            }
            Request::EraseLearned { reply } => {
                let erased = self.attempt(Database::erase_learned);
                if erased.is_ok() {
                    self.saved.erase_learned();
                    self.unsaved_learned.clear();
                }
                let _ = reply.send(erased);
            }
            Request::Flush { reply } => {
                let _ = reply.send(Ok(()));
            }
        }
    }

    fn append(&mut self, events: &[CloudEvent]) {
        for event in events {
            let lost = match Row::new(event) {
                Ok(row) => self.unsaved.push(row),
                Err(error) => {
                    tracing::error!(%error, "an event cannot be written as JSON");
                    true
                }
            };
            if lost {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        if self.unsaved.len() >= GROUP_EVENTS {
            self.save();
        }
    }

    fn mark_sent(&mut self, seqs: &[i64]) -> Result<(), StoreError> {
        self.attempt(|database| database.mark_sent(seqs))?;
        let history_bytes = self.bounds.history_bytes;
        // The events are marked whatever happens here; if pruning fails, it has its turn again after the next batch.
        if self.attempt(|database| database.prune(history_bytes)).is_ok() && self.is_saved() {
            self.works();
        }
        Ok(())
    }

    /// Commits what is only in memory, as far as the disk lets it.
    fn save(&mut self) {
        if self.is_saved() {
            return;
        }
        let (local, history_bytes) = (self.keep_local, self.bounds.history_bytes);
        let mut result = Ok(());
        while result.is_ok() && !self.unsaved.is_empty() {
            let rows = self.unsaved.oldest(GROUP_EVENTS);
            let inserted = opened(&mut self.database, &self.path).and_then(|database| database.insert(rows, local));
            result = self.judge(inserted);
            if result.is_ok() {
                self.unsaved.saved(GROUP_EVENTS);
            }
        }
        let (outbox, now) = (self.bounds.outbox, self.clock.believed(Instant::now(), Timestamp::now()));
        result = result.and_then(|()| {
            self.attempt(|database| {
                if local || outbox.bytes < i64::MAX {
                    database.prune(history_bytes)?;
                }
                database.bound_outbox(outbox, now)
            })
        });
        if !self.saved_is_on_disk {
            result = result.and_then(|()| self.save_saved());
        }
        if !self.changed_places.is_empty() {
            result = result.and_then(|()| self.save_places());
        }
        if !self.unsaved_learned.is_empty() {
            result = result.and_then(|()| self.save_learned());
        }
        if result.is_ok() {
            self.works();
        }
        self.tell_pending();
    }

    fn save_learned(&mut self) -> Result<(), StoreError> {
        let records = core::mem::take(&mut self.unsaved_learned);
        let result = self.attempt(|database| database.save_learned(records.iter().cloned()));
        if result.is_err() {
            self.unsaved_learned = records;
        }
        result
    }

    fn save_saved(&mut self) -> Result<(), StoreError> {
        let saved = self.saved.clone();
        let result = self.attempt(|database| database.save_all(&saved));
        self.saved_is_on_disk = result.is_ok();
        result
    }

    fn save_places(&mut self) -> Result<(), StoreError> {
        let zones = self.changed_places.iter().map(String::as_str);
        let places = zones.map(|zone| (zone, self.saved.place(zone)));
        let result = opened(&mut self.database, &self.path).and_then(|database| database.save_places(places));
        let result = self.judge(result);
        if result.is_ok() {
            self.changed_places.clear();
        }
        result
    }

    fn is_saved(&self) -> bool {
        self.unsaved.is_empty() && self.saved_is_on_disk && self.changed_places.is_empty() && self.unsaved_learned.is_empty()
    }

    /// Does something with the database and with its failure.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let result = opened(&mut self.database, &self.path).and_then(work);
        let result = self.judge(result);
        self.tell_pending();
        result
    }

    /// Tells a failure to the health board; damage is repaired first, as far as that goes.
    fn judge<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &result {
            Ok(_) => {}
            Err(StoreError::Damaged(message)) => {
                if let Err(error) = self.replace(message) {
                    self.fails(&error);
                }
            }
            Err(error) => self.fails(error),
        }
        result
    }

    /// Sets the damaged file aside and begins a new one.
    fn replace(&mut self, message: &str) -> Result<(), StoreError> {
        // Closed before it is moved.
        self.database = None;
        let (database, aside) = damage::replace(&self.path, &self.saved)?;
        self.database = Some(database);
        self.notice = Some(format!(
            "the database was damaged ({message}) and a new one was begun; events that had not been sent are in {}",
            aside.display()
        ));
        self.works();
        Ok(())
    }

    fn works(&self) {
        match &self.notice {
            Some(notice) => self.health.degraded(Part::Store, notice.as_str()),
            None => self.health.ok(Part::Store),
        }
    }

    fn fails(&self, error: &StoreError) {
        let consequence = if self.unsaved.len() < self.bounds.unsaved_events {
            "what cannot be saved is kept in memory and tried again"
        } else {
            "the memory for what cannot be saved is full, the oldest events are being lost"
        };
        self.health
            .degraded(Part::Store, format!("{}: {error}; {consequence}", self.path.display()));
    }

    fn backlog(&self) -> Backlog {
        let counts = self.database.as_ref().map(Database::counts).unwrap_or_default();
        let waiting = if self.keep_local { 0 } else { self.unsaved.len() as u64 };
        Backlog {
            pending: counts.pending + waiting,
            sent: counts.sent,
            set_aside: counts.set_aside,
            dropped: self.shared.dropped.load(Ordering::Relaxed),
            given_up: self.database.as_ref().map(Database::dropped).unwrap_or_default(),
        }
    }

    #[cfg(test)]
    pub fn database_mut(&mut self) -> &mut Database {
        self.database.as_mut().unwrap()
    }

    fn tell_pending(&self) {
        let pending = self.database.as_ref().map_or(0, |database| database.counts().pending);
        self.shared
            .pending
            .send_if_modified(|told| std::mem::replace(told, pending) != pending);
        let given_up = self.database.as_ref().map(Database::dropped).unwrap_or_default();
        self.shared
            .given_up
            .send_if_modified(|told| std::mem::replace(told, given_up) != given_up);
    }
}

/// The database; opened first when there is none.
fn opened<'a>(database: &'a mut Option<Database>, path: &Path) -> Result<&'a mut Database, StoreError> {
    match database {
        Some(open) => Ok(open),
        none => Ok(none.insert(Database::open(path)?)),
    }
}
