//! Figures for dashboards in PostgreSQL.

use sqlx::{Connection, PgConnection};

use super::super::figures::{Figures, FloorRow, QuarterRow};
use crate::{
    dashboard::Tally,
    ids::{SiteId, TenantId},
};

const INSERT_QUARTERS: &str = "
    INSERT INTO dashboard_quarter
    SELECT $1, $2, row.* FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::float8[], $8::float8[], $9::float8[],
        $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::float8[], $17::float8[],
        $18::bigint[], $19::float8[], $20::float8[], $21::bytea[], $22::bytea[], $23::bytea[]) AS row";

/// Writes a change, unless another was written since what it is made of was read; says whether it did.
pub(super) async fn put(
    connection: &mut PgConnection,
    tenant: &TenantId,
    site: &SiteId,
    figures: &Figures,
) -> sqlx::Result<bool> {
    let (tenant, site) = (tenant.as_str(), site.as_str());
    let mut transaction = connection.begin().await?;
    // The row is the lock behind which everything else happens.
    let taken = sqlx::query(
        "UPDATE dashboard_progress SET seq = $1, told_us = $2, version = version + 1
         WHERE tenant_id = $3 AND site_id = $4 AND version = $5",
    )
    .bind(figures.seq)
    .bind(figures.told_us)
    .bind(tenant)
    .bind(site)
    .bind(figures.seen.version)
    .execute(&mut *transaction)
    .await?;
    if taken.rows_affected() == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    let quarters: Vec<i64> = figures.quarters.iter().copied().collect();
    for sql in [
        "DELETE FROM dashboard_quarter WHERE tenant_id = $1 AND site_id = $2 AND quarter_us = ANY($3)",
        "DELETE FROM dashboard_stale WHERE tenant_id = $1 AND site_id = $2 AND quarter_us = ANY($3)",
    ] {
        let delete = sqlx::query(sql).bind(tenant).bind(site).bind(&quarters);
        delete.execute(&mut *transaction).await?;
    }
    insert_quarters(&mut transaction, tenant, site, &figures.rows).await?;
    for floor in &figures.floors {
        replace_floor(&mut transaction, tenant, site, floor).await?;
    }
    if let Some(floors) = &figures.floor_ids {
        for sql in [
            "DELETE FROM dashboard_floor WHERE tenant_id = $1 AND site_id = $2 AND floor <> ALL($3)",
            "DELETE FROM dashboard_zone WHERE tenant_id = $1 AND site_id = $2 AND floor <> ALL($3)",
        ] {
            let delete = sqlx::query(sql).bind(tenant).bind(site).bind(floors);
            delete.execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}

async fn insert_quarters(connection: &mut PgConnection, tenant: &str, site: &str, rows: &[QuarterRow]) -> sqlx::Result<()> {
    fn column<T>(rows: &[QuarterRow], of: impl Fn(&QuarterRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let insert = sqlx::query(INSERT_QUARTERS)
        .bind(tenant)
        .bind(site)
        .bind(column(rows, |row| row.quarter_us))
        .bind(column(rows, |row| row.zone.clone()))
        .bind(column(rows, |row| row.tally.minutes))
        .bind(column(rows, |row| row.tally.last_us))
        .bind(column(rows, |row| row.tally.measured_s))
        .bind(column(rows, |row| row.tally.laeq_energy))
        .bind(column(rows, |row| row.tally.laeq_s))
        .bind(column(rows, |row| row.tally.lafmax_db))
        .bind(column(rows, |row| row.tally.ambient_energy))
        .bind(column(rows, |row| row.tally.ambient_s))
        .bind(column(rows, |row| row.tally.speech_energy))
        .bind(column(rows, |row| row.tally.speech_level_s))
        .bind(column(rows, |row| row.tally.speech_s))
        .bind(column(rows, |row| row.tally.masking_energy))
        .bind(column(rows, |row| row.tally.sti_sum))
        .bind(column(rows, |row| row.tally.sti_minutes))
        .bind(column(rows, |row| row.tally.sti_max))
        .bind(column(rows, |row| row.tally.distraction_db_min))
        .bind(column(rows, |row| Tally::to_bytes(&row.tally.la10)))
        .bind(column(rows, |row| Tally::to_bytes(&row.tally.la50)))
        .bind(column(rows, |row| Tally::to_bytes(&row.tally.la90)));
    insert.execute(connection).await.map(drop)
}

async fn replace_floor(connection: &mut PgConnection, tenant: &str, site: &str, floor: &FloorRow) -> sqlx::Result<()> {
    let replace = "INSERT INTO dashboard_floor VALUES ($1, $2, $3, $4)
                   ON CONFLICT (tenant_id, site_id, floor) DO UPDATE SET document = excluded.document";
    let replace = sqlx::query(replace)
        .bind(tenant)
        .bind(site)
        .bind(&floor.floor)
        .bind(&floor.document);
    replace.execute(&mut *connection).await?;
    let delete = sqlx::query("DELETE FROM dashboard_zone WHERE tenant_id = $1 AND site_id = $2 AND floor = $3")
        .bind(tenant)
        .bind(site)
        .bind(&floor.floor);
    delete.execute(&mut *connection).await?;
    for (zone, name, kind) in &floor.zones {
        let insert = "INSERT INTO dashboard_zone VALUES ($1, $2, $3, $4, $5, $6)
                      ON CONFLICT (tenant_id, site_id, zone)
                      DO UPDATE SET floor = excluded.floor, name = excluded.name, kind = excluded.kind";
        let insert = sqlx::query(insert)
            .bind(tenant)
            .bind(site)
            .bind(zone)
            .bind(&floor.floor)
            .bind(name)
            .bind(*kind);
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}
