//! Sites.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Manager, Viewer, register},
    input::{Body, SiteInPath, site},
};
use crate::{http::error::ApiError, register::SiteEntry, service::TenantService};

/// A new site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSite {
    /// The `[site] id` of its controllers.
    site: String,
    /// Its name.
    name: String,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    name: String,
}

/// All sites.
#[utoipa::path(get, path = "/v1/sites", tag = "sites", security(("session" = [])), responses(
    (status = 200, body = [SiteEntry]), (status = 401, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Vec<SiteEntry>>, ApiError> {
    Ok(Json(register(&service, &session).sites(&session.tenant).await?))
}

/// Register a site (manager).
#[utoipa::path(post, path = "/v1/sites", tag = "sites", security(("session" = [])), request_body = NewSite, responses(
    (status = 204), (status = 400, body = Refused), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 409, description = "There is one of this id", body = Refused)))]
pub(super) async fn add(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Body(new): Body<NewSite>,
) -> Result<StatusCode, ApiError> {
    let id = site(&new.site)?;
    register(&service, &session).add_site(&session.tenant, &id, &new.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a site another name (manager).
#[utoipa::path(patch, path = "/v1/sites/{site}", tag = "sites", security(("session" = [])),
    params(("site" = String, Path)), request_body = NewName, responses(
    (status = 204), (status = 400, body = Refused), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, body = Refused)))]
pub(super) async fn rename(
    State(service): State<TenantService>,
    Manager(session): Manager,
    SiteInPath(id): SiteInPath,
    Body(new): Body<NewName>,
) -> Result<StatusCode, ApiError> {
    register(&service, &session)
        .rename_site(&session.tenant, &id, &new.name)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
