//! `GET /v1/sites/{site}/events`: events of a site in order of arrival, page by page.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use habitat_events::Data;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{access::Authorised, error::ApiError};
use crate::{
    batch::NAME_MAX_BYTES,
    ids::{SiteId, TenantId},
    service::TenantService,
    store::{Selection, StoreError},
};

/// Events in a page when the caller does not say.
const LIMIT_DEFAULT: usize = 100;
/// Most events in a page.
const LIMIT_MAX: usize = 1000;

/// A page of events.
#[derive(Serialize)]
pub(super) struct Answer {
    /// CloudEvents, in order of arrival.
    events: Vec<Box<RawValue>>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

pub(super) async fn handle(
    State(service): State<TenantService>,
    Authorised { tenant, site }: Authorised,
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<Answer>, ApiError> {
    let Query(parameters) = parameters.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let selection = selection(tenant, site, &parameters).map_err(ApiError::bad_request)?;
    let page = service.store().select(selection).await?;
    let events = page
        .documents
        .into_iter()
        .map(RawValue::from_string)
        .collect::<Result<_, _>>();
    let events = events.map_err(|error| StoreError::Failed {
        operation: "read events",
        reason: error.to_string(),
    })?;
    Ok(Json(Answer {
        events,
        next: page.next.map(|seq| seq.to_string()),
    }))
}

/// What the parameters ask for, or a sentence that names the wrong one.
fn selection(tenant: TenantId, site: SiteId, parameters: &[(String, String)]) -> Result<Selection, String> {
    let mut selection = Selection {
        tenant,
        site,
        zone: None,
        event_type: None,
        since_us: None,
        until_us: None,
        after: None,
        limit: LIMIT_DEFAULT,
    };
    for (index, (name, value)) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(format!("parameter {name:?} is given twice; once would be right"));
        }
        match name.as_str() {
            "zone" => selection.zone = Some(zone(value)?),
            "type" => selection.event_type = Some(event_type(value)?),
            "since" => selection.since_us = Some(time_us(name, value)?),
            "until" => selection.until_us = Some(time_us(name, value)?),
            "after" => selection.after = Some(cursor(value)?),
            "limit" => selection.limit = limit(value)?,
            _ => {
                return Err(format!(
                    "parameter {name:?} is unknown; known are zone, type, since, until, limit, after"
                ));
            }
        }
    }
    if let (Some(since), Some(until)) = (selection.since_us, selection.until_us)
        && since >= until
    {
        return Err("parameter until must be later than parameter since".to_owned());
    }
    Ok(selection)
}

fn zone(value: &str) -> Result<String, String> {
    if value.is_empty() || value.len() > NAME_MAX_BYTES {
        return Err(format!(
            "parameter zone is empty or longer than {NAME_MAX_BYTES} bytes; right would be a zone id"
        ));
    }
    if value.contains('\0') {
        return Err("parameter zone has a NUL character; right would be a zone id".to_owned());
    }
    Ok(value.to_owned())
}

fn event_type(value: &str) -> Result<&'static str, String> {
    let known = Data::TYPES.into_iter().find(|known| *known == value);
    known.ok_or_else(|| {
        format!(
            "parameter type is {value:?}; right would be one of {}",
            Data::TYPES.join(", ")
        )
    })
}

fn time_us(name: &str, value: &str) -> Result<i64, String> {
    let time: Result<Timestamp, _> = value.parse();
    time.map(Timestamp::as_microsecond).map_err(|_| {
        format!("parameter {name} is {value:?}; right would be an RFC 3339 time such as 2026-01-05T08:00:00Z (write + as %2B)")
    })
}

fn cursor(value: &str) -> Result<i64, String> {
    let seq: Option<i64> = value.parse().ok();
    seq.filter(|seq| *seq >= 0)
        .ok_or_else(|| format!("parameter after is {value:?}; right would be the `next` of an earlier answer"))
}

fn limit(value: &str) -> Result<usize, String> {
    let limit: Option<usize> = value.parse().ok();
    limit
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| format!("parameter limit is {value:?}; right would be a number from 1 to {LIMIT_MAX}"))
}
