//! The API as an OpenAPI 3.1 document, made of the handlers and of the types that they answer with.

use axum::Json;
use serde_json::Value;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{AccountsApi, dashboard, handshake, ingest, query};

/// `GET /v1/openapi.json`, but for what administrators do, which [`AccountsApi`] describes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Habitat tenant",
        description = "Takes in what controllers report and answers questions about it. Every refusal is JSON with an `error` sentence."
    ),
    paths(
        handshake::handle,
        ingest::handle,
        query::handle,
        dashboard::series,
        dashboard::ranking,
        dashboard::list,
        dashboard::sums,
        dashboard::layout,
        super::health,
        super::ready,
        handle
    ),
    tags(
        (name = "events", description = "What controllers report."),
        (name = "dashboards", description = "What it adds up to."),
        (name = "operation", description = "For load balancers and supervisors.")
    ),
    modifiers(&Credentials)
)]
struct TenantApi;

/// How somebody shows that he may.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A token of the register or of the token file, which opens some sites or all of a tenant.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let description = Some("A client certificate of the register, which opens what a token would.".to_owned());
        components.add_security_scheme(
            "certificate",
            SecurityScheme::MutualTls {
                description,
                extensions: None,
            },
        );
    }
}

/// A CloudEvents 1.0 document of one of the types that `habitatd privacy` lists.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes documents that are kept as text")]
pub(super) struct CloudEvent {
    /// `1.0`.
    specversion: String,
    /// Unique per source.
    #[schema(format = "uuid")]
    id: String,
    /// `/sites/<site>/controllers/<controller>`.
    source: String,
    /// What kind of event it is.
    r#type: String,
    /// The zone, device or floor.
    subject: String,
    /// End of the period that it speaks of.
    #[schema(format = "date-time")]
    time: String,
    /// `application/json`.
    datacontenttype: Option<String>,
    /// Name of the JSON Schema of `data`, which is in docs/schemas.
    dataschema: Option<String>,
    /// What it says.
    #[schema(value_type = Object)]
    data: Value,
}

/// A GeoJSON FeatureCollection (RFC 7946), but for its coordinates.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the geojson crate writes")]
pub(super) struct FeatureCollection {
    /// `FeatureCollection`.
    r#type: String,
    /// What the coordinates are: metres of the layout file.
    coordinates: String,
    /// The site.
    site: String,
    /// Floors, zones, screens, microphones and loudspeakers.
    features: Vec<Feature>,
}

/// A part of the layout.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the geojson crate writes")]
struct Feature {
    /// `Feature`.
    r#type: String,
    /// A Polygon (floors and zones; closed, counter-clockwise), a LineString (screens) or a Point (devices).
    #[schema(value_type = Object)]
    geometry: Value,
    /// What it is.
    properties: Properties,
}

/// What a part of the layout is, as far as it applies.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the geojson crate writes")]
struct Properties {
    /// `floor`, `zone`, `screen`, `microphone` or `loudspeaker`.
    feature_type: String,
    /// The floor that it is or is on.
    floor: String,
    /// The zone that it is or is in.
    zone: Option<String>,
    /// Id of a device.
    id: Option<String>,
    /// Name of a zone.
    name: Option<String>,
    /// What people do in a zone.
    kind: Option<String>,
    /// Height of a floor or screen, metres.
    height_m: Option<f64>,
    /// Height of a device above the floor, metres.
    above_floor_m: Option<f64>,
    /// Lowest masking level of a zone that is configured, dB(A).
    level_min_db: Option<f64>,
    /// Masking level of a zone set at commissioning, dB(A).
    level_fixed_db: Option<f64>,
    /// Highest masking level of a zone that is configured, dB(A).
    level_max_db: Option<f64>,
    /// Places in a zone where somebody is taken to sit.
    listeners: Option<u32>,
    /// When the last minute of a zone ended; to a quarter of an hour's last minute where that is stale; null where there was none.
    #[schema(format = "date-time")]
    time: Option<String>,
    /// Whether that is too long ago to say anything about now; then the levels are null.
    stale: Option<bool>,
    /// All sound in the zone, dB(A).
    laeq_db: Option<f64>,
    /// Sound without our own masking, where it is resolved, dB(A).
    ambient_laeq_db: Option<f64>,
    /// Speech, dB(A).
    speech_laeq_db: Option<f64>,
    /// Share of the minute with speech.
    speech_ratio: Option<f64>,
    /// Masking at the listeners, dB(A).
    masking_db: Option<f64>,
    /// Highest speech transmission index of speech from another zone.
    sti: Option<f64>,
    /// Distraction, dB·min.
    distraction_db_min: Option<f64>,
}

/// The document.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let mut document = TenantApi::openapi();
    document.merge(AccountsApi::openapi());
    document
}

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")),
)]
pub(super) async fn handle() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_is_this_document() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi-tenant.json");
        let text = document().to_pretty_json().expect("it can be written") + "\n";
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &text).expect("it can be written");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == text,
            "docs/openapi-tenant.json is not what /v1/openapi.json answers; write it anew with UPDATE_DOCS=1"
        );
    }
}
