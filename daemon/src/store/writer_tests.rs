//! Faults of the disk, one test each. They need the thread's inside: a database that can pretend to be full.

use std::{fs, io::Write, os::unix::fs::FileExt, path::Path, sync::Arc};

use habitat_events::{CloudEvent, Data, Event, Mute};
use jiff::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    HistoryQuery, Lane, LearnedRecord, Pending, PlaceRecord, Saved, SettingsRecord, StoreError,
    bounds::Bounds,
    database, history,
    request::{Reply, Request},
    writer::{Shared, Writer},
};
use crate::health::{Condition, Health, Part};

fn event(number: u64) -> CloudEvent {
    let data = Data::Mute(Mute {
        zone: None,
        muted: true,
        channel: "mqtt".into(),
        by: None,
    });
    let event = Event {
        id: Uuid::from_u128(number.into()),
        source: "/s".into(),
        subject: "s".into(),
        time: Timestamp::UNIX_EPOCH,
        data,
    };
    CloudEvent::other(&event).unwrap()
}

fn events(numbers: std::ops::Range<u64>) -> Vec<CloudEvent> {
    numbers.map(event).collect()
}

struct Fixture {
    folder: tempfile::TempDir,
    health: Health,
    shared: Arc<Shared>,
    writer: Writer,
    saved: Saved,
}

impl Fixture {
    fn new(bounds: Bounds) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), bounds)
    }

    fn in_folder(folder: tempfile::TempDir, bounds: Bounds) -> Self {
        let (health, shared) = (Health::default(), Arc::new(Shared::default()));
        let (writer, saved) = Writer::open(folder.path(), health.clone(), Arc::clone(&shared), bounds).unwrap();
        Fixture {
            folder,
            health,
            shared,
            writer,
            saved,
        }
    }

    /// Closes the database and opens it again.
    fn reopened(self) -> Self {
        let Fixture { folder, writer, .. } = self;
        drop(writer);
        Self::in_folder(folder, Bounds::default())
    }

    fn append(&mut self, numbers: std::ops::Range<u64>) {
        self.writer.handle(Request::Append(events(numbers)));
    }

    fn ask<T>(&mut self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, StoreError> {
        let (reply, mut answer) = oneshot::channel();
        self.writer.handle(request(reply));
        answer.try_recv().unwrap()
    }

    fn pending(&mut self) -> Result<Vec<Pending>, StoreError> {
        self.ask(|reply| Request::Pending {
            lane: Lane::Whole,
            max_events: usize::MAX,
            reply,
        })
    }

    /// Numbers of the events that wait for the tenant, as the file has them.
    fn pending_numbers(&mut self) -> Vec<u64> {
        self.pending()
            .unwrap()
            .iter()
            .map(|pending| number_of(&pending.json))
            .collect()
    }

    fn mark_sent(&mut self, pending: &[Pending]) {
        let seqs = pending.iter().map(|pending| pending.seq).collect();
        self.ask(|reply| Request::MarkSent { seqs, reply }).unwrap();
    }

    fn disk_full(&mut self, full: bool) {
        self.writer.database_mut().pretend_disk_full(full);
    }

    fn condition(&self) -> Condition {
        self.health.snapshot()[&Part::Store].clone()
    }

    fn problem(&self) -> String {
        match self.condition() {
            Condition::Degraded(problem) => problem,
            Condition::Ok => panic!("the store says that it works"),
        }
    }

    fn corrupt_files(&self) -> usize {
        let names = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap());
        names
            .filter(|name| name.starts_with("habitat.db.corrupt-") && name.ends_with('Z'))
            .count()
    }
}

fn number_of(json: &str) -> u64 {
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let id: Uuid = json["id"].as_str().unwrap().parse().unwrap();
    id.as_u128().try_into().unwrap()
}

fn overwrite_from(path: &Path, offset: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.write_all_at(&vec![0xa5; usize::try_from(length - offset).unwrap()], offset)
        .unwrap();
}

fn settings(zone: &str) -> SettingsRecord {
    SettingsRecord {
        zone: zone.into(),
        settings_json: "{}".into(),
        expires: None,
    }
}

