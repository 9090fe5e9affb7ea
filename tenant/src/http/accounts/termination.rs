//! Leaving.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Owner, Viewer, register},
    input::Body,
};
use crate::{http::error::ApiError, register::TerminationEntry, service::TenantService};

/// The end of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Farewell {
    /// The company's name, repeated for certainty.
    company: String,
    /// Erase everything at once instead of some days later; it cannot be cancelled then.
    #[serde(default)]
    at_once: bool,
}

/// The termination that is under way; null: none.
#[utoipa::path(get, path = "/v1/termination", tag = "rights", security(("session" = [])), responses(
    (status = 200, body = Option<TerminationEntry>), (status = 401, body = Refused)))]
pub(super) async fn show(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Option<TerminationEntry>>, ApiError> {
    Ok(Json(register(&service, &session).termination(&session.tenant).await?))
}

/// End the account (owner): from now on nothing is accepted, and in some days everything is erased.
#[utoipa::path(post, path = "/v1/termination", tag = "rights", security(("session" = [])), request_body = Farewell, responses(
    (status = 202, description = "Keep the id of the certificate", body = TerminationEntry),
    (status = 400, body = Refused), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 409, description = "The name is another one, or it is under way already", body = Refused)))]
pub(super) async fn begin(
    State(service): State<TenantService>,
    Owner(session): Owner,
    Body(farewell): Body<Farewell>,
) -> Result<(StatusCode, Json<TerminationEntry>), ApiError> {
    if farewell.company.chars().any(char::is_control) {
        return Err(ApiError::bad_request("company has control characters"));
    }
    let days = if farewell.at_once { 0 } else { service.erasure_days() };
    let register = register(&service, &session);
    let termination = register.terminate(&session.tenant, &farewell.company, days).await?;
    if farewell.at_once {
        service.due_now().notify_one();
    }
    Ok((StatusCode::ACCEPTED, Json(termination)))
}

/// Take the end of the account back (owner), while the erasure has not begun.
#[utoipa::path(delete, path = "/v1/termination", tag = "rights", security(("session" = [])), responses(
    (status = 204), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, description = "None is under way", body = Refused),
    (status = 409, description = "The erasure has begun", body = Refused)))]
pub(super) async fn cancel(State(service): State<TenantService>, Owner(session): Owner) -> Result<StatusCode, ApiError> {
    register(&service, &session).cancel_termination(&session.tenant).await?;
    Ok(StatusCode::NO_CONTENT)
}
