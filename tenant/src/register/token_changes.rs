//! Tokens are made, ended and replaced; certificates are let in and ended as tokens are.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{NewToken, Register, RegisterError, Scope, exists, freely, sql, step, tenants::no_site, token};
use crate::{
    ids::TenantId,
    store::{Refusal, Value},
    tls::Fingerprint,
};

impl Register {
    /// Makes a token. It is given back here and nowhere else: only its digest is kept.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when there is no such tenant or site, or no site is named.
    pub async fn create_token(
        &self,
        tenant: &TenantId,
        scope: &Scope,
        lifetime: Option<SignedDuration>,
    ) -> Result<NewToken, RegisterError> {
        let token = NewToken::draw(tenant)?;
        self.add(tenant, &(&token).into(), scope, lifetime).await?;
        Ok(token)
    }

    /// Lets a certificate in; says what it is called in lists.
    ///
    /// # Errors
    /// As [`Register::create_token`], and when the tenant has it already.
    pub async fn admit_certificate(
        &self,
        tenant: &TenantId,
        certificate: &Fingerprint,
        scope: &Scope,
        lifetime: Option<SignedDuration>,
    ) -> Result<String, RegisterError> {
        let entry = token::Entry::of_certificate(certificate);
        self.add(tenant, &entry, scope, lifetime).await?;
        Ok(entry.id)
    }

    async fn add(
        &self,
        tenant: &TenantId,
        token: &token::Entry,
        scope: &Scope,
        lifetime: Option<SignedDuration>,
    ) -> Result<(), RegisterError> {
        let mut steps = vec![
            exists(tenant),
            token::insert(tenant, token, scope, self.now_us(), self.expiry(lifetime)?),
        ];
        if let Scope::Sites(sites) = scope {
            let sites: BTreeSet<_> = sites.iter().collect();
            if sites.is_empty() {
                return Err(RegisterError::Wrong("a token must be for a site at least".to_owned()));
            }
            steps.extend(sites.into_iter().map(|site| {
                let values = vec![token.id.as_str().into(), tenant.as_str().into(), site.as_str().into()];
                step(sql::ADD_TOKEN_SITE, values, no_site(tenant, site))
            }));
        }
        self.change(tenant, "create token", &token.id, steps).await
    }

    /// Ends a token now.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when there is no such token, or it has been revoked before.
    pub async fn revoke_token(&self, tenant: &TenantId, id: &str) -> Result<(), RegisterError> {
        let values = vec![self.now_us().into(), tenant.as_str().into(), id.into()];
        let revoke = step(sql::REVOKE_TOKEN, values, no_token(tenant, id));
        self.change(tenant, "revoke token", id, vec![exists(tenant), revoke]).await
    }

    /// Makes a token for the same sites in place of another, which goes on for a while, so that controllers can change over.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when there is no such token, or it has been revoked.
    pub async fn rotate_token(
        &self,
        tenant: &TenantId,
        id: &str,
        overlap: SignedDuration,
        lifetime: Option<SignedDuration>,
    ) -> Result<NewToken, RegisterError> {
        let token = NewToken::draw(tenant)?;
        let (new, digest): (Value, Value) = (token.id.as_str().into(), token.digest.as_str().into());
        let (of, old): (Value, Value) = (tenant.as_str().into(), id.into());
        let end = vec![self.expiry(Some(overlap))?.into(), of.clone(), old.clone()];
        let (now, expires) = (self.now_us().into(), self.expiry(lifetime)?.into());
        let copy = vec![new.clone(), digest, now, expires, of.clone(), old.clone()];
        let steps = vec![
            exists(tenant),
            step(sql::END_TOKEN, end, no_token(tenant, id)),
            step(sql::COPY_TOKEN, copy, no_token(tenant, id)),
            // A token for every site has none listed.
            freely(sql::COPY_TOKEN_SITES, vec![new, of, old]),
        ];
        self.change(tenant, "rotate token", &format!("{id} to {}", token.id), steps)
            .await?;
        Ok(token)
    }

    /// When something that begins now ends.
    fn expiry(&self, lifetime: Option<SignedDuration>) -> Result<Option<i64>, RegisterError> {
        let end = lifetime.map(|lifetime| self.clock.now().checked_add(lifetime)).transpose();
        let end = end.map_err(|_| RegisterError::Wrong("that is longer than time is counted".to_owned()))?;
        Ok(end.map(Timestamp::as_microsecond))
    }
}

fn no_token(tenant: &TenantId, id: &str) -> Refusal {
    Refusal::Missing(format!(
        "{tenant} has no token {id:?} in force; `token list` or /v1/tokens shows them"
    ))
}
