//! Questions to an SQLite file: a connection each, which reads beside the one that writes.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, InterruptHandle, OpenFlags, params_from_iter, types::ValueRef};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::TaskTracker;

use super::{Cell, PORTION_ROWS, PORTIONS, Portion, Question, Rows, Stop, failed};
use crate::store::StoreError;

/// How long those that still read may take to end.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Where the file is, and who reads it.
#[derive(Clone, Debug)]
pub(in crate::store) struct SqliteReader {
    path: PathBuf,
    /// A token goes with every connection.
    open: TaskTracker,
}

/// Stops SQLite in the middle of a statement.
pub(super) struct InterruptOnDrop(InterruptHandle);

impl Drop for InterruptOnDrop {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

impl std::fmt::Debug for InterruptOnDrop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InterruptOnDrop")
    }
}

impl SqliteReader {
    /// For questions to this file.
    pub fn new(path: &Path) -> Self {
        SqliteReader {
            path: path.to_owned(),
            open: TaskTracker::new(),
        }
    }

    /// Begins to answer.
    pub async fn ask(&self, question: Question) -> Result<Rows, StoreError> {
        if self.open.is_closed() {
            return Err(StoreError::Closed);
        }
        let (path, token) = (self.path.clone(), self.open.token());
        // The token is behind the connection, also when nobody waits for both any more.
        let opened = tokio::task::spawn_blocking(move || (open(&path), token)).await;
        let (connection, token) = opened.map_err(failed)?;
        let connection = connection.map_err(failed)?;
        let interrupt = InterruptOnDrop(connection.get_interrupt_handle());
        let (sender, portions) = mpsc::channel(PORTIONS);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = answer(&connection, &question, &sender) {
                // Whoever asked may have gone away.
                let _ = sender.blocking_send(Err(failed(error)));
            }
            drop(connection);
            drop(token);
        });
        Ok(Rows::new(portions, Stop::Sqlite { _interrupt: interrupt }))
    }

    /// Waits for those that still read: only the last connection that is closed can put the write-ahead log away, and that has to be
    /// the one that writes.
    pub async fn close(&self) {
        self.open.close();
        // Who reads for longer leaves the log behind, which the next start reads.
        let _ = timeout(CLOSE_WAIT, self.open.wait()).await;
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // Not SQLITE_OPEN_READ_ONLY, which cannot read a write-ahead log that nobody has open.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn answer(connection: &Connection, question: &Question, sender: &mpsc::Sender<Portion>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&question.sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(&question.values))?;
    let mut portion = Vec::with_capacity(PORTION_ROWS);
    while let Some(row) = rows.next()? {
        let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
        portion.push(cells.collect::<Result<_, _>>()?);
        if portion.len() == PORTION_ROWS {
            let full = std::mem::replace(&mut portion, Vec::with_capacity(PORTION_ROWS));
            if sender.blocking_send(Ok(full)).is_err() {
                return Ok(());
            }
        }
    }
    // Whoever asked may have gone away.
    let _ = sender.blocking_send(Ok(portion));
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    }
}
