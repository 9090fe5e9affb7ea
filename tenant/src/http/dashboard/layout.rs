//! `GET /v1/sites/{site}/layout.geojson`

use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use geo::{Coord, LineString, Orient, Polygon, orient::Direction as Winding};
use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, Position};
use habitat_events::{Layout, LayoutDevice, LayoutZone};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::place;
use crate::{
    dashboard::{MINUTE_US, Minute, Part, floors, latest},
    http::{
        access::Authorised,
        error::{ApiError, Refusals},
        openapi::FeatureCollection as Described,
        parameters::Parameters,
    },
    service::TenantService,
};

/// A minute that is older says nothing about now.
const FRESH_US: i64 = 10 * MINUTE_US;

/// RFC 7946 wants degrees unless those who exchange it agree on something else, which this member says.
const COORDINATES: &str = "metres of the layout file, x to the east and y to the north; not WGS 84";

/// The layout as it was last told, with the last minute of each zone.
///
/// Features have a `feature_type`: `floor`, `zone`, `screen`, `microphone` or `loudspeaker`. Coordinates are metres of the layout file, as the
/// member `coordinates` says, not degrees. Levels of a zone are null and `stale` is true where its last minute is more than 10 minutes
/// old.
#[utoipa::path(
    get,
    path = "/v1/sites/{site}/layout.geojson",
    tag = "dashboards",
    params(
        ("site" = String, Path, description = "The site."),
        ("floor" = Option<String>, Query, description = "Only this floor."),
    ),
    responses(
        (status = 200, description = "A FeatureCollection; without features where no layout was told.",
         content((Described = "application/geo+json"))),
        Refusals,
    ),
    security(("token" = []), ("certificate" = [])),
)]
pub(in crate::http) async fn layout(
    State(service): State<TenantService>,
    Extension(authorised): Extension<Authorised>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    parameters.only(&["floor"]).map_err(ApiError::bad_request)?;
    let floor = parameters.name("floor").map_err(ApiError::bad_request)?;
    let place = place(&service, authorised, Part::Site).await?;
    let now_us = Timestamp::now().as_microsecond();
    let minutes = latest(service.store(), &place, now_us - FRESH_US, now_us).await?;
    let floors = floors(service.store(), &place).await?;
    let asked = floors
        .iter()
        .filter(|layout| floor.as_ref().is_none_or(|id| *id == layout.floor));
    let features = asked.flat_map(|layout| features(layout, |zone| minutes.get(zone)));
    let collection = FeatureCollection {
        bbox: None,
        features: features.collect(),
        foreign_members: object(json!({ "coordinates": COORDINATES, "site": place.site.as_str() })),
    };
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], collection.to_string()).into_response())
}

fn features<'a>(layout: &'a Layout, minute: impl Fn(&str) -> Option<&'a Minute>) -> Vec<Feature> {
    let floor = json!({ "feature_type": "floor", "floor": layout.floor, "height_m": layout.height_m });
    let mut features = vec![feature(area(&layout.outline_m), floor)];
    for zone in &layout.zones {
        features.push(feature(
            area(&zone.outline_m),
            of_zone(&layout.floor, zone, minute(&zone.zone)),
        ));
        for (kind, devices) in [("microphone", &zone.microphones), ("loudspeaker", &zone.loudspeakers)] {
            features.extend(devices.iter().map(|device| of_device(kind, &layout.floor, zone, device)));
        }
    }
    let screens = layout.screens.iter().map(|screen| {
        let properties = json!({ "feature_type": "screen", "floor": layout.floor, "height_m": screen.height_m });
        let coordinates = [screen.from_m, screen.to_m].map(Position::from).to_vec();
        feature(GeometryValue::LineString { coordinates }, properties)
    });
    features.extend(screens);
    features
}

fn of_zone(floor: &str, zone: &LayoutZone, minute: Option<&Minute>) -> Value {
    let levels = minute.and_then(|minute| minute.measurement.as_ref());
    let time = minute.map(|minute| Timestamp::from_microsecond(minute.time_us).unwrap_or_default());
    json!({
        "feature_type": "zone", "floor": floor, "zone": zone.zone, "name": zone.name, "kind": zone.kind,
        "level_min_db": zone.level_min_db, "level_fixed_db": zone.level_fixed_db, "level_max_db": zone.level_max_db,
        "listeners": zone.listeners, "time": time, "stale": levels.is_none(),
        "laeq_db": levels.and_then(|levels| levels.laeq_db),
        "ambient_laeq_db": levels.filter(|levels| levels.ambient_resolved).and_then(|levels| levels.ambient_laeq_db),
        "speech_laeq_db": levels.and_then(|levels| levels.speech_laeq_db),
        "speech_ratio": levels.map(|levels| levels.speech_ratio),
        "masking_db": levels.map(|levels| levels.masking_db),
        "sti": levels.and_then(|levels| levels.sti),
        "distraction_db_min": levels.map(|levels| levels.distraction_db_min),
    })
}

fn of_device(kind: &str, floor: &str, zone: &LayoutZone, device: &LayoutDevice) -> Feature {
    let [x, y, z] = device.position_m;
    let properties = json!({ "feature_type": kind, "id": device.id, "floor": floor, "zone": zone.zone, "above_floor_m": z });
    let coordinates = Position::from([x, y]);
    feature(GeometryValue::Point { coordinates }, properties)
}

/// A closed ring, counter-clockwise.
fn area(corners: &[[f64; 2]]) -> GeometryValue {
    let ring: LineString<f64> = corners.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect();
    let polygon = Polygon::new(ring, Vec::new()).orient(Winding::Default);
    let ring = polygon.exterior().coords().map(|at| Position::from([at.x, at.y]));
    GeometryValue::Polygon {
        coordinates: vec![ring.collect()],
    }
}

fn feature(geometry: GeometryValue, properties: Value) -> Feature {
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(geometry)),
        id: None,
        properties: object(properties),
        foreign_members: None,
    }
}

fn object(value: Value) -> Option<JsonObject> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
