//! Who may do something at a site: reads the site from the path and the bearer token from the header.

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, header, request::Parts},
};

use super::error::ApiError;
use crate::{
    ids::{SiteId, TenantId},
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
        let token = bearer(parts).ok_or_else(unauthorised)?.to_owned();
        let site = Path::<String>::from_request_parts(parts, service)
            .await
            .ok()
            .and_then(|Path(text)| SiteId::parse(&text))
            .ok_or_else(|| ApiError::bad_request("the site id in the path is not 1 to 64 of a-z, 0-9 and -"))?;
        match service.tokens().check(&token, &site) {
            Verdict::Granted => Ok(Authorised {
                tenant: TenantId::of_the_token_file(),
                site,
            }),
            Verdict::OtherSite => {
                tracing::warn!(%site, "a token of another site was refused");
                Err(ApiError::new(
                    StatusCode::FORBIDDEN,
                    format!("this token is not for the site {site}"),
                ))
            }
            Verdict::Unknown => {
                tracing::warn!(%site, "an unknown token was refused");
                Err(unauthorised())
            }
        }
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

fn unauthorised() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "a valid token is needed: Authorization: Bearer <token>",
    )
    .with_header(header::WWW_AUTHENTICATE, "Bearer")
}
