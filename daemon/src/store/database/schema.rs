//! The tables, and the steps from each format to the next. The file's `user_version` says which it has.

use rusqlite::{Connection, TransactionBehavior};

use super::failed_to;
use crate::store::StoreError;

/// An event that waits for the tenant.
pub(super) const PENDING: i64 = 0;
/// An event that the tenant has.
pub(super) const SENT: i64 = 1;
/// An event that the tenant refused.
pub(super) const SET_ASIDE: i64 = 2;
/// An event that never was for a tenant.
pub(super) const LOCAL: i64 = 3;

/// Step `n` leads from format `n` to `n + 1`. A released step is never changed.
const STEPS: [&str; 5] = [
    // `AUTOINCREMENT`, so that no number is given twice, not even after the newest row was deleted.
    // `scope` of a mute is a zone, or empty for the whole site.
    "CREATE TABLE events (
         seq INTEGER PRIMARY KEY AUTOINCREMENT,
         source TEXT NOT NULL,
         id BLOB NOT NULL,
         subject TEXT NOT NULL,
         time_us INTEGER NOT NULL,
         state INTEGER NOT NULL,
         reason TEXT,
         json TEXT NOT NULL,
         UNIQUE (source, id)
     );
     CREATE INDEX events_by_state ON events (state);
     CREATE TABLE settings (
         zone TEXT PRIMARY KEY,
         settings_json TEXT NOT NULL,
         expires TEXT
     ) WITHOUT ROWID;
     CREATE TABLE mutes (
         scope TEXT PRIMARY KEY
     ) WITHOUT ROWID;",
    // `known_s` is the time of office life from which the shares come.
    "CREATE TABLE places (
         zone TEXT PRIMARY KEY,
         known_s REAL NOT NULL,
         shares_json TEXT NOT NULL,
         updated TEXT NOT NULL
     ) WITHOUT ROWID;",
    // One row at most: when the site first started. `slot` counts quarter hours from Monday, 00:00.
    "CREATE TABLE first_start (
         time TEXT NOT NULL
     );
     CREATE TABLE learned (
         zone TEXT NOT NULL,
         slot INTEGER NOT NULL,
         week INTEGER NOT NULL,
         level_db REAL NOT NULL,
         PRIMARY KEY (zone, slot)
     ) WITHOUT ROWID;",
    // `kind` is the index of the event's type in `Data::TYPES`; `dropped` counts what was given up of each.
    "ALTER TABLE events ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
     UPDATE events SET kind = CASE json_extract(json, '$.type')
         WHEN 'habitat.zone.measurement.v1' THEN 0
         WHEN 'habitat.zone.adaptation.v1' THEN 1
         WHEN 'habitat.preferences.v1' THEN 2
         WHEN 'habitat.device.v1' THEN 3
         WHEN 'habitat.mute.v1' THEN 4
         ELSE 5 END;
     CREATE INDEX events_waiting_by_kind ON events (kind) WHERE state = 0;
     CREATE TABLE dropped (
         kind INTEGER PRIMARY KEY,
         events INTEGER NOT NULL
     );",
    // One row at most: the digest of the layout that was last told.
    "CREATE TABLE layout_told (
         digest INTEGER NOT NULL
     );",
];

/// Brings the file to the present format; each step is whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    loop {
        let found: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(failed_to("read the database"))?;
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        let Some(step) = usize::try_from(found).ok().and_then(|found| STEPS.get(found)) else {
            return Ok(());
        };
        apply(connection, step, found + 1).map_err(failed_to("prepare the database"))?;
    }
}

fn apply(connection: &mut Connection, step: &str, version: i64) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        PlaceRecord, Saved, SettingsRecord,
        database::{Database, settings::read_without_room},
    };

    /// A file of format 1 with a setting and a mute.
    fn first_format(path: &std::path::Path) {
        let mut connection = Connection::open(path).unwrap();
        apply(&mut connection, STEPS[0], 1).unwrap();
        let rows = "INSERT INTO settings VALUES ('north', '{}', NULL); INSERT INTO mutes VALUES ('south');";
        connection.execute_batch(rows).unwrap();
    }

    fn without_places() -> Saved {
        Saved {
            settings: vec![SettingsRecord {
                zone: "north".into(),
                settings_json: "{}".into(),
                expires: None,
            }],
            mutes: vec![Some("south".into())],
            ..Saved::default()
        }
    }

    #[test]
    fn a_file_of_the_first_format_keeps_what_it_has_and_takes_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("habitat.db");
        first_format(&path);
        let mut database = Database::open(&path).unwrap();
        assert_eq!(database.saved().unwrap(), without_places());
        let place = PlaceRecord {
            zone: "north".into(),
            known_s: 3600.5,
            shares_json: "[0.5]".into(),
            updated: jiff::Timestamp::UNIX_EPOCH,
        };
        database.save_places([("north", Some(&place))].into_iter()).unwrap();
        drop(database);
        let expected = Saved {
            places: vec![place],
            ..without_places()
        };
        assert_eq!(Database::open(&path).unwrap().saved().unwrap(), expected);
    }

    #[test]
    fn a_file_of_the_first_format_can_be_read_on_a_disk_without_room_for_a_new_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("habitat.db");
        first_format(&path);
        assert_eq!(read_without_room(&path).unwrap(), without_places());
    }
}
