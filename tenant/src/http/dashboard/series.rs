//! `GET /v1/sites/{site}/series`

use axum::{Extension, extract::State, http::Uri, response::Response};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::{part, period::Period, place};
use crate::{
    dashboard::{Interval, SeriesBucket, SeriesQuery, series as answer},
    http::{
        access::Authorised,
        error::{ApiError, Refusals},
        parameters::Parameters,
        table::Table,
    },
    ids::TenantId,
    service::TenantService,
    store::{Statement, Store, StoreError, Value},
};

const KNOWN: [&str; 9] = [
    "zone",
    "floor",
    "interval",
    "since",
    "until",
    "time_zone",
    "limit",
    "after",
    "format",
];
const COLUMNS: [&str; 16] = [
    "start",
    "end",
    "minutes",
    "coverage",
    "laeq_db",
    "lafmax_db",
    "ambient_laeq_db",
    "speech_laeq_db",
    "speech_ratio",
    "masking_db",
    "sti_max",
    "sti_mean",
    "distraction_db_min",
    "la10_db_median",
    "la50_db_median",
    "la90_db_median",
];

/// A series.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Series {
    /// The site.
    site: String,
    /// The zone, when one was asked for.
    zone: Option<String>,
    /// The floor, when one was asked for.
    floor: Option<String>,
    /// `minute`, `hour` or `day`.
    interval: &'static str,
    /// Whose clock says when hours and days begin.
    time_zone: String,
    /// The steps, in order of time; also those without a measurement.
    buckets: Vec<SeriesBucket>,
    /// What to give as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// What was measured in each minute, hour or day of the clock.
///
/// Of a zone, of a floor or of the whole site, whose zones are taken together: levels as energy means over them, distraction as sum. Steps
/// are whole: the first is the one that `since` falls in. A minute counts where it began.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/series",
    tag = "dashboards",
    params(
        ("site" = String, Path, description = "The site."),
        ("zone" = Option<String>, Query, description = "One zone; not beside `floor`."),
        ("floor" = Option<String>, Query, description = "The zones of a floor, as the layout that was last told has them."),
        ("interval" = Option<String>, Query, description = "`minute` (at most 7 days), `hour` (92 days) or `day` (732 days); `hour` unless said."),
        ("since" = Option<String>, Query, description = "Earliest time; unless said an hour, a day or 30 days before `until`."),
        ("until" = Option<String>, Query, description = "Latest time; now unless said."),
        ("time_zone" = Option<String>, Query, description = "IANA name; the tenant's unless said, else UTC."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most steps in a page, 100 unless said."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("format" = Option<String>, Query, description = "`json` or `csv`; else what the Accept header says."),
    ),
    responses(
        (status = 200, description = "A page; the members of a step are the columns of the table.",
         content((Series = "application/json"), (String = "text/csv")), headers(("Link" = String, description = "The next page."))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(in crate::http) async fn series(
    State(service): State<TenantService>,
    Extension(authorised): Extension<Authorised>,
    parameters: Parameters,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&parameters).map_err(ApiError::bad_request)?;
    let time_zone = match parameters.text("time_zone") {
        Some(name) => named(name).map_err(ApiError::bad_request)?,
        None => of_tenant(service.store(), &authorised.tenant).await?,
    };
    let (zone, floor) = (asked.zone.clone(), asked.floor.clone());
    let part = part(asked.zone, asked.floor).map_err(ApiError::bad_request)?;
    let query = SeriesQuery {
        place: place(&service, authorised, part).await?,
        interval: asked.interval,
        time_zone,
        since_us: asked.period.since_us,
        until_us: asked.period.until_us,
        after_us: asked.after,
        limit: asked.limit,
    };
    let page = answer(service.store(), &query).await?;
    let next = page.next.map(|next| next.to_string());
    let whole = Series {
        site: query.place.site.to_string(),
        zone,
        floor,
        interval: asked.interval.word(),
        time_zone: query.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        buckets: page.buckets,
        next: next.clone(),
    };
    let table = Table {
        columns: &COLUMNS,
        rows: &whole.buckets,
        next: next.as_deref(),
    };
    table.answer(parameters.format().map_err(ApiError::bad_request)?, &uri, &whole)
}

/// What the parameters say, but for the time zone.
struct Asked {
    zone: Option<String>,
    floor: Option<String>,
    interval: Interval,
    period: Period,
    after: Option<i64>,
    limit: usize,
}

impl Asked {
    fn read(parameters: &Parameters) -> Result<Self, String> {
        parameters.only(&KNOWN)?;
        parameters.format()?;
        let interval = parameters.word("interval", &Interval::ALL.map(|interval| (interval.word(), interval)))?;
        let interval = interval.unwrap_or(Interval::Hour);
        Ok(Asked {
            zone: parameters.name("zone")?,
            floor: parameters.name("floor")?,
            interval,
            period: Period::of(parameters, interval.usual_us(), interval.days_max())?,
            after: parameters.after()?,
            limit: parameters.limit()?,
        })
    }
}

fn named(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("parameter time_zone is {name:?}; right would be an IANA name such as Europe/Helsinki"))
}

/// The clock of the tenant; UTC for one that is not registered.
async fn of_tenant(store: &Store, tenant: &TenantId) -> Result<TimeZone, StoreError> {
    let sql = "SELECT time_zone FROM tenant WHERE tenant_id = $1";
    let statement = Statement::new(sql, vec![tenant.as_str().into()]);
    let rows = store.query(statement).await?;
    let name = rows.into_iter().flatten().next();
    Ok(match name {
        Some(Value::Text(name)) => TimeZone::get(&name).unwrap_or(TimeZone::UTC),
        _ => TimeZone::UTC,
    })
}
