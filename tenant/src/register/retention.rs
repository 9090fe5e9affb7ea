//! How long data are kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Register, RegisterError, exists, freely, sql};
use crate::ids::TenantId;

/// A hundred years.
const DAYS_MAX: u32 = 36_500;

/// How long data are kept; null: while the account is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days for measurements of zones.
    #[schema(minimum = 1, maximum = 36_500)]
    pub measurement_days: Option<u32>,
    /// Days for all other events and the access log.
    #[schema(minimum = 1, maximum = 36_500)]
    pub other_days: Option<u32>,
}

impl Register {
    /// Sets how long data are kept.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, or a number is out of range.
    pub async fn set_retention(&self, tenant: &TenantId, retention: Retention) -> Result<(), RegisterError> {
        for (what, days) in [
            ("measurement_days", retention.measurement_days),
            ("other_days", retention.other_days),
        ] {
            if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
                let message = format!("{what} must be 1 to {DAYS_MAX}, or null: as long as the account is active");
                return Err(RegisterError::Wrong(message));
            }
        }
        let values = vec![
            retention.measurement_days.map(i64::from).into(),
            retention.other_days.map(i64::from).into(),
            tenant.as_str().into(),
        ];
        let days = |days: Option<u32>| days.map_or_else(|| "while active".to_owned(), |days| format!("{days} days"));
        let detail = format!(
            "measurements {}, others {}",
            days(retention.measurement_days),
            days(retention.other_days)
        );
        let steps = vec![exists(tenant), freely(sql::SET_RETENTION, values)];
        self.change(tenant, "set retention", &detail, steps).await
    }
}
