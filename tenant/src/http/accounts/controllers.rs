//! Controllers that have sent something.

use axum::{Json, extract::State};

use super::{
    Refused,
    guard::{Viewer, register},
};
use crate::{http::error::ApiError, register::ControllerEntry, service::TenantService};

/// All controllers.
#[utoipa::path(get, path = "/v1/controllers", tag = "sites", security(("session" = [])), responses(
    (status = 200, body = [ControllerEntry]), (status = 401, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Vec<ControllerEntry>>, ApiError> {
    Ok(Json(register(&service, &session).controllers(&session.tenant).await?))
}
