//! Looking into the outbox from outside, on a connection of its own that cannot write.

use std::path::Path;

use habitat_events::Data;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{failed_to, history::read_only, outbox::read_dropped, path_in, schema, settings};
use crate::store::{Outbox, RefusedEvent, Saved, StoreError, Waiting};

/// What waits for the tenant, what it refused, and what was given up. Blocks for as long as the disk takes.
///
/// # Errors
/// [`StoreError::NoHistory`] when there is no database yet; [`StoreError::Database`] or [`StoreError::Damaged`] when it
/// cannot be read.
pub fn outbox(state_dir: &Path) -> Result<Outbox, StoreError> {
    let connection = read_only(state_dir)?;
    let bytes = std::fs::metadata(path_in(state_dir)).map_or(0, |file| file.len());
    let read = || {
        Ok(Outbox {
            waiting: waiting(&connection)?,
            refused: refused(&connection)?,
            given_up: read_dropped(&connection)?,
            bytes,
        })
    };
    read().map_err(failed_to("read the outbox"))
}

/// Everything that outlives a restart, as it is on the disk.
///
/// # Errors
/// As [`outbox`].
pub fn kept(state_dir: &Path) -> Result<Saved, StoreError> {
    settings::saved(&read_only(state_dir)?).map_err(failed_to("read the saved settings"))
}

fn waiting(connection: &Connection) -> Result<Vec<Waiting>, rusqlite::Error> {
    let mut query = connection
        .prepare("SELECT kind, count(*), min(time_us), max(time_us) FROM events WHERE state = ?1 GROUP BY kind ORDER BY kind")?;
    let rows = query.query_map([schema::PENDING], |row| {
        let (kind, events): (i64, i64) = (row.get(0)?, row.get(1)?);
        let time = |column| row.get(column).map(|us| Timestamp::from_microsecond(us).unwrap_or_default());
        Ok(Waiting {
            event_type: event_type(kind),
            events: events.cast_unsigned(),
            oldest: time(2)?,
            newest: time(3)?,
        })
    })?;
    rows.collect()
}

fn refused(connection: &Connection) -> Result<Vec<RefusedEvent>, rusqlite::Error> {
    let mut query =
        connection.prepare("SELECT time_us, kind, subject, reason, json FROM events WHERE state = ?1 ORDER BY seq")?;
    let rows = query.query_map(params![schema::SET_ASIDE], |row| {
        Ok(RefusedEvent {
            time: Timestamp::from_microsecond(row.get(0)?).unwrap_or_default(),
            event_type: event_type(row.get(1)?),
            subject: row.get(2)?,
            reason: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            json: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn event_type(kind: i64) -> &'static str {
    usize::try_from(kind)
        .ok()
        .and_then(|kind| Data::TYPES.get(kind))
        .copied()
        .unwrap_or("unknown")
}
