//! `GET /v1/sites/{site}/ranking`

use axum::{Extension, extract::State, http::Uri, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page, part, period::Period, place};
use crate::{
    dashboard::{Ranked, rank},
    http::{
        access::Authorised,
        error::{ApiError, Refusals},
        parameters::Parameters,
        table::Table,
    },
    service::TenantService,
};

const KNOWN: [&str; 6] = ["floor", "since", "until", "limit", "after", "format"];
const COLUMNS: [&str; 15] = [
    "rank",
    "zone",
    "name",
    "floor",
    "kind",
    "distraction_db_min_per_h",
    "minutes",
    "coverage",
    "distraction_db_min",
    "laeq_db",
    "ambient_laeq_db",
    "speech_laeq_db",
    "speech_ratio",
    "masking_db",
    "sti_max",
];

/// Zones in order of distraction.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Ranking {
    /// The site.
    site: String,
    /// The floor, when one was asked for.
    floor: Option<String>,
    /// From when: the beginning of a quarter of an hour.
    #[schema(format = "date-time")]
    since: String,
    /// Until when: the end of a quarter of an hour.
    #[schema(format = "date-time")]
    until: String,
    /// The most distracted first.
    zones: Vec<Ranked>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// Which zones are distracted most: dB-minutes per hour that was measured.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/ranking",
    tag = "dashboards",
    params(
        ("site" = String, Path, description = "The site."),
        ("floor" = Option<String>, Query, description = "Only zones of this floor."),
        ("since" = Option<String>, Query, description = "Earliest time; unless said 7 days before `until`, at most 92 days."),
        ("until" = Option<String>, Query, description = "Latest time; now unless said."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most zones in a page, 100 unless said."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else what the Accept header says."),
    ),
    responses(
        (status = 200, description = "A page; the members of a zone are the columns of the table.",
         content((Ranking = "application/json"), (String = "text/csv")), headers(("Link" = String, description = "The next page."))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(in crate::http) async fn ranking(
    State(service): State<TenantService>,
    Extension(authorised): Extension<Authorised>,
    parameters: Parameters,
    uri: Uri,
) -> Result<Response, ApiError> {
    let read = || -> Result<_, String> {
        parameters.only(&KNOWN)?;
        let period = Period::of_weeks(&parameters)?.in_quarters();
        let (after, limit) = (parameters.after()?, parameters.limit()?);
        Ok((parameters.name("floor")?, period, after, limit, parameters.format()?))
    };
    let (floor, period, after, limit, format) = read().map_err(ApiError::bad_request)?;
    let part = part(None, floor.clone()).map_err(ApiError::bad_request)?;
    let place = place(&service, authorised, part).await?;
    let ranking = rank(service.store(), &place, period.since_us, period.until_us).await?;
    let (zones, next) = page(ranking, after, limit);
    let whole = Ranking {
        site: place.site.to_string(),
        floor,
        since: period.since(),
        until: period.until(),
        zones,
        next: next.clone(),
    };
    let table = Table {
        columns: &COLUMNS,
        rows: &whole.zones,
        next: next.as_deref(),
    };
    table.answer(format, &uri, &whole)
}