fn place(zone: &str, known_s: f64) -> PlaceRecord {
    PlaceRecord {
        zone: zone.into(),
        known_s,
        shares_json: format!("[{}]", "0.123456789,".repeat(40)),
        updated: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn events_that_a_full_disk_refuses_are_kept_in_memory_and_saved_in_order_when_there_is_room() {
    let mut store = Fixture::new(Bounds::default());
    store.append(0..10);
    assert_eq!(store.pending_numbers().len(), 10);
    store.disk_full(true);
    store.append(10..3000);
    store.append(3000..3005);
    let saved = store.pending_numbers();
    assert!(saved.len() < 3005, "the disk was not full");
    assert!(
        store.problem().contains("the disk is full") && store.problem().contains("kept in memory"),
        "{}",
        store.problem()
    );
    assert_eq!(store.ask(|reply| Request::Backlog { reply }).unwrap().pending, 3005);

    store.disk_full(false);
    store.append(3005..3006);
    assert_eq!(store.pending_numbers(), (0..3006).collect::<Vec<_>>());
    assert_eq!(store.condition(), Condition::Ok);
    assert_eq!(store.ask(|reply| Request::Backlog { reply }).unwrap().dropped, 0);
}

#[test]
fn memory_for_a_full_disk_is_bounded_and_what_is_lost_is_counted() {
    let mut store = Fixture::new(Bounds {
        unsaved_events: 100,
        ..Bounds::default()
    });
    store.disk_full(true);
    store.append(0..250);
    let on_disk = store.pending_numbers().len() as u64;
    store.append(250..350);
    assert!(store.pending().is_ok());
    assert!(store.problem().contains("lost"), "{}", store.problem());

    store.disk_full(false);
    let kept = store.pending_numbers();
    let dropped = store.ask(|reply| Request::Backlog { reply }).unwrap().dropped;
    assert_eq!(kept.len() as u64 + dropped, 350);
    assert!(dropped > 0);
    assert_eq!(
        kept[usize::try_from(on_disk).unwrap()..],
        (250..350).collect::<Vec<_>>(),
        "the newest hundred"
    );
}

#[test]
fn a_mute_that_a_full_disk_refuses_is_saved_as_soon_as_there_is_room() {
    let mut store = Fixture::new(Bounds::default());
    store.disk_full(true);
    // Fills what room the last page still has.
    store.append(0..1000);
    let learned = LearnedRecord {
        zone: "a".into(),
        slot: 32,
        week: 2922,
        level_db: 43.5,
    };
    for slot in 0..500 {
        store
            .writer
            .handle(Request::SaveLearned(LearnedRecord { slot, ..learned.clone() }));
    }
    for zone in 0..500 {
        let record = SettingsRecord {
            settings_json: "x".repeat(1000),
            ..settings(&zone.to_string())
        };
        let _ = store.ask(|reply| Request::SaveSettings { record, reply });
    }
    let refused = store.ask(|reply| Request::SaveMute {
        zone: None,
        muted: true,
        reply,
    });
    assert!(matches!(refused, Err(StoreError::DiskFull { .. })), "{refused:?}");

    store.disk_full(false);
    store.append(1000..1001);
    assert!(store.pending().is_ok());
    let store = store.reopened();
    assert_eq!(store.saved.mutes, [None]);
    assert_eq!(store.saved.settings.len(), 500);
    assert_eq!(store.saved.learned().count(), 500);
}

#[test]
fn places_and_erasures_that_a_full_disk_refuses_are_saved_as_soon_as_there_is_room() {
    let mut store = Fixture::new(Bounds::default());
    store.writer.handle(Request::SavePlace(place("old", 60.0)));
    assert!(store.pending().is_ok());
    store.disk_full(true);
    for zone in 0..500 {
        store.writer.handle(Request::SavePlace(place(&zone.to_string(), 60.0)));
        store.writer.handle(Request::SavePlace(place(&zone.to_string(), 120.0)));
    }
    let zones = vec!["old".to_owned()];
    let refused = store.ask(|reply| Request::DeletePlaces { zones, reply });
    assert!(matches!(refused, Err(StoreError::DiskFull { .. })), "{refused:?}");
    assert!(store.problem().contains("the disk is full"), "{}", store.problem());

    store.disk_full(false);
    assert!(store.pending().is_ok());
    assert_eq!(store.condition(), Condition::Ok);
    let places = store.reopened().saved.places;
    assert_eq!(places.len(), 500);
    assert!(places.iter().all(|place| place.zone != "old" && place.known_s == 120.0));
}

#[test]
fn a_disk_without_room_to_open_the_database_does_not_hide_a_mute_and_events_are_kept_until_it_opens() {
    let mut store = Fixture::new(Bounds::default());
    store.append(0..3);
    store
        .ask(|reply| Request::SaveMute {
            zone: None,
            muted: true,
            reply,
        })
        .unwrap();
    let Fixture { folder, writer, .. } = store;
    drop(writer);
    // To open the database, SQLite has to make this file and give it pages; here it cannot, as on a full disk.
    let obstacle = folder.path().join("habitat.db-shm");
    std::os::unix::fs::symlink("/no/such/place", &obstacle).unwrap();

    let mut store = Fixture::in_folder(folder, Bounds::default());
    assert_eq!(store.saved.mutes, [None]);
    assert!(store.problem().contains("kept in memory"), "{}", store.problem());
    store.append(3..5);
    assert!(store.pending().is_err());
    fs::remove_file(&obstacle).unwrap();
    assert_eq!(store.pending_numbers(), [0, 1, 2, 3, 4]);
    assert_eq!(store.condition(), Condition::Ok);
}

#[test]
fn a_file_that_is_no_database_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    fs::File::create(folder.path().join("habitat.db"))
        .unwrap()
        .write_all(&[0xa5; 10_000])
        .unwrap();
    let mut store = Fixture::in_folder(folder, Bounds::default());
    assert_eq!(store.corrupt_files(), 1);
    assert!(store.problem().contains("habitat.db.corrupt-"), "{}", store.problem());
    store.append(0..3);
    assert_eq!(store.pending_numbers(), [0, 1, 2]);
    assert!(store.problem().contains("damaged"), "the notice stays: {}", store.problem());
}

#[test]
fn a_database_damaged_while_open_is_replaced_and_keeps_what_outlives_restarts() {
    let mut store = Fixture::new(Bounds::default());
    store.append(0..5000);
    store
        .ask(|reply| Request::SaveSettings {
            record: settings("a"),
            reply,
        })
        .unwrap();
    store
        .ask(|reply| Request::SaveMute {
            zone: Some("b".into()),
            muted: true,
            reply,
        })
        .unwrap();
    store.writer.handle(Request::SavePlace(place("a", 60.0)));
    assert!(store.pending().is_ok());
    store.writer.handle(Request::SaveFirstStart(Timestamp::UNIX_EPOCH));
    let learned = LearnedRecord {
        zone: "a".into(),
        slot: 32,
        week: 2922,
        level_db: 43.5,
    };
    store.writer.handle(Request::SaveLearned(learned.clone()));
    store.ask(|reply| Request::Flush { reply }).unwrap();
    let mut store = store.reopened();
    overwrite_from(&database::path_in(store.folder.path()), 4096);
    assert!(matches!(store.pending(), Err(StoreError::Damaged(_))));
    assert_eq!(store.corrupt_files(), 1);
    assert!(store.problem().contains("damaged"), "{}", store.problem());
    store.append(5000..5003);
    assert_eq!(store.pending_numbers(), [5000, 5001, 5002]);

    let store = store.reopened();
    assert_eq!(store.saved.settings, [settings("a")]);
    assert_eq!(store.saved.mutes, [Some("b".to_owned())]);
    assert_eq!(store.saved.places, [place("a", 60.0)]);
    assert_eq!(store.saved.first_start, Some(Timestamp::UNIX_EPOCH));
    assert_eq!(store.saved.learned().collect::<Vec<_>>(), [learned]);
    assert_eq!(store.condition(), Condition::Ok);
}

#[test]
fn what_can_be_read_of_the_settings_in_a_damaged_file_is_carried_over() {
    let mut store = Fixture::new(Bounds::default());
    store
        .ask(|reply| Request::SaveMute {
            zone: None,
            muted: true,
            reply,
        })
        .unwrap();
    store.append(0..5000);
    let folder = {
        let Fixture { folder, writer, .. } = store;
        drop(writer);
        folder
    };
    // The first tables' roots are near the start of the file, the index of 5000 events is spread over all of it.
    overwrite_from(&database::path_in(folder.path()), 16 * 4096);
    let store = Fixture::in_folder(folder, Bounds::default());
    assert_eq!(store.corrupt_files(), 1);
    assert_eq!(store.saved.mutes, [None]);
}

#[test]
fn the_history_of_sent_events_stays_below_its_bound_and_what_was_not_sent_stays() {
    let bounds = Bounds {
        history_bytes: 1 << 20,
        ..Bounds::default()
    };
    let mut store = Fixture::new(bounds);
    for round in 0..20 {
        store.append(round * 1000..(round + 1) * 1000);
        let mut pending = store.pending().unwrap();
        // One of each thousand is never sent.
        pending.retain(|pending| number_of(&pending.json) % 1000 != 500);
        store.mark_sent(&pending);
    }
    let never_sent: Vec<u64> = (0..20).map(|round| round * 1000 + 500).collect();
    assert_eq!(store.pending_numbers(), never_sent);
    let query = HistoryQuery {
        zone: None,
        since: None,
        after_seq: Some(0),
        limit: usize::MAX,
    };
    let kept = history(store.folder.path(), &query).unwrap();
    let bytes: usize = kept.iter().map(|event| event.json.len()).sum();
    assert!(bytes < 1 << 20, "{bytes} bytes");
    assert!(kept.len() > 1000, "only {} events", kept.len());
    assert_eq!(number_of(&kept.last().unwrap().json), 19_999, "the newest is kept");
    let backlog = store.ask(|reply| Request::Backlog { reply }).unwrap();
    assert_eq!((backlog.pending, backlog.sent), (20, kept.len() as u64 - 20));
    assert_eq!(*store.shared.pending.borrow(), 20);
}

#[test]
fn without_a_cloud_events_are_history_at_once_and_within_the_bound() {
    let bounds = Bounds {
        history_bytes: 1 << 20,
        ..Bounds::default()
    };
    let mut store = Fixture::new(bounds);
    store.writer.handle(Request::KeepLocal);
    for round in 0..20 {
        store.append(round * 1000..(round + 1) * 1000);
    }
    assert!(store.pending().unwrap().is_empty());
    let query = HistoryQuery {
        zone: None,
        since: None,
        after_seq: None,
        limit: usize::MAX,
    };
    let kept = history(store.folder.path(), &query).unwrap();
    assert!(kept.len() > 1000 && kept.len() < 10_000, "{} events", kept.len());
    assert_eq!(number_of(&kept.last().unwrap().json), 19_999);
    assert!(
        store.reopened().pending().unwrap().is_empty(),
        "they do not leave later either"
    );
}
