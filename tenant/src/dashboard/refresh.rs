//! Keeps the quarters of an hour as the events say.
//!
//! What arrived since the last look, and what was deleted meanwhile, says which quarters to count; each is counted whole, from all its
//! events, for all zones, so that it does not matter in which order, how late or how often an event comes. A change is written only when
//! nothing else was written since its events were read, so that several instances may do this at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use habitat_events::{Data, Layout, Measurement};
use serde::Deserialize;

use super::{MINUTE_US, QUARTER_US, Tally, floor_to};
use crate::{
    ids::{SiteId, TenantId},
    store::{Figures, FloorRow, Progress, QuarterRow, Question, Statement, Step, Store, StoreError, Value},
};

/// Events that are looked at in one go.
const EVENTS: i64 = 20_000;
/// Quarters with deleted events that are counted in one go.
const STALE: i64 = 48;

const MEASUREMENT: &str = Data::TYPES[0];
const LAYOUT: &str = Data::TYPES[6];

type Key = (TenantId, SiteId);

/// Which sites something was delivered for, and whose figures are being made.
#[derive(Debug, Default)]
pub(crate) struct Refresher {
    noted: Mutex<HashSet<Key>>,
    in_work: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
}

impl Refresher {
    /// Something was delivered for a site.
    pub fn note(&self, tenant: &TenantId, site: &SiteId) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert((tenant.clone(), site.clone()));
    }

    /// Brings the figures of noted sites up to date, again and again: for those who ask the database without asking this program, and so
    /// that nobody who asks has to wait for a long backlog.
    pub async fn keep(self: Arc<Self>, store: Store, every: Duration) {
        // At first all, because who knows what came or went before.
        let mut table = "event";
        loop {
            match sites(&store, table).await {
                Ok(sites) => {
                    sites.iter().for_each(|(tenant, site)| self.note(tenant, site));
                    table = "dashboard_stale";
                }
                Err(error) => tracing::warn!(%error, "the figures for dashboards may be behind; looking again"),
            }
            let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
            for (tenant, site) in noted {
                if let Err(error) = refresh(&self, &store, &tenant, &site).await {
                    tracing::warn!(%error, %site, "the figures for dashboards are behind; trying again");
                    self.note(&tenant, &site);
                }
            }
            tokio::time::sleep(every).await;
        }
    }

    fn place(&self, key: Key) -> Arc<tokio::sync::Mutex<()>> {
        let mut in_work = self.in_work.lock().unwrap_or_else(PoisonError::into_inner);
        in_work.entry(key).or_default().clone()
    }
}

/// Every site that is in a table.
async fn sites(store: &Store, table: &'static str) -> Result<Vec<Key>, StoreError> {
    let sql = format!("SELECT DISTINCT tenant_id, site_id FROM {table}");
    let mut rows = store.ask(Question { sql, values: Vec::new() }).await?;
    let mut sites = Vec::new();
    while let Some(mut row) = rows.next().await? {
        if let (Some(tenant), Some(site)) = (TenantId::parse(&row.text()?), SiteId::parse(&row.text()?)) {
            sites.push((tenant, site));
        }
    }
    Ok(sites)
}

/// Brings the figures of a site up to date.
pub(crate) async fn refresh(refresher: &Refresher, store: &Store, tenant: &TenantId, site: &SiteId) -> Result<(), StoreError> {
    let place = refresher.place((tenant.clone(), site.clone()));
    // One at a time, so that no work is done in vain.
    let _turn = place.lock().await;
    while !step(store, tenant, site).await? {}
    Ok(())
}

/// Looks at some events; says whether that was all.
async fn step(store: &Store, tenant: &TenantId, site: &SiteId) -> Result<bool, StoreError> {
    let key = || -> Vec<Value> { vec![tenant.as_str().into(), site.as_str().into()] };
    let seen = progress(store, key()).await?;
    let mut figures = Figures {
        seen,
        seq: seen.seq,
        told_us: seen.told_us,
        ..Figures::default()
    };
    let events = look(store, key(), &mut figures).await?;
    let stale = stale(store, key(), &mut figures.quarters).await?;
    if events == 0 && stale == 0 {
        return Ok(true);
    }
    for (from_us, to_us) in stretches(&figures.quarters) {
        figures.rows.extend(count(store, key(), from_us, to_us).await?);
    }
    let written = store.put_figures(tenant.clone(), site.clone(), figures).await?;
    Ok(written && events < EVENTS && stale < STALE)
}

/// How far the site's events were looked at.
async fn progress(store: &Store, key: Vec<Value>) -> Result<Progress, StoreError> {
    let sql = "SELECT seq, told_us, version FROM dashboard_progress WHERE tenant_id = $1 AND site_id = $2";
    let values = key.clone();
    let mut rows = store
        .ask(Question {
            sql: sql.to_owned(),
            values,
        })
        .await?;
    if let Some(mut row) = rows.next().await? {
        return Ok(Progress {
            seq: row.number()?,
            told_us: row.number_or_null()?,
            version: row.number()?,
        });
    }
    // Only where there are events: of a tenant that was erased meanwhile nothing is begun again.
    let sql = "INSERT INTO dashboard_progress (tenant_id, site_id, seq, version)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), 0, 0
         WHERE EXISTS (SELECT 1 FROM event WHERE tenant_id = $1 AND site_id = $2) ON CONFLICT DO NOTHING";
    let statement = Statement::new(sql, key);
    let begin = Step {
        statement,
        or_refuse: None,
    };
    // Nothing is refused; if another instance has begun meanwhile, the version tells.
    let _ = store.change(vec![begin]).await?;
    Ok(Progress::default())
}

