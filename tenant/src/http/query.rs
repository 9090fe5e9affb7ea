//! `GET /v1/sites/{site}/events`: events of a site in order of arrival, page by page.

use axum::{extract::State, http::Uri, response::Response};
use habitat_events::Data;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use super::{
    access::Authorised,
    error::{ApiError, Refusals},
    openapi::CloudEvent,
    parameters::{Format, Parameters, in_order},
    table::Table,
};
use crate::{
    service::TenantService,
    store::{Selection, StoreError},
};

/// Parameters, as the document of the API has them.
const KNOWN: [&str; 7] = ["zone", "type", "since", "until", "limit", "after", "format"];
/// Columns of the table; `data` is JSON.
const COLUMNS: [&str; 6] = ["id", "source", "type", "subject", "time", "data"];

/// A page of events.
#[derive(Serialize, ToSchema)]
pub(super) struct Events {
    /// CloudEvents, in order of arrival.
    #[schema(value_type = Vec<CloudEvent>)]
    events: Vec<Box<RawValue>>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// Events in order of arrival.
///
/// Whoever reads on with `after` gets every event, also those that arrive meanwhile.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/events",
    tag = "events",
    params(
        ("site" = String, Path, description = "The site."),
        ("zone" = Option<String>, Query, description = "Only events about this zone; those that are about no zone go by their `subject`."),
        ("type" = Option<String>, Query, description = "Only events of this type."),
        ("since" = Option<String>, Query, description = "Only events whose `time` is at or after this."),
        ("until" = Option<String>, Query, description = "Only events whose `time` is before this."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most events in a page, 100 unless said; a page of large events may have fewer."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else what the Accept header says."),
    ),
    responses(
        (status = 200, description = "A page. Columns of the table: id, source, type, subject, time, data; data is JSON.",
         content((Events = "application/json"), (String = "text/csv")), headers(("Link" = String, description = "The next page."))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(super) async fn handle(
    State(service): State<TenantService>,
    authorised: Authorised,
    parameters: Parameters,
    uri: Uri,
) -> Result<Response, ApiError> {
    let format = parameters.format().map_err(ApiError::bad_request)?;
    let selection = selection(authorised, &parameters).map_err(ApiError::bad_request)?;
    let page = service.store().select(selection).await?;
    let unreadable = |error: serde_json::Error| StoreError::Failed {
        operation: "read events",
        reason: error.to_string(),
    };
    let next = page.next.map(|seq| seq.to_string());
    let rows = match format {
        Format::Csv => page.documents.iter().map(|document| row(document)).collect::<Result<_, _>>(),
        Format::Json => Ok(Vec::new()),
    };
    let events = page
        .documents
        .into_iter()
        .map(RawValue::from_string)
        .collect::<Result<_, _>>();
    let table = Table {
        columns: &COLUMNS,
        rows: &rows.map_err(unreadable)?,
        next: next.as_deref(),
    };
    let whole = Events {
        events: events.map_err(unreadable)?,
        next: next.clone(),
    };
    table.answer(format, &uri, whole)
}

/// An event as a row of a table.
fn row(document: &str) -> serde_json::Result<Value> {
    let mut event: Value = serde_json::from_str(document)?;
    event["data"] = event["data"].to_string().into();
    Ok(event)
}

/// What the parameters ask for, or a sentence that names the wrong one.
fn selection(Authorised { tenant, site }: Authorised, parameters: &Parameters) -> Result<Selection, String> {
    parameters.only(&KNOWN)?;
    let selection = Selection {
        tenant,
        site,
        zone: parameters.name("zone")?,
        event_type: parameters.word("type", &Data::TYPES.map(|known| (known, known)))?,
        since_us: parameters.time_us("since")?,
        until_us: parameters.time_us("until")?,
        after: parameters.after()?,
        limit: parameters.limit()?,
    };
    in_order(selection.since_us, selection.until_us)?;
    Ok(selection)
}
