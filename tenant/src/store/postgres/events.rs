//! Events in PostgreSQL: a batch is one statement in one transaction.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, Postgres, QueryBuilder, Row};

use super::{
    super::{
        Appended, Delivery, PAGE_BYTES_MAX, Page, Record, Selection, digest_of,
        rules::{DISCARDED, RULES, Rules, Seen, controllers},
    },
    erasure::lock_of,
};
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

/// Who a batch is from, and which version of the program they run.
const NOTE_CONTROLLERS: &str = "
    INSERT INTO controller AS c (tenant_id, site_id, source, version, version_us, first_seen_us, last_seen_us)
    SELECT $1, $2, source, version, version_us, $6, $6
    FROM unnest($3::text[], $4::text[], $5::bigint[]) AS seen (source, version, version_us)
    ON CONFLICT (tenant_id, source) DO UPDATE SET
        last_seen_us = greatest(c.last_seen_us, excluded.last_seen_us),
        version = CASE WHEN excluded.version <> '' AND excluded.version_us >= c.version_us
            THEN excluded.version ELSE c.version END,
        version_us = greatest(c.version_us, excluded.version_us)";

/// Stores the new ones of a batch that may be stored; durable when this returns.
pub(super) async fn append(
    connection: &mut PgConnection,
    tenant: &TenantId,
    site: &SiteId,
    records: Vec<Record>,
    now_us: i64,
) -> sqlx::Result<Delivery> {
    // The row of a single statement can arrive before its commit; that of a transaction cannot be taken for it.
    let mut transaction = connection.begin().await?;
    // Together with other batches, but not with a change of the rules, which are read after this.
    sqlx::query("SELECT pg_advisory_xact_lock_shared($1)")
        .bind(lock_of(tenant))
        .execute(&mut *transaction)
        .await?;
    let rules = sqlx::query_scalar(RULES)
        .bind(tenant.as_str())
        .bind(site.as_str())
        .bind(digest_of(tenant))
        .fetch_all(&mut *transaction)
        .await?;
    let rules = Rules(rules);
    if rules.terminated() {
        transaction.rollback().await?;
        return Ok(Delivery::Terminated);
    }
    let (records, discarded) = rules.sort(records);
    for (event_type, count) in &discarded {
        sqlx::query(DISCARDED)
            .bind(i64::try_from(*count).unwrap_or(i64::MAX))
            .bind(tenant.as_str())
            .bind(site.as_str())
            .bind(*event_type)
            .execute(&mut *transaction)
            .await?;
    }
    let (total, mut accepted) = (records.len(), 0);
    if total > 0 {
        let seen = controllers(&records);
        accepted = insert(&mut transaction, tenant, site, records).await?;
        // After the row of the site was locked, so that two batches cannot wait for each other.
        note_controllers(&mut transaction, tenant, site, seen, now_us).await?;
    }
    transaction.commit().await?;
    Ok(Delivery::Taken(Appended {
        accepted,
        duplicates: total - accepted,
        discarded: discarded.values().sum(),
    }))
}

async fn insert(connection: &mut PgConnection, tenant: &TenantId, site: &SiteId, records: Vec<Record>) -> sqlx::Result<usize> {
    let mut columns = Columns::with_capacity(records.len());
    records.into_iter().for_each(|record| columns.push(record));
    let accepted: i64 = sqlx::query_scalar(APPEND)
        .bind(tenant.as_str())
        .bind(site.as_str())
        .bind(columns.sources)
        .bind(columns.ids)
        .bind(columns.types)
        .bind(columns.zones)
        .bind(columns.times_us)
        .bind(columns.documents)
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(accepted).unwrap_or(0))
}

async fn note_controllers(
    connection: &mut PgConnection,
    tenant: &TenantId,
    site: &SiteId,
    seen: BTreeMap<String, Seen>,
    now_us: i64,
) -> sqlx::Result<()> {
    let (sources, versions): (Vec<String>, Vec<(String, i64)>) = seen
        .into_iter()
        .map(|(source, seen)| (source, seen.version.unwrap_or_default()))
        .unzip();
    let (versions, times_us): (Vec<String>, Vec<i64>) = versions.into_iter().unzip();
    sqlx::query(NOTE_CONTROLLERS)
        .bind(tenant.as_str())
        .bind(site.as_str())
        .bind(sources)
        .bind(versions)
        .bind(times_us)
        .bind(now_us)
        .execute(connection)
        .await
        .map(|_| ())
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
