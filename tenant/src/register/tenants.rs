//! Tenants and their sites are registered and renamed.

use super::{Register, RegisterError, checked, exists, freely, sql, step, time_zone};
use crate::{
    ids::{SiteId, TenantId},
    store::Refusal,
};

impl Register {
    /// Registers a tenant.
    ///
    /// # Errors
    /// [`RegisterError`], when it is registered already, or the time zone is none.
    pub async fn add_tenant(&self, tenant: &TenantId, company: &str, zone: &str) -> Result<(), RegisterError> {
        let company = checked("the company's name", company)?;
        let values = vec![
            tenant.as_str().into(),
            company.as_str().into(),
            time_zone(zone)?.into(),
            self.now_us().into(),
        ];
        let refusal = Refusal::Conflict(format!("there is a tenant {tenant} already"));
        let add = step(sql::ADD_TENANT, values, refusal);
        self.change(tenant, "add tenant", &company, vec![add]).await
    }

    /// Corrects the company's name, the time zone, or both.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, or the time zone is none.
    pub async fn correct_tenant(
        &self,
        tenant: &TenantId,
        company: Option<&str>,
        zone: Option<&str>,
    ) -> Result<(), RegisterError> {
        let mut steps = vec![exists(tenant)];
        let mut fields = Vec::new();
        if let Some(company) = company {
            let company = checked("the company's name", company)?;
            let values = vec![company.as_str().into(), tenant.as_str().into()];
            steps.push(freely(sql::SET_COMPANY, values));
            fields.push("company");
        }
        if let Some(zone) = zone {
            let values = vec![time_zone(zone)?.into(), tenant.as_str().into()];
            steps.push(freely(sql::SET_TIME_ZONE, values));
            fields.push("time_zone");
        }
        if fields.is_empty() {
            return Err(RegisterError::Wrong("there is nothing to change".to_owned()));
        }
        self.change(tenant, "correct tenant", &fields.join(", "), steps).await
    }

    /// Registers a site of a tenant.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, or it has the site already.
    pub async fn add_site(&self, tenant: &TenantId, site: &SiteId, name: &str) -> Result<(), RegisterError> {
        let name = checked("the site's name", name)?;
        let values = vec![
            tenant.as_str().into(),
            site.as_str().into(),
            name.as_str().into(),
            self.now_us().into(),
        ];
        let refusal = Refusal::Conflict(format!("{tenant} has a site {site} already"));
        let add = step(sql::ADD_SITE, values, refusal);
        self.change(tenant, "add site", site.as_str(), vec![exists(tenant), add])
            .await
    }

    /// Gives a site another name.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such site.
    pub async fn rename_site(&self, tenant: &TenantId, site: &SiteId, name: &str) -> Result<(), RegisterError> {
        let name = checked("the site's name", name)?;
        let values = vec![name.as_str().into(), tenant.as_str().into(), site.as_str().into()];
        let rename = step(sql::SET_SITE_NAME, values, no_site(tenant, site));
        self.change(tenant, "rename site", site.as_str(), vec![exists(tenant), rename])
            .await
    }
}

pub(super) fn no_site(tenant: &TenantId, site: &SiteId) -> Refusal {
    Refusal::Missing(format!("{tenant} has no site {site}"))
}
