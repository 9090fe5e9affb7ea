//! `POST /v1/sites/{site}/events`: a batch of events, answered only after it is durable.
//!
//! The good events of a batch are stored also when others are refused, and the answer is 422 with the refused ones: the
//! sender sets those aside and is done with the batch.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{
        State,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    access::Authorised,
    admission::too_large,
    error::{ApiError, Refusal},
    openapi::CloudEvent,
};
use crate::{
    batch::{Batch, BatchError, Rejection},
    service::TenantService,
    store::Delivery,
};

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct Receipt {
    /// What was wrong, when something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Events that were new: stored now, or discarded.
    accepted: usize,
    /// Events that were stored before, or came twice.
    duplicates: usize,
    /// Of those accepted, events that are not stored, because the tenant has restricted their processing.
    #[serde(skip_serializing_if = "is_none")]
    discarded: usize,
    /// Events that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejection>,
}

/// Stores a batch of events, each once.
///
/// The answer comes after the batch is on disk. Some events may be refused: all others are stored.
#[utoipa::path(
    post,
    path = "/v1/sites/{site}/events",
    tag = "events",
    params(
        ("site" = String, Path, description = "The site."),
        ("Content-Encoding" = Option<String>, Header, description = "`zstd`, `gzip` or `identity`."),
    ),
    request_body(content = Vec<CloudEvent>, content_type = "application/cloudevents-batch+json",
        description = "At most 1000 events and 4 MiB after decompression."),
    responses(
        (status = 200, description = "Everything is stored.", body = Receipt),
        (status = 400, description = "Not a JSON array, not decompressible, or no site id; nothing is stored.", body = Refusal),
        (status = 401, description = "There is no token, or it is not in force.", body = Refusal),
        (status = 403, description = "The token is not for this site.", body = Refusal),
        (status = 408, description = "The body took longer than 30 s.", body = Refusal),
        (status = 413, description = "Too many bytes or events; split the batch. Nothing is stored.", body = Refusal),
        (status = 415, description = "Another Content-Type or Content-Encoding.", body = Refusal),
        (status = 422, description = "Some events are refused, see `rejected`; the others are stored.", body = Receipt),
        (status = 429, description = "Too many batches at once; come back after Retry-After seconds.", body = Refusal,
         headers(("Retry-After" = u32))),
        (status = 503, description = "The database does not answer; send this again after Retry-After seconds.", body = Refusal,
         headers(("Retry-After" = u32))),
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(super) async fn handle(
    State(service): State<TenantService>,
    Extension(Authorised { tenant, site }): Extension<Authorised>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let limits = service.limits();
    let body = body.map_err(|rejection| refuse_body(&rejection, limits.body_bytes))?;
    let batch = Batch::read(&site, &body, &limits).map_err(refuse_batch)?;
    drop(body);
    let total = batch.records.len() + batch.rejected.len();
    let now_us = service.clock().now_us();
    let stored = match service
        .store()
        .append(tenant.clone(), site.clone(), batch.records, now_us)
        .await?
    {
        Delivery::Taken(stored) => stored,
        Delivery::Terminated => {
            let message = "this tenant has ended its account; nothing is accepted any more";
            return Err(ApiError::new(StatusCode::FORBIDDEN, message));
        }
    };
    service.refresher().note(&tenant, &site);
    let refused = batch.rejected.len();
    tracing::debug!(%site, accepted = stored.accepted, duplicates = stored.duplicates, refused, "batch");
    let (status, error) = match refused {
        0 => (StatusCode::OK, None),
        _ => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(format!(
                "{refused} of {total} events were refused, see `rejected`; the others are stored"
            )),
        ),
    };
    let receipt = Receipt {
        error,
        accepted: stored.accepted + stored.discarded,
        duplicates: stored.duplicates,
        discarded: stored.discarded,
        rejected: batch.rejected,
    };
    Ok((status, Json(receipt)).into_response())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The body is in memory already, so what can go wrong is the decompression.
fn refuse_body(rejection: &BytesRejection, limit: usize) -> ApiError {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => too_large(limit),
        _ => ApiError::bad_request("the body cannot be decompressed as its Content-Encoding says"),
    }
}

fn refuse_batch(error: BatchError) -> ApiError {
    let status = match error {
        BatchError::Malformed(_) => StatusCode::BAD_REQUEST,
        BatchError::TooMany { .. } => StatusCode::PAYLOAD_TOO_LARGE,
    };
    ApiError::new(status, error.to_string())
}
