//! Where events are kept: what can be asked of a store, in terms that no particular database shows through.
//!
//! [`sqlite`] keeps them in one file, for a demonstration and small sites; [`postgres`] in a server that several instances
//! of this program share. Both are asked through [`Store`] and pass the same tests.

mod erasure;
mod error;
mod figures;
mod postgres;
mod reader;
mod rules;
mod sqlite;
mod statement;

use std::path::Path;

use uuid::Uuid;

use crate::{
    database::Database,
    ids::{SiteId, TenantId},
};
pub(crate) use erasure::{Erased, Kind, Portion};
pub use error::StoreError;
pub(crate) use figures::{Figures, FloorRow, Progress, QuarterRow};
use postgres::{Lease, PostgresStore};
pub(crate) use reader::{Cells, Question, Rows};
pub(crate) use rules::{EVERY, digest_of};
use sqlite::SqliteStore;
pub(crate) use statement::{Refusal, Row, Statement, Step, Value};

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
    /// The version of the controller, when the event tells it.
    pub controller_version: Option<String>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It was taken.
    Taken(Appended),
    /// The tenant is to be erased or was: nothing is accepted.
    Terminated,
}

/// What became of the events of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Events that were new.
    pub accepted: usize,
    /// Events that the store had already, or that came twice in the batch.
    pub duplicates: usize,
    /// Events that are not to be stored, because their processing is restricted.
    pub discarded: usize,
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

    /// Stores the events that are new and may be stored, in this order, all or none, and who they are from, seen at a time;
    /// returns after they are durable.
    pub async fn append(
        &self,
        tenant: TenantId,
        site: SiteId,
        records: Vec<Record>,
        now_us: i64,
    ) -> Result<Delivery, StoreError> {
        match self {
            Store::Sqlite(store) => store.append(tenant, site, records, now_us).await,
            Store::Postgres(store) => store.append(tenant, site, records, now_us).await,
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
    pub async fn change(&self, steps: Vec<Step>) -> Result<Result<(), Refusal>, StoreError> {
        match self {
            Store::Sqlite(store) => store.change(steps).await,
            Store::Postgres(store) => store.change(steps, None).await,
        }
    }

    /// The same, while no batch of the tenant is being stored: those that come later go by what this changes.
    pub async fn change_rules(&self, tenant: &TenantId, steps: Vec<Step>) -> Result<Result<(), Refusal>, StoreError> {
        match self {
            // Its thread does one thing after another anyway, and its transactions exclude each other.
            Store::Sqlite(store) => store.change(steps).await,
            Store::Postgres(store) => store.change(steps, Some(tenant)).await,
        }
    }

    /// The sites of a tenant that have events.
    pub async fn sites_with_events(&self, tenant: &TenantId) -> Result<Vec<SiteId>, StoreError> {
        let statement = Statement::new(erasure::SITES, vec![tenant.as_str().into()]);
        let rows = self.query(statement).await?;
        let sites = rows.into_iter().flatten().filter_map(|value| match value {
            Value::Text(site) => SiteId::parse(&site),
            Value::Number(_) => None,
        });
        Ok(sites.collect())
    }

    /// Erases a portion of events.
    pub async fn erase(&self, portion: Portion) -> Result<Erased, StoreError> {
        match self {
            Store::Sqlite(store) => store.erase(portion).await,
            Store::Postgres(store) => store.erase(portion).await,
        }
    }

    /// Every table that has something of a tenant, whatever later versions have added: those with a column `tenant_id`.
    pub async fn tables_of_tenants(&self) -> Result<Vec<String>, StoreError> {
        let sql = match self {
            Store::Sqlite(_) => sqlite::TABLES_OF_TENANTS,
            Store::Postgres(_) => postgres::TABLES_OF_TENANTS,
        };
        let rows = self.query(Statement::new(sql, Vec::new())).await?;
        let names = rows.into_iter().flatten().filter_map(|value| match value {
            Value::Text(name) => Some(name),
            Value::Number(_) => None,
        });
        Ok(names.collect())
    }

    /// The right to keep house, which one instance has at a time; `None` when another one has it. It ends with the value.
    pub async fn lease(&self) -> Result<Option<Lease>, StoreError> {
        match self {
            Store::Sqlite(_) => Ok(Some(Lease::of_a_file())),
            Store::Postgres(store) => store.lease().await,
        }
    }

    /// Sees to it that what was deleted is not left in the file.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(store) => store.scrub().await,
            Store::Postgres(_) => Ok(()),
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
