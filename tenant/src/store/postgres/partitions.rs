//! The months of `event`: each has a table of its own, made before it begins, so that a month whose time is over goes by
//! dropping a table.
//!
//! Events of other times (a controller that was cut off for long, a clock that is wrong) are kept in `event_default`. Those
//! of the last ten years move to a month of their own when the tables are seen to next; the rest stay where they are.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use super::schema::LOCK;

/// How often the months are seen to.
const INTERVAL: Duration = Duration::from_secs(3600);
/// Months that are made before they begin.
const MONTHS_AHEAD: i32 = 2;
/// Months in the past that events may get a table for.
const MONTHS_BACK: i32 = 120;

/// Sees to the months for ever; any instance may, and several at once do no harm.
pub(super) async fn keep(pool: PgPool) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        see_to(&pool).await;
    }
}

/// Sees to the months once. When that fails nothing is in danger: `event_default` takes what has no month.
pub(super) async fn see_to(pool: &PgPool) {
    if let Err(error) = ensure(pool).await {
        tracing::warn!(%error, "the tables of coming months were not made; trying again in an hour");
    }
}

/// Makes what is missing from this month to those ahead, and the months of which events lie in `event_default`.
async fn ensure(pool: &PgPool) -> sqlx::Result<()> {
    let this_month = month_of(Timestamp::now());
    let mut connection = pool.acquire().await?;
    for ahead in 0..=MONTHS_AHEAD {
        make(&mut connection, this_month.saturating_add(ahead.months())).await?;
    }
    let (mut from, to) = (
        this_month.saturating_sub(MONTHS_BACK.months()),
        this_month.saturating_add((MONTHS_AHEAD + 1).months()),
    );
    while let Some(time_us) = earliest(&mut connection, from, to).await? {
        let month = month_of(Timestamp::from_microsecond(time_us).map_err(impossible)?);
        make(&mut connection, month).await?;
        from = month.saturating_add(1.month());
    }
    Ok(())
}

/// The first event in `event_default` between two dates.
async fn earliest(connection: &mut PgConnection, from: Date, to: Date) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT min(time_us) FROM event_default WHERE time_us >= $1 AND time_us < $2")
        .bind(start_us(from)?)
        .bind(start_us(to)?)
        .fetch_one(connection)
        .await
}

/// Makes the table of a month, unless it is there, and moves into it what `event_default` has of that month.
async fn make(connection: &mut PgConnection, month: Date) -> sqlx::Result<()> {
    let name = format!("event_{:04}_{:02}", month.year(), month.month());
    let (from, to) = (start_us(month)?, start_us(month.saturating_add(1.month()))?);
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *transaction)
        .await?;
    let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(&name)
        .fetch_one(&mut *transaction)
        .await?;
    if exists {
        return transaction.rollback().await;
    }
    // Rather later than in the way: ingest waits behind this lock.
    let sql = format!(
        "SET LOCAL lock_timeout = '2s';
         LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE;
         CREATE TABLE {name} (LIKE event INCLUDING ALL);
         WITH moved AS (DELETE FROM event_default WHERE time_us >= {from} AND time_us < {to} RETURNING *)
             INSERT INTO {name} SELECT * FROM moved;
         ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to});"
    );
    // Safe: it is made of numbers.
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// The first day of the month of a time.
fn month_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date().first_of_month()
}

/// Microseconds from 1970 to midnight UTC.
fn start_us(date: Date) -> sqlx::Result<i64> {
    let start = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
    start.map(Timestamp::as_microsecond).map_err(impossible)
}

/// A time that the calendar does not have.
fn impossible(error: jiff::Error) -> sqlx::Error {
    sqlx::Error::Protocol(error.to_string())
}
