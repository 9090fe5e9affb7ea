//! Who did what, page by page.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Refused,
    guard::{Manager, register},
    input::Parameters,
};
use crate::{
    http::error::ApiError,
    register::{LogEntry, LogPosition},
    service::TenantService,
};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1000;

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichPage {
    /// 1 to 1000 entries; absent: 100.
    limit: Option<usize>,
    /// The `next` of an earlier page; absent: the newest entries.
    before: Option<String>,
}

/// A page, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct LogPage {
    entries: Vec<LogEntry>,
    /// What to give as `before` for older ones; null on the last page.
    next: Option<String>,
}

/// Log-ins and changes (manager).
#[utoipa::path(get, path = "/v1/access-log", tag = "rights", security(("session" = [])), params(WhichPage), responses(
    (status = 200, body = LogPage), (status = 400, body = Refused), (status = 401, body = Refused),
    (status = 403, body = Refused)))]
pub(super) async fn list(
    State(service): State<TenantService>,
    Manager(session): Manager,
    Parameters(which): Parameters<WhichPage>,
) -> Result<Json<LogPage>, ApiError> {
    let limit = which.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::bad_request(format!("limit must be 1 to {LIMIT_MAX}")));
    }
    let before = match &which.before {
        Some(text) => position(text)?,
        None => LogPosition {
            time_us: i64::MAX,
            entry: String::new(),
        },
    };
    // One more than asked for tells whether there is a rest.
    let register = register(&service, &session);
    let mut entries = register.access_log_page(&session.tenant, &before, limit + 1).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| more);
    let next = last.map(|last| format!("{}.{}", last.time.as_microsecond(), last.entry));
    Ok(Json(LogPage { entries, next }))
}

fn position(text: &str) -> Result<LogPosition, ApiError> {
    let parts = text.split_once('.').and_then(|(time_us, entry)| {
        Some(LogPosition {
            time_us: time_us.parse().ok()?,
            entry: entry.parse::<Uuid>().ok()?.to_string(),
        })
    });
    parts.ok_or_else(|| ApiError::bad_request(format!("before is {text:?}; right would be the `next` of an earlier answer")))
}
