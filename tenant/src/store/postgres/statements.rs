//! Statements about the register in PostgreSQL.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, Column, Connection, PgConnection, Row as _, TypeInfo, postgres::PgArguments, postgres::PgRow, query::Query,
};

use super::super::statement::{Refusal, Row, Statement, Step, Value};

/// Does all steps or none; `Err` inside says why it is none.
pub(super) async fn change(
    connection: &mut PgConnection,
    steps: Vec<Step>,
    alone_with: Option<i64>,
) -> sqlx::Result<Result<(), Refusal>> {
    let mut transaction = connection.begin().await?;
    if let Some(lock) = alone_with {
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(lock)
            .execute(&mut *transaction)
            .await?;
    }
    for step in steps {
        let done = bind(step.statement).execute(&mut *transaction).await?;
        if let (0, Some(reason)) = (done.rows_affected(), step.or_refuse) {
            transaction.rollback().await?;
            return Ok(Err(reason));
        }
    }
    transaction.commit().await.map(Ok)
}

/// Reads rows.
pub(super) async fn query(connection: &mut PgConnection, statement: Statement) -> sqlx::Result<Vec<Row>> {
    let rows = bind(statement).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

fn bind(statement: Statement) -> Query<'static, sqlx::Postgres, PgArguments> {
    let query = match statement.sql {
        Cow::Borrowed(sql) => sqlx::query(sql),
        // Safe: nothing in it was typed by anybody.
        Cow::Owned(sql) => sqlx::query(AssertSqlSafe(sql)),
    };
    statement.values.into_iter().fold(query, |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
    })
}

fn read(row: &PgRow) -> sqlx::Result<Row> {
    let read_column = |(index, column): (usize, &sqlx::postgres::PgColumn)| match column.type_info().name() {
        "INT8" => row.try_get(index).map(Value::Number),
        _ => row.try_get(index).map(Value::Text),
    };
    row.columns().iter().enumerate().map(read_column).collect()
}
