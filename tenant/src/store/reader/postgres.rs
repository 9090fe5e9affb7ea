//! Questions to a PostgreSQL server, on a few connections that nothing else uses.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{
    Column, PgPool, Row, TypeInfo,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{Cell, PORTION_ROWS, PORTIONS, Portion, Question, Rows, Stop, failed};
use crate::store::{StoreError, Value};

/// Connections of one instance, beside those that write.
const CONNECTIONS_MAX: u32 = 4;
/// How long to wait for one of them.
const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// No question takes the server longer.
const STATEMENT_MAX_MS: &str = "10000";

/// A pool of connections, which are made when they are needed.
#[derive(Clone, Debug)]
pub(in crate::store) struct PostgresReader(PgPool);

/// Ends the task, and with it the statement.
#[derive(Debug)]
pub(super) struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PostgresReader {
    /// For questions to this server.
    pub fn new(options: &PgConnectOptions) -> Self {
        let options = options.clone().application_name("habitat-tenant-questions").options([
            ("statement_timeout", STATEMENT_MAX_MS),
            ("default_transaction_read_only", "on"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(CONNECT_WAIT)
            .connect_lazy_with(options);
        PostgresReader(pool)
    }

    /// Begins to answer.
    pub async fn ask(&self, question: Question) -> Result<Rows, StoreError> {
        let (sender, portions) = mpsc::channel(PORTIONS);
        let pool = self.0.clone();
        let work = tokio::spawn(async move {
            if let Err(error) = answer(&pool, question, &sender).await {
                // Whoever asked may have gone away.
                let _ = sender.send(Err(failed(error))).await;
            }
        });
        let abort = AbortOnDrop(work);
        Ok(Rows::new(portions, Stop::Postgres { _abort: abort }))
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

async fn answer(pool: &PgPool, question: Question, sender: &mpsc::Sender<Portion>) -> sqlx::Result<()> {
    let mut query = sqlx::query(sqlx::AssertSqlSafe(question.sql));
    for value in question.values {
        query = match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
        };
    }
    let mut rows = query.fetch(pool);
    let mut portion = Vec::with_capacity(PORTION_ROWS);
    while let Some(row) = rows.try_next().await? {
        portion.push(cells(&row)?);
        if portion.len() == PORTION_ROWS {
            let full = std::mem::replace(&mut portion, Vec::with_capacity(PORTION_ROWS));
            if sender.send(Ok(full)).await.is_err() {
                return Ok(());
            }
        }
    }
    // Whoever asked may have gone away.
    let _ = sender.send(Ok(portion)).await;
    Ok(())
}

fn cells(row: &PgRow) -> sqlx::Result<Vec<Cell>> {
    let cell = |(index, column): (usize, &sqlx::postgres::PgColumn)| {
        let cell = match column.type_info().name() {
            "INT8" => row.try_get::<Option<i64>, _>(index)?.map(Cell::Number),
            "FLOAT8" => row.try_get::<Option<f64>, _>(index)?.map(Cell::Real),
            "BYTEA" => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Cell::Bytes),
            _ => row.try_get::<Option<String>, _>(index)?.map(Cell::Text),
        };
        Ok(cell.unwrap_or(Cell::Null))
    };
    row.columns().iter().enumerate().map(cell).collect()
}
