//! Files that are no database of ours: a sentence, and the file stays as it was.

use std::path::Path;

use habitat_tenant::{Limits, StoreError, TenantService};
use rusqlite::Connection;

use crate::support::{Place, Tenant, client::receipt, events::minutes, folder, tokens};

fn open_error(path: &Path) -> StoreError {
    let before = std::fs::read(path).ok();
    let error = TenantService::open(path, tokens(), Limits::default()).expect_err("it must not open");
    assert_eq!(std::fs::read(path).ok(), before, "the file was changed");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = folder();
    let path = folder.path().join("foreign.db");
    let foreign = Connection::open(&path).expect("opens");
    foreign.execute_batch("CREATE TABLE photos (id INTEGER)").expect("a table");
    drop(foreign);
    let error = open_error(&path);
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = folder();
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, "Dear reader, ".repeat(1000)).expect("written");
    let error = open_error(&path);
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn a_place_where_no_file_can_be_is_refused() {
    let folder = folder();
    for path in [folder.path().join("absent/tenant.db"), folder.path().to_owned()] {
        let error = open_error(&path);
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused() {
    let place = Place::sqlite();
    Tenant::start(&place).await.stop().await;
    let path = place.folder().join("tenant.db");
    Connection::open(&path)
        .and_then(|db| db.pragma_update(None, "user_version", 99))
        .expect("changed");
    let error = open_error(&path);
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let place = Place::sqlite();
    let tenant = Tenant::start(&place).await;
    tenant.client().post(&minutes(500)).await;
    tenant.stop().await;
    let path = place.folder().join("tenant.db");
    let whole = std::fs::read(&path).expect("the database is a file");

    let mut overwritten = whole.clone();
    let middle = overwritten.len() / 2;
    overwritten[middle..middle + 20_000].fill(0x5a);
    let cut = whole[..whole.len() / 3].to_vec();
    for damaged in [overwritten, cut] {
        std::fs::write(&path, damaged).expect("written");
        let error = open_error(&path);
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }

    std::fs::write(&path, whole).expect("written");
    assert_eq!(Tenant::start(&place).await.client().all("hq", "").await.len(), 500);
}

#[tokio::test]
async fn commits_are_synchronised_to_a_write_ahead_log() {
    let place = Place::sqlite();
    let tenant = Tenant::start(&place).await;
    tenant.client().post(&minutes(5)).await;
    assert!(place.folder().join("tenant.db-wal").exists());
    let mode: String = Connection::open(place.folder().join("tenant.db"))
        .and_then(|db| db.pragma_query_value(None, "journal_mode", |row| row.get(0)))
        .expect("a mode");
    assert_eq!(mode, "wal");
    tenant.stop().await;
    assert!(
        !place.folder().join("tenant.db-wal").exists(),
        "an orderly end leaves one file"
    );
}

#[tokio::test]
async fn a_database_from_before_tenants_keeps_its_events_and_knows_them_again() {
    let place = Place::sqlite();
    let sent = minutes(5);
    let before = Connection::open(place.folder().join("tenant.db")).expect("opens");
    before
        .execute_batch(include_str!("../../migrations/sqlite/0001_events.sql"))
        .expect("its tables");
    for event in &sent {
        let (id, source, zone) = (&event["id"], &event["source"], &event["data"]["zone"]);
        let columns = [source, id, &event["type"], zone].map(|value| value.as_str().expect("text").to_owned());
        let document = event.to_string();
        let insert = "INSERT INTO events (site, source, id, type, zone, time_us, document) VALUES ('hq', ?, ?, ?, ?, 0, ?)";
        let [source, id, event_type, zone] = columns;
        before
            .execute(insert, [source, id, event_type, zone, document])
            .expect("inserted");
    }
    before.pragma_update(None, "application_id", 0x4862_546e).expect("marked");
    before.pragma_update(None, "user_version", 1).expect("marked");
    drop(before);
    let tenant = Tenant::start(&place).await;
    assert_eq!(tenant.client().all("hq", "").await, sent);
    assert_eq!(tenant.client().all("hq", "after=2&zone=north").await, sent[2..]);
    assert_eq!(tenant.client().post(&sent).await.json, receipt(0, 5));
}
