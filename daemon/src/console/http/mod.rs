//! Requests and answers: which path leads where. This folder and `serve` are the only places that know the web framework.
//!
//! Everything that is refused is answered with `{"errors": ["…"]}`.

mod answer;
mod body;
mod guard;
mod handlers;
mod stream;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Console, heartbeat::Heartbeat};

/// Streams at one time: far more than screens that show the page, few enough to cost nothing.
const MOST_STREAMS: usize = 64;

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Desk {
    console: Arc<Console>,
    heartbeat: Arc<Heartbeat>,
    streams: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Desk {
    /// For one server.
    pub fn new(console: Console, heartbeat: Arc<Heartbeat>, shutdown: CancellationToken) -> Self {
        Desk {
            console: Arc::new(console),
            heartbeat,
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
            shutdown,
        }
    }
}

/// Everything that can be asked.
pub(super) fn router(desk: Desk) -> Router {
    Router::new()
        .route("/", get(handlers::index))
        .route("/assets/{name}", get(handlers::asset))
        .route("/healthz", get(handlers::alive))
        .route("/readyz", get(handlers::ready))
        .route("/metrics", get(handlers::metrics))
        .route("/api/v1/site", get(handlers::site))
        .route("/api/v1/zones", get(handlers::zones))
        .route("/api/v1/zones/{id}", get(handlers::zone).patch(handlers::change_zone))
        .route(
            "/api/v1/zones/{id}/place",
            get(handlers::place).delete(handlers::forget_place),
        )
        .route("/api/v1/mute", get(handlers::mutes).put(handlers::mute))
        .route("/api/v1/events", get(handlers::events))
        .route("/api/v1/layout.svg", get(handlers::layout))
        .route("/api/v1/health", get(handlers::health))
        .route("/api/v1/privacy", get(handlers::privacy))
        .fallback(handlers::not_found)
        .method_not_allowed_fallback(handlers::method_not_allowed)
        .layer(middleware::from_fn(guard::check))
        .layer(middleware::map_response(answer::add_headers))
        .with_state(desk)
}
