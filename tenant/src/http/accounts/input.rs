//! What administrators send: bodies, ids and parameters, refused in JSON like everything else.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::{http::error::ApiError, ids::SiteId};

/// Longest id of ours.
const ID_MAX_BYTES: usize = 64;

/// A body of JSON.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Body(body)),
            Err(rejection) => {
                let status = match rejection.status() {
                    // One status for whatever is wrong with the text.
                    StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
                    status => status,
                };
                Err(ApiError::new(status, rejection.body_text()))
            }
        }
    }
}

/// An id of ours in the path.
pub(super) struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let allowed =
            |id: &String| (1..=ID_MAX_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = path.map(|Path(id)| id).filter(allowed);
        id.map(Id)
            .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "there is nothing of this id"))
    }
}

/// A site in the path.
pub(super) struct SiteInPath(pub SiteId);

impl<S: Send + Sync> FromRequestParts<S> for SiteInPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let site = path.and_then(|Path(text)| SiteId::parse(&text));
        site.map(SiteInPath)
            .ok_or_else(|| ApiError::bad_request("the site id in the path is not 1 to 64 of a-z, 0-9 and -"))
    }
}

/// Parameters behind the question mark.
pub(super) struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Parameters(parameters)),
            Err(rejection) => Err(ApiError::bad_request(rejection.body_text())),
        }
    }
}

/// A site in a body or a parameter.
pub(super) fn site(text: &str) -> Result<SiteId, ApiError> {
    SiteId::parse(text)
        .ok_or_else(|| ApiError::bad_request(format!("{text:?} is no site id; right would be 1 to 64 of a-z, 0-9, -")))
}
