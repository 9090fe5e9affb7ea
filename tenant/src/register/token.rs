//! Tokens of the register: `habitat_<tenant>_<secret>`. The tenant stands in it, so that its digest is looked for among that
//! tenant's only; the secret has 256 random bits, which is why a plain digest keeps it.

use std::fmt;

use super::{
    RegisterError, Scope,
    secret::{self, Secret},
    sql, step,
};
use crate::{
    ids::{SiteId, TenantId},
    store::{Refusal, Statement, Step, Store, StoreError, Value},
    tls::{Fingerprint, PREFIX as PREFIX_OF_CERTIFICATES},
    tokens::Credential,
};

/// What tokens begin with, so that they are known where they should not be.
const PREFIX: &str = "habitat_";
/// Characters of the digest that name a token in lists.
const ID_CHARS: usize = 12;

/// A token that has just been made.
pub struct NewToken {
    /// What it is called in lists and logs.
    pub id: String,
    /// The token itself.
    pub secret: String,
    pub(super) digest: String,
}

impl NewToken {
    /// Draws a token.
    pub(super) fn draw(tenant: &TenantId) -> Result<Self, RegisterError> {
        let Secret { text, digest } = Secret::draw(PREFIX, tenant)?;
        Ok(NewToken {
            id: digest.chars().take(ID_CHARS).collect(),
            secret: text,
            digest,
        })
    }
}

/// Without the secret.
impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewToken({})", self.id)
    }
}

/// A token or certificate as the register has it.
pub(super) struct Entry {
    pub id: String,
    pub digest: String,
}

impl Entry {
    pub(super) fn of_certificate(fingerprint: &Fingerprint) -> Self {
        let digest = fingerprint.to_string();
        Entry {
            id: digest.chars().skip(PREFIX_OF_CERTIFICATES.len()).take(ID_CHARS).collect(),
            digest,
        }
    }
}

impl From<&NewToken> for Entry {
    fn from(token: &NewToken) -> Self {
        Entry {
            id: token.id.clone(),
            digest: token.digest.clone(),
        }
    }
}

/// Keeps a new token; its sites are added one by one.
pub(super) fn insert(tenant: &TenantId, token: &Entry, scope: &Scope, now_us: i64, expires_us: Option<i64>) -> Step {
    let scope = match scope {
        Scope::EverySite => "every-site",
        Scope::Sites(_) => "listed-sites",
    };
    let values = vec![
        tenant.as_str().into(),
        token.id.as_str().into(),
        token.digest.as_str().into(),
        scope.into(),
        now_us.into(),
        expires_us.into(),
    ];
    let refusal = Refusal::Conflict(format!("{tenant} has the token {} already", token.id));
    step(sql::ADD_TOKEN, values, refusal)
}

/// What a token is good for, at a site and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenStanding {
    /// It opens the site of this tenant.
    Opens(TenantId),
    /// It is for other sites.
    OtherSite,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// There is no such token.
    Unknown,
}

/// Looks a token or certificate up.
pub(crate) async fn standing(
    store: &Store,
    credential: &Credential,
    site: &SiteId,
    now_us: i64,
) -> Result<TokenStanding, StoreError> {
    match credential {
        Credential::Token(token) => match secret::tenant_of(PREFIX, token) {
            Some(tenant) => standing_at(store, tenant, &secret::digest(token), site, now_us).await,
            None => Ok(TokenStanding::Unknown),
        },
        Credential::Certificate(fingerprint) => standing_of_certificate(store, &fingerprint.to_string(), site, now_us).await,
    }
}

async fn standing_at(
    store: &Store,
    tenant: TenantId,
    digest: &str,
    site: &SiteId,
    now_us: i64,
) -> Result<TokenStanding, StoreError> {
    let values = vec![site.as_str().into(), tenant.as_str().into(), digest.into()];
    let rows = store.query(Statement::new(sql::STANDING, values)).await?;
    Ok(match rows.first().map(Vec::as_slice) {
        Some([_, Value::Number(Some(_)), _]) => TokenStanding::Revoked,
        Some([Value::Number(Some(expires_us)), ..]) if *expires_us <= now_us => TokenStanding::Expired,
        Some([.., Value::Number(Some(1))]) => TokenStanding::Opens(tenant),
        Some(_) => TokenStanding::OtherSite,
        None => TokenStanding::Unknown,
    })
}

/// A certificate does not name its tenant, and may be registered with several; the one that has the site counts.
async fn standing_of_certificate(store: &Store, digest: &str, site: &SiteId, now_us: i64) -> Result<TokenStanding, StoreError> {
    let holders = Statement::new(sql::TENANTS_OF_DIGEST, vec![digest.into()]);
    let mut best = TokenStanding::Unknown;
    for holder in store.query(holders).await? {
        if let Some(Value::Text(tenant)) = holder.first()
            && let Some(tenant) = TenantId::parse(tenant)
        {
            match standing_at(store, tenant, digest, site, now_us).await? {
                opens @ TokenStanding::Opens(_) => return Ok(opens),
                other => best = other,
            }
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_tenant_and_no_two_are_alike() {
        let tenant = TenantId::parse("acme-7").expect("well-formed");
        let tokens = [(); 2].map(|()| NewToken::draw(&tenant).expect("random numbers"));
        assert_ne!(tokens[0].secret, tokens[1].secret);
        assert_eq!(secret::tenant_of(PREFIX, &tokens[0].secret), Some(tenant));
        assert!(tokens[0].digest.starts_with(&tokens[0].id));
        assert!(!format!("{:?}", tokens[0]).contains(&tokens[0].secret));
        for wrong in [
            "",
            "habitat_",
            "habitat_acme_",
            "habitat_acme_12",
            "acme_1234",
            "habitat_a'--_00",
            &tokens[0].secret.replace("habitat_", "habitat-session_"),
        ] {
            assert_eq!(secret::tenant_of(PREFIX, wrong), None, "{wrong}");
        }
    }
}
