//! What the tenant does by itself: erases tenants that have left and data whose time is over, and signs certificates.
//!
//! One instance does it at a time. Nothing depends on that, though: every step can be done twice or be cut off, and
//! whoever comes next goes on from what is in the database.

mod destruction;
mod retention;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    register::{Register, RegisterError},
    service::TenantService,
    store::{Kind, Portion, StoreError},
};

/// How often. What is promised is counted in days.
const INTERVAL: Duration = Duration::from_secs(900);

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Tenants that were erased.
    pub tenants_erased: usize,
    /// Events that were erased because their time was over.
    pub events_retired: usize,
    /// Certificates that were signed.
    pub certificates_signed: usize,
}

impl TenantService {
    /// Keeps house until the token is cancelled. What goes wrong is logged, and tried again.
    pub async fn keep_house(&self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                done = self.keep_house_once() => report(done),
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
                () = self.due_now().notified() => {}
            }
        }
    }

    /// Keeps house once; does nothing while another instance does it.
    ///
    /// # Errors
    /// When the database fails; what was done until then is done.
    pub async fn keep_house_once(&self) -> Result<Kept, RegisterError> {
        let Some(lease) = self.store().lease().await? else {
            return Ok(Kept::default());
        };
        let done = self.work().await;
        lease.give_back().await;
        done
    }

    async fn work(&self) -> Result<Kept, RegisterError> {
        let register = self.register(crate::register::SYSTEM);
        register.forget_what_is_over().await?;
        let mut kept = Kept::default();
        for due in register.due().await? {
            self.destroy(&register, &due).await?;
            kept.tenants_erased += 1;
        }
        for retaining in register.retaining().await? {
            kept.events_retired += self.retire(&register, &retaining).await?;
        }
        if let Some(key) = self.certificate_key() {
            kept.certificates_signed = register.sign_certificates(key).await?;
        }
        // Also what people have erased since, an administrator for example.
        self.store().scrub().await?;
        Ok(kept)
    }

    /// Erases events of all sites of a tenant in portions, with a pause as long as the work after each: whoever stores
    /// meanwhile has the database for at least half of the time.
    async fn erase_events(&self, register: &Register, portion: Portion) -> Result<usize, StoreError> {
        let mut portion = portion;
        let mut events = 0;
        loop {
            let begun = tokio::time::Instant::now();
            let erased = register.store.erase(portion.clone()).await?;
            events += erased.events;
            match erased.next {
                Some(next) => portion.after = next,
                None => return Ok(events),
            }
            tokio::time::sleep(begun.elapsed()).await;
        }
    }

    /// Events of a kind before a time, at all sites.
    async fn erase_everywhere(
        &self,
        register: &Register,
        tenant: &crate::ids::TenantId,
        kind: Kind,
        before_us: i64,
    ) -> Result<usize, StoreError> {
        let mut events = 0;
        for site in register.store.sites_with_events(tenant).await? {
            let portion = Portion {
                tenant: tenant.clone(),
                site,
                kind,
                before_us,
                after: (i64::MIN, i64::MIN),
                limit: self.limits().erased_events,
            };
            events += self.erase_events(register, portion).await?;
        }
        Ok(events)
    }
}

fn report(done: Result<Kept, RegisterError>) {
    match done {
        Ok(kept) if kept == Kept::default() => {}
        Ok(kept) => tracing::info!(
            tenants_erased = kept.tenants_erased,
            events_retired = kept.events_retired,
            certificates_signed = kept.certificates_signed,
            "kept house"
        ),
        Err(error) => tracing::error!(%error, "keeping house failed; it is tried again later"),
    }
}
