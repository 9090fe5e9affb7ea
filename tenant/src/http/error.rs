//! What a refused request gets: a status, one JSON sentence, and the headers that say what to do next.

use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;
use utoipa::{IntoResponses, ToSchema};

use crate::{register::RegisterError, store::StoreError};

/// Seconds after which a busy tenant may be asked again.
const BUSY_RETRY_AFTER_S: &str = "1";
/// Seconds after which a tenant whose database fails may be asked again.
const FAILED_RETRY_AFTER_S: &str = "10";

/// What a refused request gets.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the document that is written below")]
pub(super) struct Refusal {
    /// A sentence that says what is wrong, and what would be right.
    error: String,
}

/// How a question can be refused.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes the answers that are given below")]
pub(super) enum Refusals {
    /// A parameter is wrong.
    #[response(status = 400)]
    Wrong(Refusal),
    /// There is no token or certificate, or it is not in force.
    #[response(status = 401, headers(("WWW-Authenticate" = String)))]
    Unauthorised(Refusal),
    /// The token is not for this site.
    #[response(status = 403)]
    Forbidden(Refusal),
    /// Too much waits for the database.
    #[response(status = 429, headers(("Retry-After" = u32)))]
    Busy(Refusal),
    /// Too many questions at once, too much asked, or the database does not answer.
    #[response(status = 503, headers(("Retry-After" = u32)))]
    Unavailable(Refusal),
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    header: Option<(HeaderName, &'static str)>,
}

impl ApiError {
    /// A refusal with a sentence.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        ApiError {
            status,
            message: message.into(),
            header: None,
        }
    }

    /// A request that is wrong in itself.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same with a header.
    pub fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        ApiError {
            header: Some((name, value)),
            ..self
        }
    }

    /// Too much is going on.
    pub fn busy() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests are in work; come back after Retry-After seconds",
        )
        .with_header(axum::http::header::RETRY_AFTER, BUSY_RETRY_AFTER_S)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Busy) {
            return Self::busy();
        }
        // The details are for the operator's log, not for the network.
        tracing::error!(%error, "a request failed in the store");
        let message = "the tenant's database is not available; send this again after Retry-After seconds";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).with_header(axum::http::header::RETRY_AFTER, FAILED_RETRY_AFTER_S)
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        let status = match error {
            RegisterError::Store(error) => return error.into(),
            RegisterError::Wrong(_) => StatusCode::BAD_REQUEST,
            RegisterError::Missing(_) => StatusCode::NOT_FOUND,
            RegisterError::Conflict(_) => StatusCode::CONFLICT,
        };
        ApiError::new(status, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.message }))).into_response();
        if let Some((name, value)) = self.header {
            response
                .headers_mut()
                .insert(name, axum::http::HeaderValue::from_static(value));
        }
        response
    }
}
