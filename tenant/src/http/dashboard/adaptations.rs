//! `GET /v1/sites/{site}/adaptations` and `…/adaptations/sums`

use axum::{Extension, extract::State, http::Uri, response::Response};
use habitat_events::{Cause, Direction};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page, part, period::Period, place};
use crate::{
    dashboard::{self, Change, ChangeSum, Changes, Part},
    http::{
        access::Authorised,
        error::{ApiError, Refusals},
        parameters::{Format, Parameters},
        table::Table,
    },
    service::TenantService,
};

const KNOWN: [&str; 9] = [
    "zone",
    "floor",
    "direction",
    "cause",
    "since",
    "until",
    "limit",
    "after",
    "format",
];
const COLUMNS: [&str; 9] = [
    "time",
    "zone",
    "direction",
    "cause",
    "from_db",
    "to_db",
    "duration_s",
    "sti",
    "from_zone",
];
const SUM_COLUMNS: [&str; 6] = ["zone", "cause", "direction", "count", "change_db", "duration_s"];

const DIRECTIONS: [(&str, Direction); 2] = [("increase", Direction::Increase), ("decrease", Direction::Decrease)];
const CAUSES: [(&str, Cause); 10] = [
    ("speech", Cause::Speech),
    ("quiet", Cause::Quiet),
    ("schedule", Cause::Schedule),
    ("admin", Cause::Admin),
    ("neighbour", Cause::Neighbour),
    ("mute", Cause::Mute),
    ("release", Cause::Release),
    ("startup", Cause::Startup),
    ("fault", Cause::Fault),
    ("limit", Cause::Limit),
];

