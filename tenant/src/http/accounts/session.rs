//! Logging in and out, and passwords.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Refused,
    guard::{Viewer, register},
    input::Body,
};
use crate::{
    http::error::ApiError,
    register::{LogInError, Role},
    service::TenantService,
};

/// Seconds after which somebody who was wrong too often may try again: the window of attempts.
const TOO_MANY_RETRY_AFTER_S: &str = "900";

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// Id of the tenant.
    tenant: String,
    /// E-mail address.
    email: String,
    /// Password.
    password: String,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    /// To be shown as `Authorization: Bearer <session>`.
    session: String,
    /// Id of the administrator.
    administrator: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// The session in use.
#[derive(Serialize, ToSchema)]
pub(super) struct Shown {
    /// Id of the tenant.
    tenant: String,
    /// Id of the administrator.
    administrator: String,
    /// What they may do.
    role: Role,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    /// The one in force.
    current: String,
    /// At least 12 characters.
    new: String,
}

/// An invitation and what it is used for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
    /// What was handed over.
    invitation: String,
    /// At least 12 characters.
    password: String,
}

/// Log in.
#[utoipa::path(post, path = "/v1/session", tag = "session", request_body = Credentials, responses(
    (status = 201, description = "Logged in", body = Begun),
    (status = 401, description = "No such account, or another password", body = Refused),
    (status = 404, description = "The password is right, and the account or its tenant is being erased", body = Refused),
    (status = 429, description = "Too many wrong passwords for this account", body = Refused)))]
pub(super) async fn log_in(
    State(service): State<TenantService>,
    Body(credentials): Body<Credentials>,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    let Credentials { tenant, email, password } = credentials;
    let begun = service.register("nobody").log_in(&tenant, &email, &password).await?;
    let answer = Begun {
        session: begun.secret,
        administrator: begun.administrator,
        expires: time(begun.expires_us),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Who is logged in.
#[utoipa::path(get, path = "/v1/session", tag = "session", security(("session" = [])), responses(
    (status = 200, body = Shown), (status = 401, body = Refused)))]
pub(super) async fn show(Viewer(session): Viewer) -> Json<Shown> {
    Json(Shown {
        tenant: session.tenant.to_string(),
        administrator: session.administrator,
        role: session.role,
        expires: time(session.expires_us),
    })
}

/// Log out.
#[utoipa::path(delete, path = "/v1/session", tag = "session", security(("session" = [])), responses(
    (status = 204, description = "Logged out"), (status = 401, body = Refused)))]
pub(super) async fn log_out(State(service): State<TenantService>, Viewer(session): Viewer) -> Result<StatusCode, ApiError> {
    register(&service, &session).log_out(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the own password; ends all own sessions.
#[utoipa::path(put, path = "/v1/password", tag = "session", security(("session" = [])), request_body = PasswordChange, responses(
    (status = 204, description = "Changed; log in again"),
    (status = 400, description = "The new one is too short", body = Refused),
    (status = 401, description = "Not logged in, or `current` is not the password", body = Refused),
    (status = 429, description = "Too many wrong passwords", body = Refused)))]
pub(super) async fn change_password(
    State(service): State<TenantService>,
    Viewer(session): Viewer,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    register(&service, &session)
        .change_password(&session, &change.current, &change.new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a password by an invitation, once.
#[utoipa::path(post, path = "/v1/invitation", tag = "session", request_body = Acceptance, responses(
    (status = 204, description = "Set; log in with it"),
    (status = 400, description = "The password is too short", body = Refused),
    (status = 404, description = "No such invitation, used, or its time is over", body = Refused)))]
pub(super) async fn accept_invitation(
    State(service): State<TenantService>,
    Body(acceptance): Body<Acceptance>,
) -> Result<StatusCode, ApiError> {
    let nobody = service.register("nobody");
    nobody.accept_invitation(&acceptance.invitation, &acceptance.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<LogInError> for ApiError {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Wrong => ApiError::new(
                StatusCode::UNAUTHORIZED,
                "tenant, e-mail address and password do not belong together",
            ),
            LogInError::TooMany => ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "there were too many wrong passwords for this account; come back after Retry-After seconds",
            )
            .with_header(header::RETRY_AFTER, TOO_MANY_RETRY_AFTER_S),
            LogInError::Register(error) => error.into(),
        }
    }
}

fn time(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or_default()
}
