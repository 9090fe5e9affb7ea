//! A tenant goes for good: nothing is left but a certificate that names nobody, and what was done when without names.
//!
//! Events are deleted and not made into statistics: those of a few zones could be tied to a place and so to the people who
//! sat there. The numbers in the certificate are all that is known of them.

use jiff::Timestamp;

use crate::{
    certificate::{Times, document},
    register::{Due, Register, RegisterError},
    service::TenantService,
    store::{Kind, digest_of},
};

impl TenantService {
    /// Erases a tenant, from wherever an earlier attempt ended.
    pub(super) async fn destroy(&self, register: &Register, due: &Due) -> Result<(), RegisterError> {
        register.begin_erasure(due).await?;
        let counts = match &due.counts {
            Some(counts) => counts.clone(),
            None => register.count(due).await?,
        };
        self.erase_everywhere(register, &due.tenant, Kind::All, i64::MAX).await?;
        let export = register.tenant(&due.tenant).await?.export_sha256;
        let begun = register
            .termination(&due.tenant)
            .await?
            .and_then(|termination| termination.begun);
        let text = |us| Timestamp::from_microsecond(us).unwrap_or_default().to_string();
        let times = Times {
            requested: text(due.requested_us),
            begun: begun.unwrap_or_default().to_string(),
            completed: text(register.now_us()),
        };
        let digest = digest_of(&due.tenant);
        let certificate = document(due, &counts, &times, &digest, &export);
        register.erase_register(due, &digest, &certificate).await?;
        tracing::info!(certificate = due.certificate, "a tenant was erased");
        Ok(())
    }
}