/// Increases and decreases.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Adaptations {
    /// The site.
    site: String,
    /// From when.
    #[schema(format = "date-time")]
    since: String,
    /// Until when.
    #[schema(format = "date-time")]
    until: String,
    /// In order of time.
    adaptations: Vec<Change>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// What increases and decreases add up to.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct AdaptationSums {
    /// The site.
    site: String,
    /// From when.
    #[schema(format = "date-time")]
    since: String,
    /// Until when.
    #[schema(format = "date-time")]
    until: String,
    /// One for each zone, cause and direction of which there are any, in this order.
    sums: Vec<ChangeSum>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// Increases and decreases of the masking, in order of time.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/adaptations",
    tag = "dashboards",
    params(
        ("site" = String, Path, description = "The site."),
        ("zone" = Option<String>, Query, description = "One zone; not beside `floor`."),
        ("floor" = Option<String>, Query, description = "The zones of a floor, as the layout that was last told has them."),
        ("direction" = Option<String>, Query, description = "`increase` or `decrease`."),
        ("cause" = Option<String>, Query, description = "`speech`, `quiet`, `schedule`, `admin`, `neighbour`, `mute`, `release`, `startup`, `fault` or `limit`."),
        ("since" = Option<String>, Query, description = "Earliest time; unless said 7 days before `until`, at most 92 days."),
        ("until" = Option<String>, Query, description = "Latest time; now unless said."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most changes in a page, 100 unless said."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else what the Accept header says."),
    ),
    responses(
        (status = 200, description = "A page; the members of a change are the columns of the table.",
         content((Adaptations = "application/json"), (String = "text/csv")), headers(("Link" = String, description = "The next page."))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(in crate::http) async fn list(
    State(service): State<TenantService>,
    Extension(authorised): Extension<Authorised>,
    parameters: Parameters,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&parameters).map_err(ApiError::bad_request)?;
    let after = place_after(&parameters).map_err(ApiError::bad_request)?;
    // A page never goes back before the period.
    let after = after.filter(|(time_us, _)| *time_us >= asked.period.since_us);
    let (period, format) = (asked.period, asked.format);
    let limit = asked.limit;
    let changes = asked.changes(&service, authorised).await?;
    let (adaptations, next) = dashboard::list(service.store(), &changes, after, limit).await?;
    let next = next.map(|(time_us, seq)| format!("{time_us}-{seq}"));
    let whole = Adaptations {
        site: changes.place.site.to_string(),
        since: period.since(),
        until: period.until(),
        adaptations,
        next: next.clone(),
    };
    let table = Table {
        columns: &COLUMNS,
        rows: &whole.adaptations,
        next: next.as_deref(),
    };
    table.answer(format, &uri, &whole)
}

/// How often, by how much and for how long the masking rose and fell, per zone, cause and direction.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/adaptations/sums",
    tag = "dashboards",
    params(
        ("site" = String, Path, description = "The site."),
        ("zone" = Option<String>, Query, description = "One zone; not beside `floor`."),
        ("floor" = Option<String>, Query, description = "The zones of a floor, as the layout that was last told has them."),
        ("direction" = Option<String>, Query, description = "`increase` or `decrease`."),
        ("cause" = Option<String>, Query, description = "`speech`, `quiet`, `schedule`, `admin`, `neighbour`, `mute`, `release`, `startup`, `fault` or `limit`."),
        ("since" = Option<String>, Query, description = "Earliest time; unless said 7 days before `until`, at most 92 days."),
        ("until" = Option<String>, Query, description = "Latest time; now unless said."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most sums in a page, 100 unless said."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else what the Accept header says."),
    ),
    responses(
        (status = 200, description = "A page; the members of a sum are the columns of the table.",
         content((AdaptationSums = "application/json"), (String = "text/csv")), headers(("Link" = String, description = "The next page."))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(in crate::http) async fn sums(
    State(service): State<TenantService>,
    Extension(authorised): Extension<Authorised>,
    parameters: Parameters,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&parameters).map_err(ApiError::bad_request)?;
    let after = parameters.after().map_err(ApiError::bad_request)?;
    let (period, format, limit) = (asked.period, asked.format, asked.limit);
    let changes = asked.changes(&service, authorised).await?;
    let (sums, next) = page(dashboard::sums(service.store(), &changes).await?, after, limit);
    let whole = AdaptationSums {
        site: changes.place.site.to_string(),
        since: period.since(),
        until: period.until(),
        sums,
        next: next.clone(),
    };
    let table = Table {
        columns: &SUM_COLUMNS,
        rows: &whole.sums,
        next: next.as_deref(),
    };
    table.answer(format, &uri, &whole)
}

/// What both ask for.
struct Asked {
    part: Part,
    direction: Option<Direction>,
    cause: Option<Cause>,
    period: Period,
    limit: usize,
    format: Format,
}

impl Asked {
    fn read(parameters: &Parameters) -> Result<Self, String> {
        parameters.only(&KNOWN)?;
        Ok(Asked {
            part: part(parameters.name("zone")?, parameters.name("floor")?)?,
            direction: parameters.word("direction", &DIRECTIONS)?,
            cause: parameters.word("cause", &CAUSES)?,
            period: Period::of_weeks(parameters)?,
            limit: parameters.limit()?,
            format: parameters.format()?,
        })
    }

    async fn changes(self, service: &TenantService, authorised: Authorised) -> Result<Changes, ApiError> {
        Ok(Changes {
            place: place(service, authorised, self.part).await?,
            direction: self.direction,
            cause: self.cause,
            since_us: self.period.since_us,
            until_us: self.period.until_us,
        })
    }
}

/// The time and number of the last change of the page before.
fn place_after(parameters: &Parameters) -> Result<Option<(i64, i64)>, String> {
    let Some(value) = parameters.text("after") else {
        return Ok(None);
    };
    let place = value
        .rsplit_once('-')
        .and_then(|(time_us, seq)| Some((time_us.parse().ok()?, seq.parse().ok()?)));
    place
        .map(Some)
        .ok_or_else(|| format!("parameter after is {value:?}; right would be the `next` of an earlier answer"))
}
