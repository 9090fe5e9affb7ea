//! Certificates of destruction. Whoever knows the id may have one: it names nobody, and nobody of the tenant can log in any
//! more.

use axum::{Json, extract::State};
use serde_json::Value;

use super::{Refused, input::Id};
use crate::{http::error::ApiError, service::TenantService};

/// A certificate of destruction.
#[utoipa::path(get, path = "/v1/certificates/{id}", tag = "rights", params(("id" = String, Path)), responses(
    (status = 200, description = "`habitat-tenant certificate verify` checks it", body = Object),
    (status = 404, description = "None of this id, or not yet", body = Refused)))]
pub(super) async fn show(State(service): State<TenantService>, Id(id): Id) -> Result<Json<Value>, ApiError> {
    Ok(Json(service.register("nobody").certificate(&id).await?))
}
