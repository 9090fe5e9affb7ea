//! Tokens of controllers and dashboards.

use axum::{Json, extract::State, http::StatusCode};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Manager, Viewer, register},
    input::{Body, Id, site},
};
use crate::{
    http::error::ApiError,
    register::{NewToken, Scope, TokenEntry},
    service::TenantService,
};

/// A hundred years.
const DAYS_MAX: u32 = 36_500;
/// A year.
const OVERLAP_HOURS_MAX: u32 = 8760;
const OVERLAP_HOURS_DEFAULT: u32 = 24;

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// The sites that it opens; `["*"]` for all, also those to come.
    sites: Vec<String>,
    /// How long it lasts, 1 to 36,500; absent: until it is revoked.
    days: Option<u32>,
}

/// A token to be replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// How long the old one goes on, 0 to 8760; absent: 24.
    overlap_hours: Option<u32>,
    /// How long the new one lasts, 1 to 36,500; absent: until it is revoked.
    days: Option<u32>,
}

/// A new token.
#[derive(Serialize, ToSchema)]
pub(super) struct Created {
    /// Its name in lists and logs.
    token: String,
    /// What controllers show; shown this once.
    secret: String,
}

/// All tokens, without their secrets.
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", security(("session" = [])), responses(
    (status = 200, body = [TokenEntry]), (status = 401, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Vec<TokenEntry>>, ApiError> {
    Ok(Json(register(&service, &session).tokens(&session.tenant).await?))
}

/// Make a token (manager).
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", security(("session" = [])), request_body = TokenRequest, responses(
    (status = 201, body = Created), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused), (status = 404, description = "No such site", body = Refused)))]
pub(super) async fn create(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Body(request): Body<TokenRequest>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let scope = match request.sites.as_slice() {
        [every] if every == "*" => Scope::EverySite,
        listed => Scope::Sites(listed.iter().map(|text| site(text)).collect::<Result<_, _>>()?),
    };
    let lifetime = lifetime(request.days)?;
    let token = register(&service, &session)
        .create_token(&session.tenant, &scope, lifetime)
        .await?;
    Ok((StatusCode::CREATED, Json(token.into())))
}

/// End a token now (manager).
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "tokens", security(("session" = [])), params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, description = "None in force of this id", body = Refused)))]
pub(super) async fn revoke(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    register(&service, &session).revoke_token(&session.tenant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a token for the same sites in place of another, which goes on for a while (manager).
#[utoipa::path(post, path = "/v1/tokens/{id}/rotate", tag = "tokens", security(("session" = [])),
    params(("id" = String, Path)), request_body = Rotation, responses(
    (status = 201, body = Created), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused), (status = 404, description = "None in force of this id", body = Refused)))]
pub(super) async fn rotate(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Id(id): Id,
    Body(rotation): Body<Rotation>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let hours = rotation.overlap_hours.unwrap_or(OVERLAP_HOURS_DEFAULT);
    if hours > OVERLAP_HOURS_MAX {
        return Err(ApiError::bad_request(format!(
            "overlap_hours must be 0 to {OVERLAP_HOURS_MAX}"
        )));
    }
    let (overlap, lifetime) = (SignedDuration::from_hours(i64::from(hours)), lifetime(rotation.days)?);
    let register = register(&service, &session);
    let token = register.rotate_token(&session.tenant, &id, overlap, lifetime).await?;
    Ok((StatusCode::CREATED, Json(token.into())))
}

impl From<NewToken> for Created {
    fn from(token: NewToken) -> Self {
        Created {
            token: token.id,
            secret: token.secret,
        }
    }
}

fn lifetime(days: Option<u32>) -> Result<Option<SignedDuration>, ApiError> {
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(ApiError::bad_request(format!(
            "days must be 1 to {DAYS_MAX}, or absent: until it is revoked"
        )));
    }
    Ok(days.map(|days| SignedDuration::from_hours(24 * i64::from(days))))
}
