//! The store from outside: a model test (`model`) and one test per promise.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "../support/pipe.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod pipe;
#[path = "../support/room.rs"]
mod room;

mod events;
mod given_up;
mod model;

use std::{fs, path::Path};

use ::habitatd::{
    health::{Condition, Health, Part},
    store::{Backlog, HistoryQuery, LearnedRecord, Saved, SettingsRecord, Store, StoreError, WhenFull, history},
};
use jiff::{Timestamp, ToSpan};

use crate::events::{event, everything, number_of, open};

#[tokio::test]
async fn settings_and_mutes_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let record = |zone: &str, json: &str, expires| SettingsRecord {
        zone: zone.into(),
        settings_json: json.into(),
        expires,
    };
    let expires: Timestamp = "2026-01-05T08:00:00.123456789Z".parse().unwrap();
    let (store, saved) = open(folder.path());
    assert_eq!(saved, Saved::default());
    store.save_settings(record("a", "1", None)).await.unwrap();
    store.save_settings(record("b", "2", Some(expires))).await.unwrap();
    store.save_settings(record("a", "3", None)).await.unwrap();
    store.save_settings(record("c", "4", None)).await.unwrap();
    store.delete_settings("c").await.unwrap();
    for (zone, muted) in [
        (None, true),
        (Some("a"), true),
        (Some("b"), true),
        (Some("b"), false),
        (Some("a"), true),
    ] {
        store.save_mute(zone, muted).await.unwrap();
    }
    store.save_first_start(expires).unwrap();
    let learned = |zone: &str, slot, level_db| LearnedRecord {
        zone: zone.into(),
        slot,
        week: 2922,
        level_db,
    };
    for record in [learned("b", 671, 44.25), learned("a", 0, 41.0), learned("a", 0, 42.0)] {
        store.save_learned(record, WhenFull::Wait);
    }
    drop(store);
    let (store, saved) = open(folder.path());
    assert_eq!(saved.first_start, Some(expires));
    let kept: Vec<LearnedRecord> = saved.learned().collect();
    assert_eq!(kept, [learned("a", 0, 42.0), learned("b", 671, 44.25)]);
    store.save_learned(learned("c", 1, 43.0), WhenFull::Wait);
    store.erase_learned().await.unwrap();
    drop(store);
    let (_, saved) = open(folder.path());
    assert_eq!((saved.learned().count(), saved.first_start), (0, Some(expires)));
    assert_eq!(saved.settings, [record("a", "3", None), record("b", "2", Some(expires))]);
    assert_eq!(saved.mutes, [None, Some("a".to_owned())]);
}

#[test]
fn events_appended_from_several_threads_are_all_kept_and_in_the_order_of_each_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let store = store.clone();
            scope.spawn(move || {
                for number in 0..2000 {
                    store.append(vec![event(thread * 1_000_000 + number)], WhenFull::Wait);
                }
                store.flush_blocking();
            });
        }
    });
    let kept = history(folder.path(), &everything()).unwrap();
    for thread in 0..4u64 {
        let numbers: Vec<u64> = kept
            .iter()
            .map(|event| number_of(&event.json))
            .filter(|n| n / 1_000_000 == thread)
            .collect();
        assert_eq!(
            numbers,
            (0..2000).map(|number| thread * 1_000_000 + number).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_caller_that_must_not_wait_loses_only_what_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    for round in 0..100 {
        store.append((0..2000).map(|number| event(round * 2000 + number)).collect(), WhenFull::Drop);
    }
    store.flush().await;
    let Backlog { pending, dropped, .. } = store.backlog().await.unwrap();
    assert_eq!(pending + dropped, 200_000);
}

#[test]
fn a_second_process_is_kept_out_of_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let error = Store::open(folder.path(), Health::default()).unwrap_err();
    assert!(
        matches!(error, StoreError::InUse { .. }) && error.to_string().contains("state_dir"),
        "{error}"
    );
    drop(store);
    open(folder.path());
}

#[test]
fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("deeper/state");
    let (store, _) = open(&state_dir);
    store.append(vec![event(1)], WhenFull::Wait);
    store.flush_blocking();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state_dir), 0o700);
    for entry in fs::read_dir(&state_dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = Store::open(&folder.path().join("file/state"), Health::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("file/state") && error.contains("state_dir"), "{error}");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    drop(store);
    let path = folder.path().join("habitat.db");
    // The format's number: 4 bytes at offset 60, big-endian, <https://sqlite.org/fileformat2.html#user_version_number>.
    let mut bytes = fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&1000u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    let error = Store::open(folder.path(), Health::default()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 1000, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_truncated_database_is_set_aside_and_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    store.append((0..5000).map(event).collect(), WhenFull::Wait);
    drop(store);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(folder.path().join("habitat.db"))
        .unwrap();
    file.set_len(10_000).unwrap();
    let health = Health::default();
    let (store, _) = Store::open(folder.path(), health.clone()).unwrap();
    let Condition::Degraded(problem) = &health.snapshot()[&Part::Store] else {
        panic!("the damage is not told")
    };
    let aside = problem.rsplit(' ').next().unwrap();
    assert_eq!(fs::metadata(aside).unwrap().len(), 10_000, "{problem}");
    store.append(vec![event(1)], WhenFull::Wait);
    store.flush_blocking();
    assert_eq!(history(folder.path(), &everything()).unwrap().len(), 1);
}

#[tokio::test]
async fn history_is_filtered_by_subject_and_time_and_read_from_either_end() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    store.append((0..100).map(event).collect(), WhenFull::Wait);
    store.flush().await;
    let numbers = |query: HistoryQuery| -> Vec<u64> {
        history(folder.path(), &query)
            .unwrap()
            .iter()
            .map(|event| number_of(&event.json))
            .collect()
    };
    let latest = HistoryQuery {
        after_seq: None,
        limit: 3,
        ..everything()
    };
    assert_eq!(numbers(latest.clone()), [97, 98, 99]);
    assert_eq!(
        numbers(HistoryQuery {
            zone: Some("even".into()),
            ..latest.clone()
        }),
        [94, 96, 98]
    );
    assert!(
        numbers(HistoryQuery {
            zone: Some("neither".into()),
            ..latest
        })
        .is_empty()
    );
    let since = Some(Timestamp::UNIX_EPOCH + 90.seconds());
    assert_eq!(
        numbers(HistoryQuery {
            since,
            limit: 2,
            ..everything()
        }),
        [90, 91]
    );

    let first = history(
        folder.path(),
        &HistoryQuery {
            limit: 40,
            ..everything()
        },
    )
    .unwrap();
    let rest = HistoryQuery {
        after_seq: Some(first.last().unwrap().seq),
        ..everything()
    };
    assert_eq!(numbers(rest), (40..100).collect::<Vec<_>>());
}

#[test]
fn history_of_a_folder_without_a_database_says_so_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let error = history(folder.path(), &everything()).unwrap_err();
    assert!(matches!(error, StoreError::NoHistory { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
