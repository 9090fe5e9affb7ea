//! What is not to be processed any more: events of a site, of a type, or both.

use habitat_events::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Register, RegisterError, exists, freely, sql, step, tenants::no_site};
use crate::{
    ids::{SiteId, TenantId},
    store::{EVERY, Refusal, Step},
};

/// Which right it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Restriction of processing (GDPR article 18): until a question is settled.
    Restriction,
    /// Objection (GDPR article 21): for good.
    Objection,
}

impl Basis {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Basis::Restriction => "restriction",
            Basis::Objection => "objection",
        }
    }
}

/// What a restriction is about; neither: everything.
#[derive(Clone, Debug, Default)]
pub struct Restriction {
    /// A site; `None`: every one.
    pub site: Option<SiteId>,
    /// A type of event; `None`: every one.
    pub event_type: Option<String>,
}

impl Restriction {
    fn words(&self) -> (&str, &str) {
        (
            self.site.as_ref().map_or(EVERY, SiteId::as_str),
            self.event_type.as_deref().unwrap_or(EVERY),
        )
    }

    fn detail(&self, basis: Option<Basis>) -> String {
        let (site, event_type) = self.words();
        let basis = basis.map_or("", Basis::as_str);
        format!("{basis} site {site}, type {event_type}").trim().to_owned()
    }
}

impl Register {
    /// From now on nothing of this is stored.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant or site, the type is unknown, or this is restricted already.
    pub async fn restrict(&self, tenant: &TenantId, what: &Restriction, basis: Basis) -> Result<(), RegisterError> {
        if let Some(event_type) = &what.event_type
            && !Data::TYPES.contains(&event_type.as_str())
        {
            let known = Data::TYPES.join(", ");
            return Err(RegisterError::Wrong(format!(
                "{event_type:?} is no type of event; right would be one of {known}"
            )));
        }
        let (site, event_type) = what.words();
        let values = vec![
            tenant.as_str().into(),
            site.into(),
            event_type.into(),
            basis.as_str().into(),
            self.now_us().into(),
        ];
        let refusal = Refusal::Conflict("this is restricted already".to_owned());
        let mut steps = vec![exists(tenant)];
        steps.extend(what.site.as_ref().map(|site| has_site(tenant, site)));
        steps.push(step(sql::RESTRICT, values, refusal));
        self.change_rules(tenant, "restrict processing", &what.detail(Some(basis)), steps)
            .await
    }

    /// From now on this is stored again.
    ///
    /// # Errors
    /// [`RegisterError`], when this is not restricted.
    pub async fn lift_restriction(&self, tenant: &TenantId, what: &Restriction) -> Result<(), RegisterError> {
        let (site, event_type) = what.words();
        let values = vec![tenant.as_str().into(), site.into(), event_type.into()];
        let refusal = Refusal::Missing("there is no such restriction".to_owned());
        let steps = vec![exists(tenant), step(sql::LIFT, values, refusal)];
        self.change_rules(tenant, "lift restriction", &what.detail(None), steps).await
    }

    /// Notes that an archive of everything was handed over.
    pub(crate) async fn note_export(&self, tenant: &TenantId, sha256: &str) -> Result<(), RegisterError> {
        let values = vec![sha256.into(), self.now_us().into(), tenant.as_str().into()];
        let steps = vec![exists(tenant), freely(sql::SET_EXPORT, values)];
        self.change(tenant, "export", &format!("sha256 {sha256}"), steps).await
    }
}

fn has_site(tenant: &TenantId, site: &SiteId) -> Step {
    let values = vec![tenant.as_str().into(), site.as_str().into()];
    step(sql::HAS_SITE, values, no_site(tenant, site))
}
