//! The SQLite file itself: write-ahead log, synchronised to disk at every commit.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{
    StoreError,
    schema::{APPLICATION_ID, MIGRATIONS},
};

/// How long to wait for another process that holds the file, a backup for example.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// An open database.
#[derive(Debug)]
pub(super) struct Sqlite(pub(super) Connection);

impl Sqlite {
    /// Opens or creates the file, checks it and brings it to today's shape. A file that is not ours is left as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let explain = |error: rusqlite::Error| open_error(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection.busy_timeout(LOCK_WAIT).map_err(explain)?;
        check_owner(&connection, path)?;
        check_health(&connection, path)?;
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(explain)?;
        if mode != "wal" {
            return Err(StoreError::Unavailable {
                database: path.display().to_string(),
                reason: format!("this place allows the journal mode {mode:?} only; put the file on a local disk"),
            });
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(explain)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(explain)?;
        // What is deleted is written over, because people ask for that.
        connection
            .pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
            .map_err(explain)?;
        migrate(&mut connection).map_err(explain)?;
        Ok(Sqlite(connection))
    }

    /// Reads something that is always there.
    pub fn probe(&self) -> rusqlite::Result<()> {
        pragma(&self.0, "user_version").map(|_| ())
    }
}

/// Refuses a file that another program made, before anything is written to it.
fn check_owner(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let explain = |error: rusqlite::Error| open_error(path, &error);
    let application = pragma(connection, "application_id").map_err(explain)?;
    let version = pragma(connection, "user_version").map_err(explain)?;
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(explain)?;
    let known = MIGRATIONS.len() as i64;
    match application {
        APPLICATION_ID if version > known => Err(StoreError::Newer {
            database: path.display().to_string(),
            found: version,
            known,
        }),
        APPLICATION_ID => Ok(()),
        0 if version == 0 && objects == 0 => Ok(()),
        other => Err(StoreError::Foreign {
            database: path.display().to_string(),
            reason: format!("its application id is {other:#x}, ours is {APPLICATION_ID:#x}"),
        }),
    }
}

fn check_health(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| open_error(path, &error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged {
        database: path.display().to_string(),
        reason: verdict,
    })
}

/// Does the steps that are still to be done, all or none.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(pragma(&transaction, "user_version")?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn open_error(path: &Path, error: &rusqlite::Error) -> StoreError {
    let (database, reason) = (path.display().to_string(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { database, reason },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { database, reason },
        _ => StoreError::Unavailable { database, reason },
    }
}
