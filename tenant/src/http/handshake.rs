//! `GET /v1/sites/{site}`: what a controller wants to know before it sends anything.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{access::Authorised, error::Refusals};
use crate::{ids::TenantId, service::TenantService};

/// What the tenant states.
#[derive(Serialize, ToSchema)]
pub(super) struct Statement {
    /// The site that was asked for.
    site: String,
    /// Whose it is; null where a token file is all there is.
    tenant: Option<String>,
    /// Where its data are kept; null when the operator has not said.
    region: Option<String>,
}

/// What a controller wants to know before it sends anything: whose the site is, and where its data are kept.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}",
    tag = "events",
    params(("site" = String, Path, description = "The site.")),
    responses((status = 200, description = "What the tenant states.", body = Statement), Refusals),
    security(("token" = []), ("certificate" = [])),
)]
pub(super) async fn handle(State(service): State<TenantService>, Authorised { tenant, site }: Authorised) -> Json<Statement> {
    Json(Statement {
        site: site.to_string(),
        tenant: (tenant != TenantId::of_the_token_file()).then(|| tenant.to_string()),
        region: service.region().map(str::to_owned),
    })
}
