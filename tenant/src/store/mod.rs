//! Where events are kept: what can be asked of a store, in terms that no particular database shows through.
//!
//! [`sqlite`] keeps them in one file, for a demonstration and small sites; [`postgres`] in a server that several instances
//! of this program share. Both are asked through [`Store`] and pass the same tests.

mod error;
mod figures;
mod postgres;
mod reader;
mod sqlite;
mod statement;

use std::path::Path;

use uuid::Uuid;

use crate::{
    database::Database,
    ids::{SiteId, TenantId},
};
pub use error::StoreError;
pub(crate) use figures::{Figures, FloorRow, Progress, QuarterRow};
use postgres::PostgresStore;
pub(crate) use reader::{Cells, Question, Rows};
use sqlite::SqliteStore;
pub(crate) use statement::{Row, Statement, Step, Value};

/// A page ends early when its documents reach this size.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// An event on its way into the store.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// CloudEvents source.
    pub source: String,
    /// CloudEvents id, unique per source.
    pub id: Uuid,
    /// CloudEvents type.
    pub event_type: &'static str,
    /// The zone that it speaks of, else its subject.
    pub zone: String,
    /// CloudEvents time, microseconds since 1970.
    pub time_us: i64,
    /// The whole document.
    pub document: String,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Events that were new.
    pub accepted: usize,
    /// Events that the store had already, or that came twice in the batch.
    pub duplicates: usize,
}

/// Which events of a site are asked for; `None` asks for all.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The tenant that the site belongs to.
    pub tenant: TenantId,
    /// The site.
    pub site: SiteId,
    /// Zone, or subject of events without a zone.
    pub zone: Option<String>,
    /// CloudEvents type.
    pub event_type: Option<&'static str>,
    /// Earliest time, included.
    pub since_us: Option<i64>,
    /// Latest time, excluded.
    pub until_us: Option<i64>,
    /// Only events that arrived after this one.
    pub after: Option<i64>,
    /// Most events to give.
    pub limit: usize,
}

/// Some of the events that were asked for, in order of arrival.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// The documents.
    pub documents: Vec<String>,
    /// What to give as [`Selection::after`] for the rest; `None` when there is no rest.
    pub next: Option<i64>,
}

/// A handle to the database.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    /// In a file.
    Sqlite(SqliteStore),
    /// In a server.
    Postgres(PostgresStore),
}

impl Store {
    /// Opens or creates an SQLite file; blocks for a while.
    pub fn open_file(path: &Path) -> Result<Self, StoreError> {
        SqliteStore::open(path).map(Store::Sqlite)
    }

    /// Opens the database, and brings it to today's shape.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(path) => Self::open_file(path),
            Database::Server(options) => PostgresStore::open(options).await.map(Store::Postgres),
        }
    }

    /// Stores the events that are new, in this order, all or none; returns after they are durable.
    pub async fn append(&self, tenant: TenantId, site: SiteId, records: Vec<Record>) -> Result<Appended, StoreError> {
        match self {
            Store::Sqlite(store) => store.append(tenant, site, records).await,
            Store::Postgres(store) => store.append(tenant, site, records).await,
        }
    }

    /// Events in order of arrival.
    pub async fn select(&self, selection: Selection) -> Result<Page, StoreError> {
        match self {
            Store::Sqlite(store) => store.select(selection).await,
            Store::Postgres(store) => store.select(selection).await,
        }
    }

    /// Does all steps of a change or none; `Err` inside is the reason why none.
    pub async fn change(&self, steps: Vec<Step>) -> Result<Result<(), String>, StoreError> {
        match self {
            Store::Sqlite(store) => store.change(steps).await,
            Store::Postgres(store) => store.change(steps).await,
        }
    }

    /// Rows of the register.
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match self {
            Store::Sqlite(store) => store.query(statement).await,
            Store::Postgres(store) => store.query(statement).await,
        }
    }

    /// Begins to answer a question, beside everything that writes.
    pub async fn ask(&self, question: Question) -> Result<Rows, StoreError> {
        match self {
            Store::Sqlite(store) => store.ask_beside(question).await,
            Store::Postgres(store) => store.ask_beside(question).await,
        }
    }

    /// Writes a change of what is kept for dashboards, unless another was written since what it is made of was read; says whether it
    /// did.
    pub async fn put_figures(&self, tenant: TenantId, site: SiteId, figures: Figures) -> Result<bool, StoreError> {
        match self {
            Store::Sqlite(store) => store.put_figures(tenant, site, figures).await,
            Store::Postgres(store) => store.put_figures(tenant, site, figures).await,
        }
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(store) => store.probe().await,
            Store::Postgres(store) => store.probe().await,
        }
    }

    /// Waits for what has been asked before, then closes the database.
    pub async fn close(&self) {
        match self {
            Store::Sqlite(store) => store.close().await,
            Store::Postgres(store) => store.close().await,
        }
    }
}
