//! What has to be done by itself: which tenants are due, and the steps of it.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use super::{Register, RegisterError, exists, freely, lists::Columns, sql, step};
use crate::{
    ids::TenantId,
    register::session::WINDOW,
    store::{Refusal, Statement, Step},
};

/// Tables in the order in which they can be emptied; those that later versions add come before them.
const EMPTIED_LAST: [&str; 9] = [
    "token_site",
    "token",
    "session",
    "preference",
    "administrator",
    "restriction",
    "termination",
    "site",
    "tenant",
];
/// Keeps what was done and when, without anybody's name.
const LOG: &str = "access_log";

/// How many rows there were in each table.
pub(crate) type Counts = BTreeMap<String, i64>;

/// A tenant whose time to be erased has come.
pub(crate) struct Due {
    /// Which.
    pub tenant: TenantId,
    /// When that was asked for, microseconds since 1970.
    pub requested_us: i64,
    /// The certificate that there will be.
    pub certificate: String,
    /// What there was to destroy, when that was counted already.
    pub counts: Option<Counts>,
}

/// A tenant that does not keep everything.
pub(crate) struct Retaining {
    /// Which.
    pub tenant: TenantId,
    /// Days for measurements.
    pub measurement_days: Option<u32>,
    /// Days for the rest.
    pub other_days: Option<u32>,
}

impl Register {
    /// Forgets sessions, attempts and invitations whose time is over.
    pub(crate) async fn forget_what_is_over(&self) -> Result<(), RegisterError> {
        let now_us = self.now_us();
        let window_us = i64::try_from(WINDOW.as_micros()).unwrap_or(0);
        let steps = vec![
            freely(sql::FORGET_SESSIONS, vec![now_us.into()]),
            freely(sql::FORGET_ALL_ATTEMPTS, vec![(now_us - window_us).into()]),
            freely(sql::FORGET_INVITATIONS, vec![now_us.into()]),
        ];
        Ok(self.store.change(steps).await??)
    }

    /// The tenants that are to be erased now.
    pub(crate) async fn due(&self) -> Result<Vec<Due>, RegisterError> {
        let rows = self.store.query(Statement::new(sql::DUE, vec![self.now_us().into()])).await?;
        let due = rows.into_iter().map(Columns::of).filter_map(|mut row| {
            Some(Due {
                tenant: TenantId::parse(&row.text())?,
                requested_us: row.number()?,
                certificate: row.text(),
                counts: serde_json::from_str(&row.text()).ok(),
            })
        });
        Ok(due.collect())
    }

    /// The tenants that do not keep everything.
    pub(crate) async fn retaining(&self) -> Result<Vec<Retaining>, RegisterError> {
        let rows = self.store.query(Statement::new(sql::RETAINING, Vec::new())).await?;
        let retaining = rows.into_iter().map(Columns::of).filter_map(|mut row| {
            Some(Retaining {
                tenant: TenantId::parse(&row.text())?,
                measurement_days: row.days(),
                other_days: row.days(),
            })
        });
        Ok(retaining.collect())
    }

    /// Forgets entries of the access log, and writes down what a tenant's retention has erased, if it has.
    pub(crate) async fn note_retention(
        &self,
        tenant: &TenantId,
        events: usize,
        log_before_us: Option<i64>,
    ) -> Result<(), RegisterError> {
        let forget = log_before_us.map(|us| freely(sql::FORGET_LOG, vec![tenant.as_str().into(), us.into()]));
        let steps: Vec<Step> = forget.into_iter().collect();
        if events > 0 {
            return self
                .change(tenant, "retention", &format!("{events} events erased"), steps)
                .await;
        }
        Ok(self.store.change(steps).await??)
    }

    /// From here on it cannot be stopped, and nobody is logged in.
    pub(crate) async fn begin_erasure(&self, due: &Due) -> Result<(), RegisterError> {
        let tenant = &due.tenant;
        let cancelled = Refusal::Missing(format!("the termination of {tenant} was cancelled"));
        let begin = vec![self.now_us().into(), tenant.as_str().into()];
        let steps = vec![
            exists(tenant),
            step(sql::BEGIN_ERASURE, begin, cancelled),
            freely(sql::END_EVERY_SESSION, vec![tenant.as_str().into()]),
        ];
        Ok(self.store.change_rules(tenant, steps).await??)
    }

    /// Counts what there is of a tenant, and keeps the numbers, so that whoever goes on after a crash has them.
    pub(crate) async fn count(&self, due: &Due) -> Result<Counts, RegisterError> {
        let mut counts = Counts::new();
        for table in self.store.tables_of_tenants().await? {
            let sql = format!("SELECT count(*) FROM {} WHERE tenant_id = $1", quoted(&table));
            let values = vec![due.tenant.as_str().into()];
            let sql = Cow::Owned(sql);
            let row = self.store.query(Statement { sql, values }).await?.into_iter().next();
            counts.insert(table, row.and_then(|row| Columns::of(row).number()).unwrap_or(0));
        }
        let kept = serde_json::to_string(&counts).unwrap_or_default();
        let values = vec![
            kept.as_str().into(),
            due.tenant.as_str().into(),
            due.certificate.as_str().into(),
        ];
        self.store.change(vec![freely(sql::KEEP_COUNTS, values)]).await??;
        Ok(counts)
    }

    /// Empties all tables of a tenant whose events are gone, takes the names from its log, and keeps the certificate: all
    /// or nothing.
    pub(crate) async fn erase_register(&self, due: &Due, tenant_digest: &str, certificate: &Json) -> Result<(), RegisterError> {
        let (tenant, id) = (due.tenant.as_str(), due.certificate.as_str());
        let done = Refusal::Missing(format!("{tenant} was erased meanwhile"));
        let mut tables = self.store.tables_of_tenants().await?;
        tables.retain(|table| table != LOG);
        tables.sort_by_key(|table| {
            EMPTIED_LAST
                .iter()
                .position(|last| last == table)
                .map_or(0, |place| place + 1)
        });
        let mut steps = vec![step(sql::END_TERMINATION, vec![tenant.into(), id.into()], done)];
        steps.extend(tables.iter().map(|table| Step {
            statement: Statement {
                sql: Cow::Owned(format!("DELETE FROM {} WHERE tenant_id = $1", quoted(table))),
                values: vec![tenant.into()],
            },
            or_refuse: None,
        }));
        steps.push(self.log(&due.tenant, "erase tenant", ""));
        steps.push(freely(sql::ANONYMISE_LOG, vec![id.into(), tenant.into()]));
        let document = certificate.to_string();
        let values = vec![
            id.into(),
            tenant_digest.into(),
            self.now_us().into(),
            document.as_str().into(),
        ];
        steps.push(freely(sql::CERTIFY, values));
        Ok(self.store.change_rules(&due.tenant, steps).await??)
    }
}

/// A table's name out of the catalogue.
fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}
