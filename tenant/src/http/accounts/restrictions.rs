//! What is not to be processed.

use axum::{Json, extract::State, http::StatusCode};
use habitat_events::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Manager, Viewer, register},
    input::{Body, Parameters, site},
};
use crate::{
    http::error::ApiError,
    register::{Basis, Restriction, RestrictionEntry},
    service::TenantService,
};

/// What is not to be processed any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRestriction {
    /// A site; absent: every one.
    site: Option<String>,
    /// A type of event; absent: every one.
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// Which right it is.
    basis: Basis,
}

/// Which restriction.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Its site; absent: that of every one.
    site: Option<String>,
    /// Its type of event; absent: that of every one.
    #[serde(rename = "type")]
    event_type: Option<String>,
}

/// What is not processed.
#[utoipa::path(get, path = "/v1/restrictions", tag = "rights", security(("session" = [])), responses(
    (status = 200, body = [RestrictionEntry]), (status = 401, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Vec<RestrictionEntry>>, ApiError> {
    Ok(Json(register(&service, &session).restrictions(&session.tenant).await?))
}

/// Restrict processing: what comes in from now on is not stored (manager).
#[utoipa::path(post, path = "/v1/restrictions", tag = "rights", security(("session" = [])), request_body = NewRestriction,
    responses((status = 204), (status = 400, body = Refused), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, description = "No such site", body = Refused),
    (status = 409, description = "It is restricted already", body = Refused)))]
pub(super) async fn add(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Body(new): Body<NewRestriction>,
) -> Result<StatusCode, ApiError> {
    let what = restriction(new.site, new.event_type)?;
    register(&service, &session)
        .restrict(&session.tenant, &what, new.basis)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Process this again (manager).
#[utoipa::path(delete, path = "/v1/restrictions", tag = "rights", security(("session" = [])), params(Which), responses(
    (status = 204), (status = 400, body = Refused), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, body = Refused)))]
pub(super) async fn lift(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Parameters(which): Parameters<Which>,
) -> Result<StatusCode, ApiError> {
    let what = restriction(which.site, which.event_type)?;
    register(&service, &session).lift_restriction(&session.tenant, &what).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn restriction(site_id: Option<String>, event_type: Option<String>) -> Result<Restriction, ApiError> {
    if let Some(event_type) = &event_type
        && !Data::TYPES.contains(&event_type.as_str())
    {
        let known = Data::TYPES.join(", ");
        return Err(ApiError::bad_request(format!(
            "type is {event_type:?}; right would be one of {known}"
        )));
    }
    Ok(Restriction {
        site: site_id.as_deref().map(site).transpose()?,
        event_type,
    })
}
