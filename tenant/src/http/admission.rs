//! The way in for a batch, before it is decompressed: is the sender known, is the batch of a kind we take, is there room,
//! did it arrive whole.
//!
//! A body is always read to its end, also that of a refused request: a connection closed on unread data can lose the
//! answer, and then the sender would repeat what it should split or stop.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{access::Authorised, error::ApiError};
use crate::{places::Place, service::TenantService};

/// The media type of a batch.
const BATCH_CONTENT_TYPE: &str = "application/cloudevents-batch+json";
/// What a refused body may have at most for its sender to see the answer.
const DISCARDED_BYTES_MAX: usize = 64 << 20;

/// Lets a batch through to the handler, with its [`Authorised`] site and its whole body in memory.
pub(crate) async fn admit(State(service): State<TenantService>, request: Request, next: Next) -> Response {
    let limits = service.limits();
    let (mut parts, body) = request.into_parts();
    let (authorised, place) = match examine(&service, &mut parts).await {
        Ok(admitted) => admitted,
        Err(refusal) => {
            // Whatever comes of it, the refusal is the answer.
            let _ = collect(body, 0, limits.body_timeout).await;
            return refusal.into_response();
        }
    };
    let bytes = match collect(body, limits.body_bytes, limits.body_timeout).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal.into_response(),
    };
    parts.extensions.insert(authorised);
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    drop(place);
    response
}

async fn examine(service: &TenantService, parts: &mut Parts) -> Result<(Authorised, Place), ApiError> {
    let authorised = Authorised::from_request_parts(parts, service).await?;
    check_kind(parts)?;
    let (tenant, site) = (authorised.tenant.clone(), authorised.site.clone());
    let place = service.admit(tenant, site).ok_or_else(ApiError::busy)?;
    Ok((authorised, place))
}

fn check_kind(parts: &Parts) -> Result<(), ApiError> {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    if !essence.eq_ignore_ascii_case(BATCH_CONTENT_TYPE) {
        let message = format!("Content-Type is {essence:?}; right would be {BATCH_CONTENT_TYPE}");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).with_header(header::ACCEPT, BATCH_CONTENT_TYPE));
    }
    let mut encodings = parts.headers.get_all(header::CONTENT_ENCODING).iter();
    match (encodings.next().map(|value| value.as_bytes()), encodings.next()) {
        (None | Some(b"zstd" | b"gzip" | b"identity"), None) => Ok(()),
        _ => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this Content-Encoding is not understood; right would be one of zstd, gzip, identity",
        )
        .with_header(header::ACCEPT_ENCODING, "zstd, gzip, identity")),
    }
}

/// The whole body, when it has at most `limit` bytes and arrives in time.
async fn collect(body: Body, limit: usize, patience: Duration) -> Result<Bytes, ApiError> {
    timeout(patience, read(body, limit)).await.unwrap_or_else(|_| {
        let message = format!("the body did not arrive within {} s", patience.as_secs_f64());
        Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, message))
    })
}

async fn read(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut total) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ApiError::bad_request("the body broke off before its end"))?;
        total += chunk.len();
        if total <= limit {
            kept.extend_from_slice(&chunk);
        } else if total > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if total > limit {
        Err(too_large(limit))
    } else {
        Ok(Bytes::from(kept))
    }
}

/// The refusal of a batch that has too many bytes.
pub(crate) fn too_large(limit: usize) -> ApiError {
    let message = format!("the batch has more than {limit} bytes; split it");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}
