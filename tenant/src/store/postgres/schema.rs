//! The shape of the PostgreSQL database, as a list of steps; the table `schema_version` counts those done. Steps are only
//! ever added. Each is one transaction with its entry, under a lock that other instances wait for.

use sqlx::{Connection, PgConnection, PgPool, Row};

use super::{super::StoreError, unavailable};

/// The steps from an empty database to today's shape.
const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/postgres/0001_events.sql"),
    include_str!("../../../migrations/register.sql"),
    include_str!("../../../migrations/0010_accounts.sql"),
    include_str!("../../../migrations/0020_dashboards.sql"),
    include_str!("../../../migrations/postgres/0021_dashboards.sql"),
];

/// Held while an instance looks at or changes the tables ("HbTn").
pub(super) const LOCK: i64 = 0x4862_546e;

/// A commit must not be answered before it is on disk, whatever the server's default is for others.
pub(super) async fn make_durable(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
        .execute(connection)
        .await
        .map(|_| ())
}

/// Checks that the database can hold our events and is ours or empty, and does the steps that are still to be done. A
/// database that is not ours is left as it is.
pub(super) async fn prepare(pool: &PgPool, name: &str) -> Result<(), StoreError> {
    let explain = |error: sqlx::Error| unavailable(name, &error);
    let mut connection = pool.acquire().await.map_err(explain)?;
    let settings = sqlx::query("SELECT current_setting('server_encoding'), current_setting('fsync')")
        .fetch_one(&mut *connection)
        .await
        .map_err(explain)?;
    let (encoding, fsync): (String, String) = (settings.get(0), settings.get(1));
    if encoding != "UTF8" {
        return Err(StoreError::Unavailable {
            database: name.to_owned(),
            reason: format!("its encoding is {encoding}; create it with ENCODING 'UTF8'"),
        });
    }
    if fsync != "on" {
        tracing::warn!("the database server runs with fsync = {fsync}: after a power cut acknowledged events may be missing");
    }
    migrate(&mut connection, name).await
}

async fn migrate(connection: &mut PgConnection, name: &str) -> Result<(), StoreError> {
    let explain = |error: sqlx::Error| unavailable(name, &error);
    let mut transaction = connection.begin().await.map_err(explain)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *transaction)
        .await
        .map_err(explain)?;
    let found = sqlx::query(
        "SELECT to_regclass('schema_version') IS NOT NULL,
                (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p'))",
    )
    .fetch_one(&mut *transaction)
    .await
    .map_err(explain)?;
    let (ours, tables): (bool, i64) = (found.get(0), found.get(1));
    if !ours && tables > 0 {
        return Err(StoreError::Foreign {
            database: name.to_owned(),
            reason: format!("it has {tables} tables, but none called schema_version"),
        });
    }
    if !ours {
        let sql = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())";
        sqlx::raw_sql(sql).execute(&mut *transaction).await.map_err(explain)?;
    }
    let done: i32 = sqlx::query_scalar("SELECT COALESCE(max(version), 0) FROM schema_version")
        .fetch_one(&mut *transaction)
        .await
        .map_err(explain)?;
    let known = MIGRATIONS.len();
    let skipped = usize::try_from(done).unwrap_or(0);
    if skipped > known {
        return Err(StoreError::Newer {
            database: name.to_owned(),
            found: i64::from(done),
            known: known as i64,
        });
    }
    for (step, version) in MIGRATIONS.iter().zip(1..).skip(skipped) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(explain)?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await
            .map_err(explain)?;
    }
    transaction.commit().await.map_err(explain)
}
