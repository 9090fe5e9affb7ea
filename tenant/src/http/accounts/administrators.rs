//! The people who look after a tenant. Everybody may correct what is kept about themselves.

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Owner, Viewer, forbidden, register},
    input::{Body, Id},
};
use crate::{
    http::error::ApiError,
    ids::TenantId,
    register::{Administrator, AdministratorEntry, Correction, Register, Role},
    service::TenantService,
};

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAdministrator {
    first_name: String,
    last_name: String,
    email: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    phone: String,
    role: Role,
}

/// What is to be corrected; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdministratorCorrection {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    /// Owners only.
    role: Option<Role>,
}

/// An invitation to set a password.
#[derive(Serialize, ToSchema)]
pub(super) struct Invited {
    /// Id of the administrator.
    administrator: String,
    /// To be handed over, and given to `POST /v1/invitation`; shown this once.
    invitation: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// All administrators.
#[utoipa::path(get, path = "/v1/administrators", tag = "administrators", security(("session" = [])), responses(
    (status = 200, body = [AdministratorEntry]), (status = 401, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
) -> Result<Json<Vec<AdministratorEntry>>, ApiError> {
    Ok(Json(register(&service, &session).administrators(&session.tenant).await?))
}

/// Register somebody and invite them (owner).
#[utoipa::path(post, path = "/v1/administrators", tag = "administrators", security(("session" = [])),
    request_body = NewAdministrator, responses(
    (status = 201, body = Invited), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused), (status = 409, description = "The e-mail address is taken", body = Refused)))]
pub(super) async fn add(
    State(service): State<TenantService>,
    Owner(session): Owner,
    Body(new): Body<NewAdministrator>,
) -> Result<(StatusCode, Json<Invited>), ApiError> {
    let register = register(&service, &session);
    let administrator = Administrator {
        first_name: new.first_name,
        last_name: new.last_name,
        address: new.address,
        phone: new.phone,
        email: new.email,
    };
    let id = register.add_administrator(&session.tenant, &administrator, new.role).await?;
    Ok((StatusCode::CREATED, Json(invitation(&register, &session.tenant, id).await?)))
}

/// One of them.
#[utoipa::path(get, path = "/v1/administrators/{id}", tag = "administrators", security(("session" = [])),
    params(("id" = String, Path)), responses(
    (status = 200, body = AdministratorEntry), (status = 401, body = Refused), (status = 404, body = Refused)))]
pub(super) async fn show(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
    Id(id): Id,
) -> Result<Json<AdministratorEntry>, ApiError> {
    Ok(Json(find(&register(&service, &session), &session.tenant, &id).await?))
}

/// Correct what is kept about somebody (owner; everybody about themselves, except the role).
#[utoipa::path(patch, path = "/v1/administrators/{id}", tag = "administrators", security(("session" = [])),
    params(("id" = String, Path)), request_body = AdministratorCorrection, responses(
    (status = 200, body = AdministratorEntry), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused), (status = 404, body = Refused),
    (status = 409, description = "The e-mail address is taken, or nobody would be owner", body = Refused)))]
pub(super) async fn correct(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
    Id(id): Id,
    Body(new): Body<AdministratorCorrection>,
) -> Result<Json<AdministratorEntry>, ApiError> {
    if session.role < Role::Owner && (session.administrator != id || new.role.is_some()) {
        return Err(forbidden(Role::Owner));
    }
    let register = register(&service, &session);
    let correction = Correction {
        first_name: new.first_name,
        last_name: new.last_name,
        address: new.address,
        phone: new.phone,
        email: new.email,
        role: new.role,
    };
    register.correct_administrator(&session.tenant, &id, &correction).await?;
    Ok(Json(find(&register, &session.tenant, &id).await?))
}

/// Erase somebody (owner).
#[utoipa::path(delete, path = "/v1/administrators/{id}", tag = "administrators", security(("session" = [])),
    params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Refused), (status = 403, body = Refused), (status = 404, body = Refused),
    (status = 409, description = "The last owner", body = Refused)))]
pub(super) async fn remove(
    State(service): State<TenantService>,
    Owner(session): Owner,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    register(&service, &session)
        .remove_administrator(&session.tenant, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invite somebody to set a password (owner); an earlier invitation is good no more.
#[utoipa::path(post, path = "/v1/administrators/{id}/invitation", tag = "administrators", security(("session" = [])),
    params(("id" = String, Path)), responses(
    (status = 201, body = Invited), (status = 401, body = Refused), (status = 403, body = Refused),
    (status = 404, body = Refused)))]
pub(super) async fn invite(
    State(service): State<TenantService>,
    Owner(session): Owner,
    Id(id): Id,
) -> Result<(StatusCode, Json<Invited>), ApiError> {
    let register = register(&service, &session);
    Ok((StatusCode::CREATED, Json(invitation(&register, &session.tenant, id).await?)))
}

async fn invitation(register: &Register, tenant: &TenantId, id: String) -> Result<Invited, ApiError> {
    let invitation = register.invite(tenant, &id).await?;
    Ok(Invited {
        administrator: id,
        invitation: invitation.secret,
        expires: Timestamp::from_microsecond(invitation.expires_us).unwrap_or_default(),
    })
}

async fn find(register: &Register, tenant: &TenantId, id: &str) -> Result<AdministratorEntry, ApiError> {
    let found = register
        .administrators(tenant)
        .await?
        .into_iter()
        .find(|entry| entry.id == id);
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("there is no administrator {id:?}")))
}
