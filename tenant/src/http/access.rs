//! Who may do something at a site: reads the site from the path and the bearer token from the header.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, header, request::Parts},
};
use axum_server::tls::TlsInfo;

use super::error::ApiError;
use crate::{
    ids::{SiteId, TenantId},
    register::{TokenStanding, standing},
    service::TenantService,
    tls::Fingerprint,
    tokens::{Credential, Verdict},
};

/// The site of a request whose token opens that site, and the tenant it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Authorised {
    /// Whose site.
    pub tenant: TenantId,
    /// Which site.
    pub site: SiteId,
}

impl FromRequestParts<TenantService> for Authorised {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &TenantService) -> Result<Self, ApiError> {
        let credential = credential(parts).ok_or_else(|| unauthorised("there is none"))?;
        let site = Path::<String>::from_request_parts(parts, service)
            .await
            .ok()
            .and_then(|Path(text)| SiteId::parse(&text))
            .ok_or_else(|| ApiError::bad_request("the site id in the path is not 1 to 64 of a-z, 0-9 and -"))?;
        let of_the_file = service.tokens().check(&credential, &site);
        let standing = match of_the_file {
            Verdict::Granted => TokenStanding::Opens(TenantId::of_the_token_file()),
            Verdict::OtherSite => TokenStanding::OtherSite,
            Verdict::Unknown => standing(service.store(), &credential, &site, service.clock().now_us()).await?,
        };
        let what = credential.name();
        let refusal = match standing {
            TokenStanding::Opens(tenant) => return Ok(Authorised { tenant, site }),
            TokenStanding::OtherSite => ApiError::new(StatusCode::FORBIDDEN, format!("this {what} is not for the site {site}")),
            TokenStanding::Revoked => unauthorised(&format!("this {what} was revoked")),
            TokenStanding::Expired => unauthorised(&format!("the time of this {what} is over")),
            TokenStanding::Unknown => unauthorised(&format!("this {what} is not known")),
        };
        tracing::warn!(%site, reason = refusal.message(), "a token was refused");
        Err(refusal)
    }
}

/// The token; without one, the certificate of the connection.
fn credential(parts: &Parts) -> Option<Credential> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return bearer(parts).map(|token| Credential::Token(token.to_owned()));
    }
    let connection: &Arc<TlsInfo> = parts.extensions.get()?;
    let own = connection.peer_certificates.first()?;
    Some(Credential::Certificate(Fingerprint::of(own)))
}

/// The token of `Authorization: Bearer <token>`, when there is exactly one such header.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn unauthorised(what: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        format!("a valid token (Authorization: Bearer <token>) or client certificate is needed: {what}"),
    )
    .with_header(header::WWW_AUTHENTICATE, "Bearer")
}
