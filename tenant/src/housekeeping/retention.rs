//! Data whose time is over go.

use crate::{
    register::{Register, RegisterError, Retaining},
    service::TenantService,
    store::Kind,
};

const DAY_US: i64 = 24 * 3600 * 1_000_000;

impl TenantService {
    /// Erases what a tenant does not want to keep any longer, and says how many events that were.
    pub(super) async fn retire(&self, register: &Register, retaining: &Retaining) -> Result<usize, RegisterError> {
        let before = |days: Option<u32>| days.map(|days| register.now_us() - i64::from(days) * DAY_US);
        let mut events = 0;
        for (kind, days) in [
            (Kind::Measurements, retaining.measurement_days),
            (Kind::Others, retaining.other_days),
        ] {
            if let Some(before_us) = before(days) {
                events += self.erase_everywhere(register, &retaining.tenant, kind, before_us).await?;
            }
        }
        register
            .note_retention(&retaining.tenant, events, before(retaining.other_days))
            .await?;
        Ok(events)
    }
}
