//! Who may do something at a site: reads the site from the path and the bearer token from the header.

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, header, request::Parts},
};

use super::error::ApiError;
use crate::{
    ids::{SiteId, TenantId},
    register::{TokenStanding, standing},
    service::TenantService,
    tokens::Verdict,
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
        let token = bearer(parts).ok_or_else(|| unauthorised("there is none"))?.to_owned();
        let site = Path::<String>::from_request_parts(parts, service)
            .await
            .ok()
            .and_then(|Path(text)| SiteId::parse(&text))
            .ok_or_else(|| ApiError::bad_request("the site id in the path is not 1 to 64 of a-z, 0-9 and -"))?;
        let of_the_file = service.tokens().check(&token, &site);
        let standing = match of_the_file {
            Verdict::Granted => TokenStanding::Opens(TenantId::of_the_token_file()),
            Verdict::OtherSite => TokenStanding::OtherSite,
            Verdict::Unknown => standing(service.store(), &token, &site).await?,
        };
        let refusal = match standing {
            TokenStanding::Opens(tenant) => return Ok(Authorised { tenant, site }),
            TokenStanding::OtherSite => ApiError::new(StatusCode::FORBIDDEN, format!("this token is not for the site {site}")),
            TokenStanding::Revoked => unauthorised("this token was revoked"),
            TokenStanding::Expired => unauthorised("the time of this token is over"),
            TokenStanding::Unknown => unauthorised("this token is not known"),
        };
        tracing::warn!(%site, reason = refusal.message(), "a token was refused");
        Err(refusal)
    }
}

/// The token of `Authorization: Bearer <token>`, when there is exactly one such header.
fn bearer(parts: &Parts) -> Option<&str> {
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
        format!("a valid token is needed (Authorization: Bearer <token>): {what}"),
    )
    .with_header(header::WWW_AUTHENTICATE, "Bearer")
}
