//! Reading the local history, on a connection of its own that cannot write.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, named_params};

use super::{failed_to, path_in};
use crate::store::{HistoryEvent, HistoryQuery, StoreError};

/// Reads events of the local history, oldest first. With `after_seq`, the first `limit` events after that one; without,
/// the latest `limit` events. Blocks for as long as the disk takes.
///
/// # Errors
/// [`StoreError::NoHistory`] when there is no database yet; [`StoreError::Database`] or [`StoreError::Damaged`] when it
/// cannot be read.
pub fn history(state_dir: &Path, query: &HistoryQuery) -> Result<Vec<HistoryEvent>, StoreError> {
    let connection = read_only(state_dir)?;
    let mut events = select(&connection, query).map_err(failed_to("read the history"))?;
    if query.after_seq.is_none() {
        events.reverse();
    }
    Ok(events)
}

/// The database of a state folder, which another process may be writing to.
pub(super) fn read_only(state_dir: &Path) -> Result<Connection, StoreError> {
    let path = path_in(state_dir);
    if !path.exists() {
        return Err(StoreError::NoHistory { path });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(&path, flags).map_err(failed_to("open the database"))
}

fn select(connection: &Connection, query: &HistoryQuery) -> Result<Vec<HistoryEvent>, rusqlite::Error> {
    let order = if query.after_seq.is_some() { "ASC" } else { "DESC" };
    connection
        .prepare(&format!(
            "SELECT seq, json FROM events
             WHERE seq > :after AND (:subject IS NULL OR subject = :subject) AND (:since IS NULL OR time_us >= :since)
             ORDER BY seq {order} LIMIT :limit"
        ))?
        .query_map(
            named_params! {
                ":after": query.after_seq.unwrap_or(0),
                ":subject": query.zone,
                ":since": query.since.map(|since| since.as_microsecond()),
                ":limit": i64::try_from(query.limit).unwrap_or(i64::MAX),
            },
            |row| {
                Ok(HistoryEvent {
                    seq: row.get(0)?,
                    json: row.get(1)?,
                })
            },
        )?
        .collect()
}
