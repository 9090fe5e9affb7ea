//! Who is logged in, and whether their role is enough.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};

use crate::{
    http::{access::bearer, error::ApiError},
    register::{Register, Role, SessionEntry},
    service::TenantService,
};

/// Somebody who may look.
pub(super) struct Viewer(pub SessionEntry);

/// Somebody who may look after sites, tokens, restrictions and retention.
pub(super) struct Manager(pub SessionEntry);

/// Somebody who may do everything.
pub(super) struct Owner(pub SessionEntry);

impl FromRequestParts<TenantService> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &TenantService) -> Result<Self, ApiError> {
        session(parts, service, Role::Viewer).await.map(Viewer)
    }
}

impl FromRequestParts<TenantService> for Manager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &TenantService) -> Result<Self, ApiError> {
        session(parts, service, Role::Manager).await.map(Manager)
    }
}

impl FromRequestParts<TenantService> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &TenantService) -> Result<Self, ApiError> {
        session(parts, service, Role::Owner).await.map(Owner)
    }
}

/// The register, changed by whoever is logged in.
pub(super) fn register(service: &TenantService, session: &SessionEntry) -> Register {
    service.register(&session.administrator)
}

/// The refusal of somebody whose role is not enough.
pub(super) fn forbidden(needed: Role) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, format!("this needs the role {needed}"))
}

async fn session(parts: &Parts, service: &TenantService, needed: Role) -> Result<SessionEntry, ApiError> {
    let found = match bearer(parts) {
        Some(secret) => service.register("nobody").session(secret).await?,
        None => None,
    };
    let session = found.ok_or_else(|| {
        let message = "a session in force is needed (Authorization: Bearer <session>); POST /v1/session gives one";
        ApiError::new(StatusCode::UNAUTHORIZED, message).with_header(header::WWW_AUTHENTICATE, "Bearer")
    })?;
    if session.role < needed {
        return Err(forbidden(needed));
    }
    Ok(session)
}
