//! What dashboards ask: series, rankings, changes of the masking, the layout with its levels.
//!
//! A few questions at a time are answered, each for a bounded time, beside ingest: whoever asks for too much is told to ask for less, and
//! nobody who delivers waits for it.

mod adaptations;
mod layout;
mod period;
mod ranking;
mod series;

use axum::{
    Router,
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;

pub(super) use self::{
    adaptations::{__path_list, __path_sums, list, sums},
    layout::{__path_layout, layout},
    ranking::{__path_ranking, ranking},
    series::{__path_series, series},
};
use super::{access::Authorised, error::ApiError};
use crate::{
    dashboard::{Part, Place, refresh},
    service::TenantService,
};

/// Seconds after which a question that found no place may be asked again.
const RETRY_AFTER_S: &str = "2";

/// The part of the API for dashboards.
pub(super) fn router(service: &TenantService) -> Router<TenantService> {
    Router::new()
        .route("/v1/sites/{site}/series", get(series))
        .route("/v1/sites/{site}/ranking", get(ranking))
        .route("/v1/sites/{site}/adaptations", get(list))
        .route("/v1/sites/{site}/adaptations/sums", get(sums))
        .route("/v1/sites/{site}/layout.geojson", get(layout))
        .route_layer(middleware::from_fn_with_state(service.clone(), admit))
}

/// Lets a question through whose token is right when there is a place for it, and ends it when it takes too long.
async fn admit(State(service): State<TenantService>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let authorised = match Authorised::from_request_parts(&mut parts, &service).await {
        Ok(authorised) => authorised,
        Err(refusal) => return refusal.into_response(),
    };
    let limits = service.limits();
    let Some(_place) = service.admit_question().await else {
        let message = format!(
            "{} questions are being answered already; come back after Retry-After seconds",
            limits.questions
        );
        return unavailable(message).into_response();
    };
    parts.extensions.insert(authorised);
    let answer = timeout(limits.question_timeout, next.run(Request::from_parts(parts, body))).await;
    let mut response = answer.unwrap_or_else(|_| {
        let message = format!(
            "the answer takes longer than {} s; ask for a shorter period, a smaller page or fewer zones",
            limits.question_timeout.as_secs_f64()
        );
        unavailable(message).into_response()
    });
    // What somebody may see is nobody else's, and the next minute changes it.
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    response
}

fn unavailable(message: String) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message).with_header(header::RETRY_AFTER, RETRY_AFTER_S)
}

/// The zones that are asked about, with their figures up to date.
async fn place(service: &TenantService, Authorised { tenant, site }: Authorised, part: Part) -> Result<Place, ApiError> {
    refresh(service.refresher(), service.store(), &tenant, &site).await?;
    Ok(Place { tenant, site, part })
}

/// What the parameters `zone` and `floor` name.
fn part(zone: Option<String>, floor: Option<String>) -> Result<Part, String> {
    match (zone, floor) {
        (Some(_), Some(_)) => Err("parameter floor is given beside parameter zone; one of them would be right".to_owned()),
        (Some(zone), None) => Ok(Part::Zone(zone)),
        (None, Some(floor)) => Ok(Part::Floor(floor)),
        (None, None) => Ok(Part::Site),
    }
}

/// A page of rows that are all at hand: those after the first `after`, and what to give as `after` for the rest.
fn page<T>(rows: Vec<T>, after: Option<i64>, limit: usize) -> (Vec<T>, Option<String>) {
    let skipped = usize::try_from(after.unwrap_or(0)).unwrap_or(usize::MAX);
    let rest = rows.len().saturating_sub(skipped);
    let next = (rest > limit).then(|| (skipped + limit).to_string());
    (rows.into_iter().skip(skipped).take(limit).collect(), next)
}
