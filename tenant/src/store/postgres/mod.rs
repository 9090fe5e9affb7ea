//! The store in a PostgreSQL server, which several instances of this program share: nothing that matters is kept in the
//! instance, and the database alone decides what is new and what comes first.

mod erasure;
mod events;
mod figures;
mod lease;
mod partitions;
mod schema;
mod statements;

use std::{sync::Arc, time::Duration};

use sqlx::{
    PgPool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, Postgres},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::timeout,
};

use super::{
    Delivery, Erased, Figures, Page, Portion, Question, Record, Refusal, Row, Rows, Selection, Statement, Step, StoreError,
    reader::PostgresReader,
};
use crate::{
    database::Database,
    ids::{SiteId, TenantId},
};
pub(super) use erasure::TABLES_OF_TENANTS;
pub(crate) use lease::Lease;

/// Connections of one instance. PostgreSQL allows 100 in all unless told otherwise.
const CONNECTIONS_MAX: u32 = 16;
/// How long a request waits for one of them before it is told to come back.
const BUSY_WAIT: Duration = Duration::from_secs(2);
/// How long to try to reach the server.
const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// No statement takes longer.
const STATEMENT_MAX_MS: &str = "20000";
/// An instance that hangs or has vanished between two statements of a transaction keeps others of the site waiting for no longer.
const PAUSE_MAX_MS: &str = "5000";

/// A pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct PostgresStore {
    pool: PgPool,
    /// One for each connection. The pool itself cannot tell a full house from a server that is down.
    places: Arc<Semaphore>,
    reader: PostgresReader,
    upkeep: AbortHandle,
}

/// A connection and its place.
struct Seat {
    connection: PoolConnection<Postgres>,
    _place: OwnedSemaphorePermit,
}

impl PostgresStore {
    /// Connects, brings the tables to today's shape, and sees to the months that are about to come.
    pub async fn open(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let name = Database::Server(Box::new(options.clone())).to_string();
        let reader = PostgresReader::new(options);
        let options = options.clone().application_name("habitat-tenant").options([
            ("statement_timeout", STATEMENT_MAX_MS),
            ("idle_in_transaction_session_timeout", PAUSE_MAX_MS),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(CONNECT_WAIT)
            .after_connect(|connection, _| Box::pin(schema::make_durable(connection)))
            .connect_with(options)
            .await
            .map_err(|error| unavailable(&name, &error))?;
        schema::prepare(&pool, &name).await?;
        partitions::see_to(&pool).await;
        let upkeep = tokio::spawn(partitions::keep(pool.clone())).abort_handle();
        Ok(PostgresStore {
            pool,
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX as usize)),
            reader,
            upkeep,
        })
    }

    /// See [`super::Store::append`].
    pub async fn append(
        &self,
        tenant: TenantId,
        site: SiteId,
        records: Vec<Record>,
        now_us: i64,
    ) -> Result<Delivery, StoreError> {
        let mut seat = self.seat().await?;
        // On a task of its own: whoever asked may go away in the middle, and the work stands all the same.
        let work = tokio::spawn(async move { events::append(&mut seat.connection, &tenant, &site, records, now_us).await });
        match work.await {
            Ok(stored) => stored.map_err(|error| failed("store events", &error)),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// See [`super::Store::select`].
    pub async fn select(&self, selection: Selection) -> Result<Page, StoreError> {
        let mut seat = self.seat().await?;
        let page = events::select(&mut seat.connection, &selection).await;
        page.map_err(|error| failed("read events", &error))
    }

    /// See [`super::Store::change`].
    pub async fn change(&self, steps: Vec<Step>, alone_with: Option<&TenantId>) -> Result<Result<(), Refusal>, StoreError> {
        let mut seat = self.seat().await?;
        let done = statements::change(&mut seat.connection, steps, alone_with.map(erasure::lock_of)).await;
        done.map_err(|error| failed("change the register", &error))
    }

    /// See [`super::Store::erase`].
    pub async fn erase(&self, portion: Portion) -> Result<Erased, StoreError> {
        let mut seat = self.seat().await?;
        let erased = erasure::erase(&mut seat.connection, &portion).await;
        erased.map_err(|error| failed("erase events", &error))
    }

    /// See [`super::Store::lease`].
    pub async fn lease(&self) -> Result<Option<Lease>, StoreError> {
        let seat = self.seat().await?;
        let lease = Lease::take(seat.connection).await;
        lease.map_err(|error| failed("take the right to keep house", &error))
    }

    /// See [`super::Store::query`].
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let mut seat = self.seat().await?;
        let rows = statements::query(&mut seat.connection, statement).await;
        rows.map_err(|error| failed("read the register", &error))
    }

    /// See [`super::Store::ask`].
    pub async fn ask_beside(&self, question: Question) -> Result<Rows, StoreError> {
        self.reader.ask(question).await
    }

    /// See [`super::Store::put_figures`].
    pub async fn put_figures(&self, tenant: TenantId, site: SiteId, figures: Figures) -> Result<bool, StoreError> {
        let mut seat = self.seat().await?;
        let put = figures::put(&mut seat.connection, &tenant, &site, &figures).await;
        put.map_err(|error| failed("write figures", &error))
    }

    /// See [`super::Store::probe`].
    pub async fn probe(&self) -> Result<(), StoreError> {
        // A connection from the pool has just answered a ping.
        self.seat().await.map(|_| ())
    }

    /// See [`super::Store::close`].
    pub async fn close(&self) {
        self.upkeep.abort();
        self.reader.close().await;
        self.pool.close().await;
    }

    async fn seat(&self) -> Result<Seat, StoreError> {
        let place = match timeout(BUSY_WAIT, self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(StoreError::Closed),
            Err(_) => return Err(StoreError::Busy),
        };
        match self.pool.acquire().await {
            Ok(connection) => Ok(Seat {
                connection,
                _place: place,
            }),
            Err(sqlx::Error::PoolClosed) => Err(StoreError::Closed),
            Err(error) => Err(failed("connect", &error)),
        }
    }
}

fn failed(operation: &'static str, error: &sqlx::Error) -> StoreError {
    StoreError::Failed {
        operation,
        reason: error.to_string(),
    }
}

fn unavailable(database: &str, error: &sqlx::Error) -> StoreError {
    let reason = match error {
        sqlx::Error::PoolTimedOut => "the server does not answer".to_owned(),
        other => other.to_string(),
    };
    StoreError::Unavailable {
        database: database.to_owned(),
        reason,
    }
}
