//! The store in an SQLite file: for a demonstration, and for a site or a few. One thread owns the file ([`worker`]).

mod erasure;
mod events;
mod figures;
mod file;
mod schema;
mod statements;
mod worker;

use std::{fmt, path::Path};

use tokio::sync::{mpsc, oneshot};

use super::{
    Delivery, Erased, Figures, Page, Portion, Question, Record, Refusal, Row, Rows, Selection, Statement, Step, StoreError,
    reader::SqliteReader,
};
use crate::ids::{SiteId, TenantId};
pub(super) use erasure::TABLES_OF_TENANTS;
use file::Sqlite;
use worker::Command;

/// Requests that may wait for the database; beyond that callers are told to come back.
const WAITING_MAX: usize = 128;

/// A handle to the thread, and to the file for whoever only reads.
#[derive(Clone)]
pub(crate) struct SqliteStore(mpsc::Sender<Command>, SqliteReader);

impl SqliteStore {
    /// Opens or creates the file and starts the thread that owns it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Sqlite::open(path)?;
        let (sender, commands) = mpsc::channel(WAITING_MAX);
        worker::start(database, commands).map_err(|error| StoreError::Unavailable {
            database: path.display().to_string(),
            reason: format!("no thread for it: {error}"),
        })?;
        Ok(SqliteStore(sender, SqliteReader::new(path)))
    }

    /// See [`super::Store::append`].
    pub async fn append(
        &self,
        tenant: TenantId,
        site: SiteId,
        records: Vec<Record>,
        now_us: i64,
    ) -> Result<Delivery, StoreError> {
        self.ask("store events", move |database| {
            database.append(&tenant, &site, records, now_us)
        })
        .await
    }

    /// See [`super::Store::erase`].
    pub async fn erase(&self, portion: Portion) -> Result<Erased, StoreError> {
        self.ask("erase events", move |database| database.erase(&portion)).await
    }

    /// See [`super::Store::scrub`].
    pub async fn scrub(&self) -> Result<(), StoreError> {
        self.ask("scrub the file", |database| database.scrub()).await
    }

    /// See [`super::Store::select`].
    pub async fn select(&self, selection: Selection) -> Result<Page, StoreError> {
        self.ask("read events", move |database| database.select(&selection)).await
    }

    /// See [`super::Store::change`].
    pub async fn change(&self, steps: Vec<Step>) -> Result<Result<(), Refusal>, StoreError> {
        self.ask("change the register", move |database| database.change(&steps)).await
    }

    /// See [`super::Store::query`].
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.ask("read the register", move |database| database.query(&statement))
            .await
    }

    /// See [`super::Store::ask`].
    pub async fn ask_beside(&self, question: Question) -> Result<Rows, StoreError> {
        self.1.ask(question).await
    }

    /// See [`super::Store::put_figures`].
    pub async fn put_figures(&self, tenant: TenantId, site: SiteId, figures: Figures) -> Result<bool, StoreError> {
        self.ask("write figures", move |database| {
            database.put_figures(&tenant, &site, &figures)
        })
        .await
    }

    /// See [`super::Store::probe`].
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.ask("answer", |database| database.probe()).await
    }

    /// See [`super::Store::close`].
    pub async fn close(&self) {
        self.1.close().await;
        let (reply, closed) = oneshot::channel();
        if self.0.send(Command::Close(reply)).await.is_ok() {
            // An error means that the thread is gone, which is what we wait for.
            let _ = closed.await;
        }
    }

    /// Has something done with the database, which it is in whole or not at all.
    async fn ask<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Sqlite) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        // Whoever asked may have gone away meanwhile; the work stands all the same, so that a lost answer is no error.
        let job = Command::Job(Box::new(move |database| _ = reply.send(work(database))));
        self.0.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        match answer.await {
            Ok(result) => result.map_err(|error| StoreError::Failed {
                operation,
                reason: error.to_string(),
            }),
            Err(_) => Err(StoreError::Closed),
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_is_busy_and_one_that_nobody_reads_is_closed() {
        let (sender, commands) = mpsc::channel(1);
        let store = SqliteStore(sender, SqliteReader::new(Path::new("none")));
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.probe().await }
        });
        tokio::task::yield_now().await;
        assert!(matches!(store.probe().await, Err(StoreError::Busy)));
        drop(commands);
        assert!(matches!(store.probe().await, Err(StoreError::Closed)));
        assert!(matches!(waiting.await, Ok(Err(StoreError::Closed))));
    }
}
