//! Events leave PostgreSQL, in portions.

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};

use super::super::{Erased, Portion, erasure::MEASUREMENT};
use crate::ids::TenantId;

/// The names of the tables that have something of a tenant; a partition is part of its table.
pub(in crate::store) const TABLES_OF_TENANTS: &str = "SELECT relname::text FROM pg_class
     JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
     ORDER BY relname";

/// A portion and its keys, in one statement: none of both is ever left without the other.
const ERASE: &str = "
    WITH looked_at AS (
        SELECT time_us, seq, source, event_id, type FROM event
        WHERE tenant_id = $1 AND site_id = $2 AND time_us < $3 AND time_us >= $4 AND (time_us, seq) > ($4, $5)
        ORDER BY time_us, seq LIMIT $6
    ), doomed AS (
        SELECT * FROM looked_at WHERE $7 = 'all' OR ($7 = 'measurements') = (type = $8)
    ), gone AS (
        DELETE FROM event USING doomed
        WHERE event.tenant_id = $1 AND event.site_id = $2 AND event.time_us < $3
            AND event.seq = doomed.seq AND event.time_us = doomed.time_us
        RETURNING 1
    ), keys AS (
        DELETE FROM event_key USING doomed
        WHERE event_key.tenant_id = $1 AND event_key.source = doomed.source AND event_key.event_id = doomed.event_id
    ), last AS (
        SELECT time_us, seq FROM looked_at ORDER BY time_us DESC, seq DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM looked_at) AS looked_at, (SELECT count(*) FROM gone) AS gone,
           (SELECT time_us FROM last) AS time_us, (SELECT seq FROM last) AS seq";

/// What a batch holds together with others, and a change of the tenant's rules alone.
pub(super) fn lock_of(tenant: &TenantId) -> i64 {
    let digest = Sha256::digest(tenant.as_str());
    digest.iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

/// Erases a portion of events.
pub(super) async fn erase(connection: &mut PgConnection, portion: &Portion) -> sqlx::Result<Erased> {
    let row = sqlx::query(ERASE)
        .bind(portion.tenant.as_str())
        .bind(portion.site.as_str())
        .bind(portion.before_us)
        .bind(portion.after.0)
        .bind(portion.after.1)
        .bind(i64::try_from(portion.limit).unwrap_or(i64::MAX))
        .bind(portion.kind.as_str())
        .bind(MEASUREMENT)
        .fetch_one(connection)
        .await?;
    let (looked_at, gone): (i64, i64) = (row.try_get("looked_at")?, row.try_get("gone")?);
    let last: (Option<i64>, Option<i64>) = (row.try_get("time_us")?, row.try_get("seq")?);
    let full = usize::try_from(looked_at).is_ok_and(|count| count == portion.limit);
    Ok(Erased {
        events: usize::try_from(gone).unwrap_or(0),
        next: last.0.zip(last.1).filter(|_| full),
    })
}
