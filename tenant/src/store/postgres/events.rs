//! Events in PostgreSQL: a batch is one statement in one transaction.

use sqlx::{Connection, PgConnection, Postgres, QueryBuilder, Row};

use super::super::{Appended, PAGE_BYTES_MAX, Page, Record, Selection};
use crate::ids::{SiteId, TenantId};

/// `arrival` first, because its row is the lock that orders the batches of a site; then the keys, which tell what is new;
/// then the new events. A number goes unused where an event is not new.
const APPEND: &str = "
    WITH head AS (
        INSERT INTO arrival AS a (tenant_id, site_id, last_seq) VALUES ($1, $2, cardinality($4))
        ON CONFLICT (tenant_id, site_id) DO UPDATE SET last_seq = a.last_seq + excluded.last_seq
        RETURNING last_seq - cardinality($4) AS base
    ), batch AS (
        SELECT head.base + b.place AS seq, b.*
        FROM head, unnest($3::text[], $4::text[]::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[])
            WITH ORDINALITY AS b (source, event_id, type, zone, time_us, document, place)
    ), fresh AS (
        INSERT INTO event_key (tenant_id, source, event_id, time_us, seq)
        SELECT $1, source, event_id, time_us, seq FROM batch ORDER BY seq
        ON CONFLICT (tenant_id, source, event_id) DO NOTHING
        RETURNING seq
    ), stored AS (
        INSERT INTO event (tenant_id, site_id, seq, source, event_id, type, zone, time_us, document)
        SELECT $1, $2, seq, source, event_id, type, zone, time_us, document FROM batch JOIN fresh USING (seq) ORDER BY seq
        RETURNING 1
    )
    SELECT count(*) FROM stored";

/// Stores the new ones of a batch; durable when this returns.
pub(super) async fn append(
    connection: &mut PgConnection,
    tenant: &TenantId,
    site: &SiteId,
    records: Vec<Record>,
) -> sqlx::Result<Appended> {
    let total = records.len();
    if total == 0 {
        return Ok(Appended {
            accepted: 0,
            duplicates: 0,
        });
    }
    let mut columns = Columns::with_capacity(total);
    records.into_iter().for_each(|record| columns.push(record));
    // The row of a single statement can arrive before its commit; that of a transaction cannot be taken for it.
    let mut transaction = connection.begin().await?;
    let accepted: i64 = sqlx::query_scalar(APPEND)
        .bind(tenant.as_str())
        .bind(site.as_str())
        .bind(columns.sources)
        .bind(columns.ids)
        .bind(columns.types)
        .bind(columns.zones)
        .bind(columns.times_us)
        .bind(columns.documents)
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    let accepted = usize::try_from(accepted).unwrap_or(0);
    Ok(Appended {
        accepted,
        duplicates: total - accepted,
    })
}

/// Records column by column, as arrays travel.
struct Columns {
    sources: Vec<String>,
    ids: Vec<String>,
    types: Vec<&'static str>,
    zones: Vec<String>,
    times_us: Vec<i64>,
    documents: Vec<String>,
}

impl Columns {
    fn with_capacity(count: usize) -> Self {
        Columns {
            sources: Vec::with_capacity(count),
            ids: Vec::with_capacity(count),
            types: Vec::with_capacity(count),
            zones: Vec::with_capacity(count),
            times_us: Vec::with_capacity(count),
            documents: Vec::with_capacity(count),
        }
    }

    fn push(&mut self, record: Record) {
        self.sources.push(record.source);
        self.ids.push(record.id.to_string());
        self.types.push(record.event_type);
        self.zones.push(record.zone);
        self.times_us.push(record.time_us);
        self.documents.push(record.document);
    }
}

/// Reads a page. What it may have in bytes is counted by the server, so that no more than a page is ever sent.
pub(super) async fn select(connection: &mut PgConnection, selection: &Selection) -> sqlx::Result<Page> {
    let limit = i64::try_from(selection.limit).unwrap_or(i64::MAX);
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "SELECT seq, document, total FROM (
            SELECT seq, document, row_number() OVER arrived AS place, count(*) OVER () AS total,
                   sum(octet_length(document)) OVER arrived - octet_length(document) AS bytes_before
            FROM (SELECT seq, document FROM event WHERE tenant_id = ",
    );
    query.push_bind(selection.tenant.as_str());
    query.push(" AND site_id = ").push_bind(selection.site.as_str());
    if let Some(zone) = &selection.zone {
        query.push(" AND zone = ").push_bind(zone);
    }
    if let Some(event_type) = selection.event_type {
        query.push(" AND type = ").push_bind(event_type);
    }
    if let Some(since_us) = selection.since_us {
        query.push(" AND time_us >= ").push_bind(since_us);
    }
    if let Some(until_us) = selection.until_us {
        query.push(" AND time_us < ").push_bind(until_us);
    }
    if let Some(after) = selection.after {
        query.push(" AND seq > ").push_bind(after);
    }
    // One more than asked for tells whether there is a rest.
    query.push(" ORDER BY seq LIMIT ").push_bind(limit.saturating_add(1));
    query.push(") AS found WINDOW arrived AS (ORDER BY seq)) AS counted WHERE place <= ");
    query.push_bind(limit);
    query.push(" AND bytes_before < ").push_bind(PAGE_BYTES_MAX as i64);
    query.push(" ORDER BY seq");

    let rows = query.build().fetch_all(connection).await?;
    let mut next = None;
    if let Some(last) = rows.last()
        && last.try_get::<i64, _>("total")? > rows.len() as i64
    {
        next = Some(last.try_get("seq")?);
    }
    let documents = rows.iter().map(|row| row.try_get("document")).collect::<Result<_, _>>()?;
    Ok(Page { documents, next })
}
