//! One instance at a time keeps house: whose connection holds an advisory lock.

use sqlx::{Connection, PgConnection, Postgres, pool::PoolConnection};

/// Names the right ("HbTk").
const LOCK: i64 = 0x4862_546b;

/// The right to keep house. The connection is taken out of the pool for it: however the work ends, the connection ends
/// with it, and the server frees the lock.
pub(crate) struct Lease(Option<PgConnection>);

impl Lease {
    /// A file needs none: what is done to it twice does no harm.
    pub fn of_a_file() -> Self {
        Lease(None)
    }

    /// Takes it, unless another instance has it.
    pub(super) async fn take(connection: PoolConnection<Postgres>) -> sqlx::Result<Option<Self>> {
        let mut connection = connection.detach();
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut connection)
            .await?;
        // A machine that vanished without a word must not have it for hours.
        sqlx::raw_sql("SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3")
            .execute(&mut connection)
            .await?;
        Ok(taken.then_some(Lease(Some(connection))))
    }

    /// Gives it back now: a connection that is closed goes on at the server for a moment.
    pub async fn give_back(self) {
        if let Some(mut connection) = self.0 {
            // It ends anyway when this fails.
            let _ = sqlx::query("SELECT pg_advisory_unlock($1)")
                .bind(LOCK)
                .execute(&mut connection)
                .await;
            let _ = connection.close().await;
        }
    }
}
