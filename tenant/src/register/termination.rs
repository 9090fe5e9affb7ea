//! A tenant leaves: from now on nothing is accepted, and within ten days nothing is left of it.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{Register, RegisterError, TerminationEntry, exists, lists::Columns, sql, step};
use crate::{
    ids::TenantId,
    store::{Refusal, Statement},
};

/// Days until the erasure at most: what is promised.
pub const ERASURE_DAYS_MAX: u32 = 10;
/// Days until the erasure unless told otherwise: time to think again, and some left for a server that is down.
pub const ERASURE_DAYS_DEFAULT: u32 = 7;

impl Register {
    /// Begins the termination of a tenant, whose company's name is repeated for certainty. Says what will be.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, the name is another one, it is under way already, or the days are too
    /// many.
    pub async fn terminate(&self, tenant: &TenantId, company: &str, days: u32) -> Result<TerminationEntry, RegisterError> {
        if days > ERASURE_DAYS_MAX {
            let message = format!("{days} days are too many; at most {ERASURE_DAYS_MAX} are promised");
            return Err(RegisterError::Wrong(message));
        }
        let now_us = self.now_us();
        let wait = SignedDuration::from_hours(24 * i64::from(days));
        let erase_us = now_us + i64::try_from(wait.as_micros()).unwrap_or(0);
        let certificate = Uuid::new_v4().simple().to_string();
        let values = vec![
            now_us.into(),
            erase_us.into(),
            certificate.as_str().into(),
            tenant.as_str().into(),
            company.trim().into(),
        ];
        let refusal = "the company's name is not repeated exactly, or the termination is under way already; nothing was changed";
        let steps = vec![
            exists(tenant),
            step(sql::TERMINATE, values, Refusal::Conflict(refusal.to_owned())),
        ];
        let detail = format!("erasure after {days} days, certificate {certificate}");
        self.change_rules(tenant, "terminate", &detail, steps).await?;
        let gone = || RegisterError::Missing("the termination was cancelled meanwhile".to_owned());
        self.termination(tenant).await?.ok_or_else(gone)
    }

    /// Takes the termination back, which is possible until the erasure begins.
    ///
    /// # Errors
    /// [`RegisterError`], when there is none, or the erasure has begun.
    pub async fn cancel_termination(&self, tenant: &TenantId) -> Result<(), RegisterError> {
        let reason = match self.termination(tenant).await? {
            Some(_) => Refusal::Conflict("the erasure has begun and cannot be stopped".to_owned()),
            None => Refusal::Missing(format!("no termination of {tenant} is under way")),
        };
        let cancel = step(sql::CANCEL, vec![tenant.as_str().into()], reason);
        self.change_rules(tenant, "cancel termination", "", vec![exists(tenant), cancel])
            .await
    }

    /// The termination that is under way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn termination(&self, tenant: &TenantId) -> Result<Option<TerminationEntry>, RegisterError> {
        let statement = Statement::new(sql::TERMINATION, vec![tenant.as_str().into()]);
        let row = self.store.query(statement).await?.into_iter().next();
        Ok(row.map(|row| {
            let mut row = Columns::of(row);
            TerminationEntry {
                requested: row.time(),
                erasure: row.time(),
                certificate: row.text(),
                begun: row.some_time(),
            }
        }))
    }
}
