//! The SQLite file. This folder is the only place that names rusqlite.

pub(super) mod damage;
mod events;
pub(super) mod history;
pub(super) mod inspect;
mod layout_told;
mod learned;
mod outbox;
mod places;
mod schema;
pub(super) mod settings;

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use habitat_events::DroppedEvents;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::StoreError;

/// Name of the file inside the state folder.
pub(super) const FILE_NAME: &str = "habitat.db";

/// The write-ahead log is cut back to this size after a checkpoint: it only grows beyond when a reader holds one up.
const LOG_SIZE_LIMIT_BYTES: i64 = 16 << 20;

/// Where the database of a state folder is.
pub(super) fn path_in(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE_NAME)
}

/// An open database and how many events it holds in which state.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    counts: events::Counts,
    dropped: DroppedEvents,
}

impl Database {
    /// Opens or creates the file and brings it to the present format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite gives its side files the mode of the main one, so that one is made here, for us alone.
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| StoreError::Folder {
                doing: "write to",
                path: path.to_owned(),
                source,
            })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed_to("open the database"))?;
        prepare(&connection).map_err(failed_to("open the database"))?;
        schema::migrate(&mut connection)?;
        let counts = events::Counts::read(&connection).map_err(failed_to("read the database"))?;
        let dropped = outbox::read_dropped(&connection).map_err(failed_to("read the database"))?;
        Ok(Database {
            connection,
            counts,
            dropped,
        })
    }

    /// Bytes of the file that hold something.
    fn used_bytes(&self) -> Result<i64, rusqlite::Error> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
    }

    /// Lets the disk be full from here on, or no longer, as far as SQLite can tell.
    #[cfg(test)]
    pub fn pretend_disk_full(&self, full: bool) {
        let pages: i64 = self
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let limit = if full { pages } else { i64::from(u32::MAX) - 1 };
        self.connection
            .pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()))
            .unwrap();
    }
}

/// Memory for pages of the database.
const CACHE_KIB: i64 = 512;

fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    // Some file systems have no shared memory for a write-ahead log; SQLite then keeps its older journal, which is as
    // durable and only slower.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // NORMAL may lose the last commits with the power: <https://sqlite.org/pragma.html#pragma_synchronous>.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_SIZE_LIMIT_BYTES, |_| Ok(()))?;
    // Kept pages only save reads, of which there are few.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Finds damage when a page is read rather than when it has spread.
    connection.pragma_update(None, "cell_size_check", true)
}

/// Turns what SQLite says into what the caller has to know.
fn failed_to(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| match &error {
        // A value of the wrong kind was not written by this program.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => StoreError::Damaged(error.to_string()),
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
            Some(ErrorCode::DiskFull) => StoreError::DiskFull { doing },
            _ => StoreError::Database {
                doing,
                message: error.to_string(),
            },
        },
    }
}
