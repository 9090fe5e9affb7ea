//! Everything in one archive. It is made in a file without a name first, so that half an archive is never taken for a whole.

use std::fs::File;

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::runtime::Handle;
use tokio_util::io::ReaderStream;

use super::{
    Refused,
    guard::{Owner, register},
};
use crate::{export::ExportError, http::error::ApiError, service::TenantService};

/// Everything that is kept of the tenant (owner).
#[utoipa::path(get, path = "/v1/export", tag = "rights", security(("session" = [])), responses(
    (status = 200, description = "A zip archive; its README.txt says what is in it", content_type = "application/zip",
     body = [u8]),
    (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 429, description = "Another archive is being made", body = Refused)))]
pub(super) async fn archive(State(service): State<TenantService>, Owner(session): Owner) -> Result<Response, ApiError> {
    let place = service.admit_export().ok_or_else(ApiError::busy)?;
    let (register, tenant) = (register(&service, &session), session.tenant.clone());
    // On a thread of its own: the archive waits for the disk.
    let work = tokio::task::spawn_blocking(move || {
        let file = tempfile::tempfile()?;
        let kept = file.try_clone()?;
        Handle::current().block_on(register.export(&tenant, file))?;
        Ok::<File, ExportError>(kept)
    });
    let file = match work.await {
        Ok(made) => made.map_err(refuse)?,
        Err(_) => return Err(failed("it was broken off")),
    };
    let length = file.metadata().map_err(|error| refuse(error.into()))?.len();
    drop(place);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.zip\"", session.tenant),
        ),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}

fn refuse(error: ExportError) -> ApiError {
    match error {
        ExportError::Register(error) => error.into(),
        other => failed(&other.to_string()),
    }
}

fn failed(reason: &str) -> ApiError {
    tracing::error!(reason, "an archive could not be made");
    let message = "the archive could not be made; the operator's log says why";
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}