/// What arrived: quarters to count, and floors. Says how many events that is.
async fn look(store: &Store, key: Vec<Value>, figures: &mut Figures) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT seq, time_us, type, CASE WHEN type = '{LAYOUT}' THEN document END FROM event
         WHERE tenant_id = $1 AND site_id = $2 AND seq > $3 ORDER BY seq LIMIT {EVENTS}"
    );
    let values = key.into_iter().chain([figures.seen.seq.into()]).collect();
    let mut rows = store.ask(Question { sql, values }).await?;
    let mut count = 0;
    while let Some(mut row) = rows.next().await? {
        count += 1;
        figures.seq = row.number()?;
        let (time_us, event_type, document) = (row.number()?, row.text()?, row.text_or_null()?);
        if event_type == MEASUREMENT {
            figures.quarters.insert(quarter_of(time_us));
        } else if let Some(document) = document {
            take_floor(&document, time_us, figures);
        }
    }
    Ok(count)
}

/// A floor replaces what an earlier event said of it. All floors are told at once, with the same time: an event that is older than the
/// layout that holds comes from a backlog, and is history.
fn take_floor(document: &str, time_us: i64, figures: &mut Figures) {
    if figures.told_us.is_some_and(|told_us| time_us < told_us) {
        return;
    }
    let Ok(Document { data }) = serde_json::from_str::<Document<Layout>>(document) else {
        tracing::error!("an event of the layout cannot be read; it is left out of the figures");
        return;
    };
    let zones = data.zones.iter();
    figures.floors.retain(|known| known.floor != data.floor);
    figures.floors.push(FloorRow {
        floor: data.floor.clone(),
        zones: zones
            .map(|zone| (zone.zone.clone(), zone.name.clone(), zone.kind.word()))
            .collect(),
        document: serde_json::to_string(&data).unwrap_or_default(),
    });
    figures.floor_ids = Some(data.floors);
    figures.told_us = Some(time_us);
}

/// Quarters of which events were deleted; says how many.
async fn stale(store: &Store, key: Vec<Value>, quarters: &mut BTreeSet<i64>) -> Result<i64, StoreError> {
    let sql =
        format!("SELECT quarter_us FROM dashboard_stale WHERE tenant_id = $1 AND site_id = $2 ORDER BY quarter_us LIMIT {STALE}");
    let mut rows = store.ask(Question { sql, values: key }).await?;
    let mut count = 0;
    while let Some(mut row) = rows.next().await? {
        count += 1;
        quarters.insert(row.number()?);
    }
    Ok(count)
}

/// Quarters that follow each other, as times from and to.
fn stretches(quarters: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for quarter in quarters {
        match stretches.last_mut() {
            Some((_, to)) if *to == *quarter => *to += QUARTER_US,
            _ => stretches.push((*quarter, *quarter + QUARTER_US)),
        }
    }
    stretches
}

/// Counts every zone in every quarter of a stretch.
async fn count(store: &Store, key: Vec<Value>, from_us: i64, to_us: i64) -> Result<Vec<QuarterRow>, StoreError> {
    let sql = format!(
        "SELECT zone, time_us, document FROM event WHERE tenant_id = $1 AND site_id = $2 AND time_us >= $3 AND time_us < $4
         AND type = '{MEASUREMENT}'"
    );
    let times = [from_us, to_us].map(|time_us| Value::from(time_us + MINUTE_US));
    let values = key.into_iter().chain(times).collect();
    let mut rows = store.ask(Question { sql, values }).await?;
    let mut tallies: BTreeMap<(i64, String), Tally> = BTreeMap::new();
    while let Some(mut row) = rows.next().await? {
        let (zone, time_us, document) = (row.text()?, row.number()?, row.text()?);
        if let Some(measurement) = measurement(&document) {
            let tally = tallies.entry((quarter_of(time_us), zone)).or_default();
            tally.add(&measurement, time_us);
        }
    }
    let row = |((quarter_us, zone), tally)| QuarterRow { quarter_us, zone, tally };
    Ok(tallies.into_iter().map(row).collect())
}

/// The quarter that a measurement of this time belongs to: the one in which its minute began.
fn quarter_of(time_us: i64) -> i64 {
    floor_to(time_us.saturating_sub(MINUTE_US), QUARTER_US)
}

/// What of a document is counted.
#[derive(Deserialize)]
pub(super) struct Document<T> {
    pub data: T,
}

/// The measurement of a document of that type. One that cannot be read, which no version of this program stores, is left out: it must not
/// take the others with it.
pub(super) fn measurement(document: &str) -> Option<Measurement> {
    match serde_json::from_str::<Document<Measurement>>(document) {
        Ok(document) => Some(document.data),
        Err(error) => {
            tracing::error!(%error, "a measurement cannot be read; it is left out of the figures");
            None
        }
    }
}
