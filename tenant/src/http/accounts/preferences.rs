//! What the person who is logged in prefers.

use axum::{Json, extract::State};

use super::{
    Refused,
    guard::{Viewer, register},
    input::Body,
};
use crate::{http::error::ApiError, register::Preferences, service::TenantService};

/// The own preferences.
#[utoipa::path(get, path = "/v1/preferences", tag = "session", security(("session" = [])), responses(
    (status = 200, body = Preferences), (status = 401, body = Refused)))]
pub(super) async fn show(State(service): State<TenantService>, Viewer(session): Viewer) -> Result<Json<Preferences>, ApiError> {
    let all = register(&service, &session).preferences(&session.tenant).await?;
    let own = all
        .into_iter()
        .find(|(administrator, _)| *administrator == session.administrator);
    Ok(Json(own.map(|(_, preferences)| preferences).unwrap_or_default()))
}

/// Set the own preferences; what is absent is as at first.
#[utoipa::path(put, path = "/v1/preferences", tag = "session", security(("session" = [])), request_body = Preferences, responses(
    (status = 200, body = Preferences), (status = 400, body = Refused), (status = 401, body = Refused)))]
pub(super) async fn set(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
    Body(preferences): Body<Preferences>,
) -> Result<Json<Preferences>, ApiError> {
    let register = register(&service, &session);
    register
        .set_preferences(&session.tenant, &session.administrator, &preferences)
        .await?;
    Ok(Json(preferences))
}
