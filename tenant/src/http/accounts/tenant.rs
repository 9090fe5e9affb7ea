//! The tenant itself, and how long its data are kept.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Manager, Owner, Viewer, register},
    input::Body,
};
use crate::{
    http::error::ApiError,
    register::{Retention, TenantEntry},
    service::TenantService,
};

/// What is to be corrected; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantCorrection {
    /// The company's name.
    company: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
}

/// The tenant.
#[utoipa::path(get, path = "/v1/tenant", tag = "tenant", security(("session" = [])), responses(
    (status = 200, body = TenantEntry), (status = 401, body = Refused)))]
pub(super) async fn show(State(service): State<TenantService>, Viewer(session): Viewer) -> Result<Json<TenantEntry>, ApiError> {
    Ok(Json(register(&service, &session).tenant(&session.tenant).await?))
}

/// Correct the company's name or the time zone (owner).
#[utoipa::path(patch, path = "/v1/tenant", tag = "tenant", security(("session" = [])), request_body = TenantCorrection, responses(
    (status = 200, body = TenantEntry), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused)))]
pub(super) async fn correct(
    State(service): State<TenantService>,
    Owner(session): Owner,
    Body(correction): Body<TenantCorrection>,
) -> Result<Json<TenantEntry>, ApiError> {
    let register = register(&service, &session);
    let (company, time_zone) = (correction.company.as_deref(), correction.time_zone.as_deref());
    register.correct_tenant(&session.tenant, company, time_zone).await?;
    Ok(Json(register.tenant(&session.tenant).await?))
}

/// How long data are kept.
#[utoipa::path(get, path = "/v1/retention", tag = "rights", security(("session" = [])), responses(
    (status = 200, body = Retention), (status = 401, body = Refused)))]
pub(super) async fn retention(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Retention>, ApiError> {
    Ok(Json(register(&service, &session).tenant(&session.tenant).await?.retention))
}

/// Set how long data are kept (manager).
#[utoipa::path(put, path = "/v1/retention", tag = "rights", security(("session" = [])), request_body = Retention, responses(
    (status = 200, body = Retention), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused)))]
pub(super) async fn set_retention(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Body(retention): Body<Retention>,
) -> Result<Json<Retention>, ApiError> {
    register(&service, &session).set_retention(&session.tenant, retention).await?;
    Ok(Json(retention))
}
