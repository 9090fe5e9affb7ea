//! Figures for dashboards in an SQLite file.

use rusqlite::{Transaction, TransactionBehavior, params};

use super::{
    super::figures::{Figures, FloorRow, QuarterRow},
    file::Sqlite,
};
use crate::{
    dashboard::Tally,
    ids::{SiteId, TenantId},
};

impl Sqlite {
    /// Writes a change, unless another was written since what it is made of was read; says whether it did.
    pub fn put_figures(&mut self, tenant: &TenantId, site: &SiteId, figures: &Figures) -> rusqlite::Result<bool> {
        let (tenant, site) = (tenant.as_str(), site.as_str());
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = transaction.execute(
            "UPDATE dashboard_progress SET seq = ?1, told_us = ?2, version = version + 1
             WHERE tenant_id = ?3 AND site_id = ?4 AND version = ?5",
            params![figures.seq, figures.told_us, tenant, site, figures.seen.version],
        )?;
        if taken == 0 {
            return Ok(false);
        }
        for quarter in &figures.quarters {
            for sql in [
                "DELETE FROM dashboard_quarter WHERE tenant_id = ?1 AND site_id = ?2 AND quarter_us = ?3",
                "DELETE FROM dashboard_stale WHERE tenant_id = ?1 AND site_id = ?2 AND quarter_us = ?3",
            ] {
                transaction.prepare_cached(sql)?.execute(params![tenant, site, quarter])?;
            }
        }
        for row in &figures.rows {
            insert_quarter(&transaction, tenant, site, row)?;
        }
        for floor in &figures.floors {
            replace_floor(&transaction, tenant, site, floor)?;
        }
        if let Some(floors) = &figures.floor_ids {
            let floors = serde_json::to_string(floors).unwrap_or_default();
            for table in ["dashboard_floor", "dashboard_zone"] {
                transaction.execute(
                    &format!(
                        "DELETE FROM {table} WHERE tenant_id = ?1 AND site_id = ?2
                         AND floor NOT IN (SELECT value FROM json_each(?3))"
                    ),
                    params![tenant, site, floors],
                )?;
            }
        }
        transaction.commit()?;
        Ok(true)
    }
}

fn insert_quarter(transaction: &Transaction, tenant: &str, site: &str, row: &QuarterRow) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO dashboard_quarter VALUES
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
    )?;
    let tally = &row.tally;
    let values = params![
        tenant,
        site,
        row.quarter_us,
        row.zone,
        tally.minutes,
        tally.last_us,
        tally.measured_s,
        tally.laeq_energy,
        tally.laeq_s,
        tally.lafmax_db,
        tally.ambient_energy,
        tally.ambient_s,
        tally.speech_energy,
        tally.speech_level_s,
        tally.speech_s,
        tally.masking_energy,
        tally.sti_sum,
        tally.sti_minutes,
        tally.sti_max,
        tally.distraction_db_min,
        Tally::to_bytes(&tally.la10),
        Tally::to_bytes(&tally.la50),
        Tally::to_bytes(&tally.la90),
    ];
    insert.execute(values).map(drop)
}

fn replace_floor(transaction: &Transaction, tenant: &str, site: &str, floor: &FloorRow) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT OR REPLACE INTO dashboard_floor VALUES (?1, ?2, ?3, ?4)",
        params![tenant, site, floor.floor, floor.document],
    )?;
    transaction.execute(
        "DELETE FROM dashboard_zone WHERE tenant_id = ?1 AND site_id = ?2 AND floor = ?3",
        params![tenant, site, floor.floor],
    )?;
    let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO dashboard_zone VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (zone, name, kind) in &floor.zones {
        insert.execute(params![tenant, site, zone, floor.floor, name, kind])?;
    }
    Ok(())
}
