//! One function per request: takes it apart, lets `api` answer, and gives the answer its form.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Desk, answer, body, stream};
use crate::{
    console::{
        api::{health, history, layout, mute, place, site, zones},
        metrics, page,
        refusal::Refusal,
    },
    privacy,
};

type Parameters = Query<Vec<(String, String)>>;

pub(super) async fn index() -> Response {
    answer::text(page::INDEX.content_type, page::INDEX.text)
}

pub(super) async fn asset(uri: Uri, name: Result<Path<String>, PathRejection>) -> Result<Response, Refusal> {
    let file = name.ok().and_then(|Path(name)| page::asset(&name));
    file.map(|file| answer::text(file.content_type, file.text))
        .ok_or_else(|| nothing_at(&uri))
}

pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn ready(State(desk): State<Desk>) -> Result<Json<Value>, Refusal> {
    desk.heartbeat
        .check(tokio::time::Instant::now())
        .map_err(|problem| Refusal::new(503, problem))?;
    Ok(Json(json!({ "status": "ready" })))
}

pub(super) async fn metrics(State(desk): State<Desk>) -> Response {
    answer::text(metrics::CONTENT_TYPE, metrics::text(&desk.console, &desk.heartbeat))
}

pub(super) async fn site(State(desk): State<Desk>) -> Response {
    Json(site::view(&desk.console.control)).into_response()
}

pub(super) async fn zones(State(desk): State<Desk>) -> Response {
    Json(zones::list(&desk.console)).into_response()
}

pub(super) async fn zone(
    State(desk): State<Desk>,
    uri: Uri,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(id) = id.map_err(|_| nothing_at(&uri))?;
    Ok(Json(zones::one(&desk.console, &id)?).into_response())
}

pub(super) async fn change_zone(
    State(desk): State<Desk>,
    uri: Uri,
    id: Result<Path<String>, PathRejection>,
    body: Body,
) -> Result<Response, Refusal> {
    let Path(id) = id.map_err(|_| nothing_at(&uri))?;
    let json = body::read(body).await?;
    Ok(Json(zones::change(&desk.console, &id, &json).await?).into_response())
}

pub(super) async fn place(
    State(desk): State<Desk>,
    uri: Uri,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(id) = id.map_err(|_| nothing_at(&uri))?;
    Ok(Json(place::get(&desk.console, &id)?).into_response())
}

pub(super) async fn forget_place(
    State(desk): State<Desk>,
    uri: Uri,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(id) = id.map_err(|_| nothing_at(&uri))?;
    Ok(Json(place::delete(&desk.console, &id).await?).into_response())
}

pub(super) async fn mutes(State(desk): State<Desk>) -> Response {
    Json(mute::get(&desk.console)).into_response()
}

pub(super) async fn mute(State(desk): State<Desk>, body: Body) -> Result<Response, Refusal> {
    let json = body::read(body).await?;
    Ok(Json(mute::put(&desk.console, &json).await?).into_response())
}

/// The history, or with `Accept: text/event-stream` what happens from now on.
pub(super) async fn events(
    State(desk): State<Desk>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let wanted = history::Wanted::read(&desk.console, &parameters)?;
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accepted.to_ascii_lowercase().contains("text/event-stream") {
        return stream::begin(desk, wanted.live()?);
    }
    Ok(Json(history::read(&desk.console, wanted).await?).into_response())
}

pub(super) async fn layout(State(desk): State<Desk>, Query(parameters): Parameters) -> Result<Response, Refusal> {
    let floor = match parameters.as_slice() {
        [] => None,
        [(key, floor)] if key == "floor" => Some(floor.as_str()),
        _ => return Err(Refusal::new(400, "the only parameter is `floor`, once: a floor's id")),
    };
    Ok(answer::svg(layout::svg(&desk.console.control.site().plan, floor)?))
}

pub(super) async fn health(State(desk): State<Desk>) -> Response {
    Json(health::full(&desk.console, &desk.heartbeat)).into_response()
}

pub(super) async fn privacy() -> Response {
    Json(privacy::document()).into_response()
}

pub(super) async fn not_found(uri: Uri) -> Refusal {
    nothing_at(&uri)
}

pub(super) async fn method_not_allowed(method: Method) -> Refusal {
    Refusal::new(405, format!("{method} is not possible here; the Allow header says what is"))
}

fn nothing_at(uri: &Uri) -> Refusal {
    Refusal::new(
        404,
        format!(
            "there is nothing at {:?}; the page is at / and the API at /api/v1/",
            uri.path()
        ),
    )
}
