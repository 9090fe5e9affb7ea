//! Events in an SQLite file, one transaction per batch.

use rusqlite::{Connection, ToSql, TransactionBehavior, params, params_from_iter};

use super::{
    super::{
        Appended, Delivery, PAGE_BYTES_MAX, Page, Record, Selection, digest_of,
        rules::{DISCARDED, RULES, Rules, controllers},
    },
    file::Sqlite,
};
use crate::ids::{SiteId, TenantId};

impl Sqlite {
    /// Stores the new ones of a batch that may be stored in one transaction; durable when this returns.
    pub fn append(&mut self, tenant: &TenantId, site: &SiteId, records: Vec<Record>, now_us: i64) -> rusqlite::Result<Delivery> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rules = read_rules(&transaction, tenant, site)?;
        if rules.terminated() {
            return Ok(Delivery::Terminated);
        }
        let (records, discarded) = rules.sort(records);
        for (event_type, count) in &discarded {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let values = params![count, tenant.as_str(), site.as_str(), event_type];
            transaction.prepare_cached(DISCARDED)?.execute(values)?;
        }
        note_controllers(&transaction, tenant, site, &records, now_us)?;
        let accepted = insert(&transaction, tenant, site, &records)?;
        transaction.commit()?;
        Ok(Delivery::Taken(Appended {
            accepted,
            duplicates: records.len() - accepted,
            discarded: discarded.values().sum(),
        }))
    }

    /// Reads a page.
    pub fn select(&self, selection: &Selection) -> rusqlite::Result<Page> {
        read_page(&self.0, selection)
    }
}

fn read_rules(connection: &Connection, tenant: &TenantId, site: &SiteId) -> rusqlite::Result<Rules> {
    let mut statement = connection.prepare_cached(RULES)?;
    let values = params![tenant.as_str(), site.as_str(), digest_of(tenant)];
    let rules: rusqlite::Result<Vec<String>> = statement.query_map(values, |row| row.get(0))?.collect();
    rules.map(Rules)
}

fn note_controllers(
    connection: &Connection,
    tenant: &TenantId,
    site: &SiteId,
    records: &[Record],
    now_us: i64,
) -> rusqlite::Result<()> {
    let mut note = connection.prepare_cached(
        "INSERT INTO controller (tenant_id, site_id, source, version, version_us, first_seen_us, last_seen_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (tenant_id, source) DO UPDATE SET
             last_seen_us = max(last_seen_us, excluded.last_seen_us),
             version = CASE WHEN excluded.version <> '' AND excluded.version_us >= version_us
                 THEN excluded.version ELSE version END,
             version_us = max(version_us, excluded.version_us)",
    )?;
    for (source, seen) in controllers(records) {
        let (version, version_us) = seen.version.unwrap_or_default();
        note.execute(params![tenant.as_str(), site.as_str(), source, version, version_us, now_us])?;
    }
    Ok(())
}

fn insert(connection: &Connection, tenant: &TenantId, site: &SiteId, records: &[Record]) -> rusqlite::Result<usize> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (tenant_id, site_id, source, event_id, type, zone, time_us, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (tenant_id, source, event_id) DO NOTHING",
    )?;
    let mut accepted = 0;
    for r in records {
        accepted += insert.execute(params![
            tenant.as_str(),
            site.as_str(),
            r.source,
            r.id.to_string(),
            r.event_type,
            r.zone,
            r.time_us,
            r.document
        ])?;
    }
    Ok(accepted)
}

fn read_page(connection: &Connection, selection: &Selection) -> rusqlite::Result<Page> {
    let (tenant, site) = (selection.tenant.as_str(), selection.site.as_str());
    // One more than asked for tells whether there is a rest.
    let limit = i64::try_from(selection.limit).unwrap_or(i64::MAX).saturating_add(1);
    let conditions: [(&str, Option<&dyn ToSql>); 7] = [
        ("tenant_id = ?", Some(&tenant)),
        ("site_id = ?", Some(&site)),
        ("zone = ?", selection.zone.as_ref().map(|v| v as &dyn ToSql)),
        ("type = ?", selection.event_type.as_ref().map(|v| v as &dyn ToSql)),
        ("time_us >= ?", selection.since_us.as_ref().map(|v| v as &dyn ToSql)),
        ("time_us < ?", selection.until_us.as_ref().map(|v| v as &dyn ToSql)),
        ("seq > ?", selection.after.as_ref().map(|v| v as &dyn ToSql)),
    ];
    let asked: Vec<_> = conditions
        .into_iter()
        .filter_map(|(sql, value)| Some((sql, value?)))
        .collect();
    let filter = asked.iter().map(|(sql, _)| *sql).collect::<Vec<_>>().join(" AND ");
    let mut values: Vec<&dyn ToSql> = asked.iter().map(|(_, value)| *value).collect();
    values.push(&limit);

    let sql = format!("SELECT seq, document FROM event WHERE {filter} ORDER BY seq LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = Page {
        documents: Vec::new(),
        next: None,
    };
    let (mut last_seq, mut bytes) = (None, 0);
    while let Some(row) = rows.next()? {
        if page.documents.len() == selection.limit || bytes >= PAGE_BYTES_MAX {
            page.next = last_seq;
            break;
        }
        let document: String = row.get(1)?;
        bytes += document.len();
        page.documents.push(document);
        last_seq = Some(row.get(0)?);
    }
    Ok(page)
}
