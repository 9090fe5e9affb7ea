//! The store in an SQLite file: write-ahead log, synchronised to disk at every commit, one transaction per batch.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, TransactionBehavior, params, params_from_iter};

use super::{
    Appended, Page, Record, Selection, StoreError,
    schema::{APPLICATION_ID, MIGRATIONS},
};
use crate::site::SiteId;

/// How long to wait for another process that holds the file, a backup for example.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// A page ends early when its documents reach this size.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// An open database.
#[derive(Debug)]
pub(super) struct Sqlite(Connection);

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
                path: path.display().to_string(),
                reason: format!("this place allows the journal mode {mode:?} only; put the file on a local disk"),
            });
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(explain)?;
        migrate(&mut connection).map_err(explain)?;
        Ok(Sqlite(connection))
    }

    /// Stores the new ones of a batch in one transaction; durable when this returns.
    pub fn append(&mut self, site: &SiteId, records: &[Record]) -> Result<Appended, StoreError> {
        insert_all(&mut self.0, site, records).map_err(|error| failed("store events", &error))
    }

    /// Reads a page.
    pub fn select(&self, selection: &Selection) -> Result<Page, StoreError> {
        read_page(&self.0, selection).map_err(|error| failed("read events", &error))
    }

    /// Reads something that is always there.
    pub fn probe(&self) -> Result<(), StoreError> {
        pragma(&self.0, "user_version")
            .map(|_| ())
            .map_err(|error| failed("answer", &error))
    }
}

fn insert_all(connection: &mut Connection, site: &SiteId, records: &[Record]) -> rusqlite::Result<Appended> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut accepted = 0;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO events (site, source, id, type, zone, time_us, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (source, id) DO NOTHING",
        )?;
        for r in records {
            accepted += insert.execute(params![
                site.as_str(),
                r.source,
                r.id,
                r.event_type,
                r.zone,
                r.time_us,
                r.document
            ])?;
        }
    }
    transaction.commit()?;
    Ok(Appended {
        accepted,
        duplicates: records.len() - accepted,
    })
}

fn read_page(connection: &Connection, selection: &Selection) -> rusqlite::Result<Page> {
    let site = selection.site.as_str();
    // One more than asked for tells whether there is a rest.
    let limit = i64::try_from(selection.limit).unwrap_or(i64::MAX).saturating_add(1);
    let conditions: [(&str, Option<&dyn ToSql>); 6] = [
        ("site = ?", Some(&site)),
        ("zone = ?", selection.zone.as_ref().map(|v| v as &dyn ToSql)),
        ("type = ?", selection.event_type.as_ref().map(|v| v as &dyn ToSql)),
        ("time_us >= ?", selection.since_us.as_ref().map(|v| v as &dyn ToSql)),
        ("time_us < ?", selection.until_us.as_ref().map(|v| v as &dyn ToSql)),
        ("seq > ?", selection.after.as_ref().map(|v| v as &dyn ToSql)),
    ];
    let asked: Vec<_> = conditions
        .into_iter()
        .filter_map(|(sql, value)| Some((sql, value?)))
        .collect();
    let filter = asked.iter().map(|(sql, _)| *sql).collect::<Vec<_>>().join(" AND ");
    let mut values: Vec<&dyn ToSql> = asked.iter().map(|(_, value)| *value).collect();
    values.push(&limit);

    let sql = format!("SELECT seq, document FROM events WHERE {filter} ORDER BY seq LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = Page {
        documents: Vec::new(),
        next: None,
    };
    let (mut last_seq, mut bytes) = (None, 0);
    while let Some(row) = rows.next()? {
        if page.documents.len() == selection.limit || bytes >= PAGE_BYTES_MAX {
            page.next = last_seq;
            break;
        }
        let document: String = row.get(1)?;
        bytes += document.len();
        page.documents.push(document);
        last_seq = Some(row.get(0)?);
    }
    Ok(page)
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
            path: path.display().to_string(),
            found: version,
            known,
        }),
        APPLICATION_ID => Ok(()),
        0 if version == 0 && objects == 0 => Ok(()),
        other => Err(StoreError::Foreign {
            path: path.display().to_string(),
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
        path: path.display().to_string(),
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
    let (path, reason) = (path.display().to_string(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { path, reason },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, reason },
        _ => StoreError::Unavailable { path, reason },
    }
}

fn failed(operation: &'static str, error: &rusqlite::Error) -> StoreError {
    StoreError::Failed {
        operation,
        reason: error.to_string(),
    }
}
