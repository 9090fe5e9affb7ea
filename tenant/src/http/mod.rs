//! The tenant's API over HTTP: which path leads where. Everything that is refused is answered with `{"error": "…"}`.

mod access;
mod accounts;
mod admission;
mod dashboard;
mod error;
mod handshake;
mod ingest;
mod openapi;
mod parameters;
mod query;
mod table;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    handler::Handler,
    http::{Method, StatusCode, Uri},
    middleware,
    routing::get,
};
use serde::Serialize;
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::ToSchema;

use crate::service::TenantService;
pub use accounts::AccountsApi;
use error::ApiError;

/// The API over a service. A caller may put layers around it before it is served.
pub fn router(service: TenantService) -> Router {
    // From the inside out: what follows later is done earlier. Encodings that the layer does not know pass through it
    // and are refused with a sentence of ours.
    let ingest = ingest::handle
        .layer(DefaultBodyLimit::max(service.limits().body_bytes))
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(middleware::from_fn_with_state(service.clone(), admission::admit));
    Router::new()
        .route("/v1/sites/{site}", get(handshake::handle))
        .route("/v1/sites/{site}/events", get(query::handle).post(ingest))
        .merge(accounts::routes())
        .merge(dashboard::router(&service))
        .route("/v1/openapi.json", get(openapi::handle))
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(service)
}

/// How the program is.
#[derive(Serialize, ToSchema)]
struct Condition {
    /// One word.
    status: &'static str,
}

/// The program is alive. Says nothing about the database: to restart this program would not bring that back.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, description = "It is alive.", body = Condition)),
)]
async fn health() -> Json<Condition> {
    Json(Condition { status: "ok" })
}

/// The program can do its work, so that requests may be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, description = "The database answers.", body = Condition),
        (status = 429, description = "Too much waits for it.", body = error::Refusal),
        (status = 503, description = "It does not.", body = error::Refusal),
    ),
)]
async fn ready(State(service): State<TenantService>) -> Result<Json<Condition>, ApiError> {
    service.store().probe().await?;
    Ok(Json(Condition { status: "ready" }))
}

async fn not_found(uri: Uri) -> ApiError {
    let message = format!(
        "there is nothing at {:?}; events are at /v1/sites/<site>/events, and /v1/openapi.json lists everything",
        uri.path()
    );
    ApiError::new(StatusCode::NOT_FOUND, message)
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not possible here; the Allow header says what is"),
    )
}
