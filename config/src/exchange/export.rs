//! A site's plan as GeoJSON.

use geo::Polygon;
use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, Position};
use habitat_layout::{ZoneKind, default_listeners};
use serde_json::{Value, json};

use super::{
    features::ORIGIN_MEMBER,
    own::{ABOVE_FLOOR, FEATURE_TYPE, LISTENER},
    projection::{Origin, Projection},
};
use crate::Site;

/// The plan as a FeatureCollection, with (0, 0) at a place on the globe. [`import`](super::import) makes the same plan of it.
pub fn to_geojson(site: &Site, origin: Origin) -> String {
    let globe = Globe(Projection::about(origin));
    let plan = &site.plan;
    let floor_id = |index: usize| plan.floors.get(index).map(|floor| floor.id.as_str());
    let zone_id = |index: usize| plan.zones.get(index).map(|zone| zone.id.as_str());
    let mut features = Vec::new();
    for floor in &plan.floors {
        let properties = json!({ FEATURE_TYPE: "floor", "id": floor.id, "height_m": floor.height_m,
            "absorption": floor.absorption, "reverberation_s": floor.reverberation_s });
        features.push(feature(globe.polygon(&floor.outline), properties));
    }
    for (zone, levels) in plan.zones.iter().zip(&site.zones) {
        let properties = json!({ FEATURE_TYPE: "zone", "id": zone.id, "floor": floor_id(zone.floor), "name": zone.name,
            "kind": kind(zone.kind), "level_min_db": levels.level_min_db, "level_fixed_db": levels.level_fixed_db,
            "level_max_db": levels.level_max_db, "sti_target": levels.sti_target, "soundscape": levels.soundscape });
        features.push(feature(globe.polygon(&zone.outline), properties));
        if zone.listeners != default_listeners(&zone.outline) {
            let seats = zone.listeners.iter().map(|at| {
                let properties = json!({ FEATURE_TYPE: LISTENER, "zone": zone.id });
                feature(globe.point([at.x_m, at.y_m]), properties)
            });
            features.extend(seats);
        }
    }
    for microphone in &plan.microphones {
        let at = microphone.position;
        let properties = json!({ FEATURE_TYPE: "microphone", "id": microphone.id, "zone": zone_id(microphone.zone),
            ABOVE_FLOOR: at.z_m, "device": microphone.device.as_ref().map(ToString::to_string), "channel": microphone.channel,
            "sensitivity_dbfs": microphone.sensitivity_dbfs });
        features.push(feature(globe.point([at.x_m, at.y_m]), properties));
    }
    for loudspeaker in &plan.loudspeakers {
        let at = loudspeaker.position;
        let properties = json!({ FEATURE_TYPE: "loudspeaker", "id": loudspeaker.id, "zone": zone_id(loudspeaker.zone),
            ABOVE_FLOOR: at.z_m, "device": loudspeaker.device.as_ref().map(ToString::to_string), "channel": loudspeaker.channel,
            "output_db_spl": loudspeaker.output_db_spl });
        features.push(feature(globe.point([at.x_m, at.y_m]), properties));
    }
    for screen in &plan.screens {
        let properties = json!({ FEATURE_TYPE: "screen", "floor": floor_id(screen.floor), "height_m": screen.height_m,
            "reduction_db": screen.reduction_db });
        features.push(feature(globe.line(screen.from, screen.to), properties));
    }
    let members = json!({ "name": site.name, ORIGIN_MEMBER: [origin.longitude, origin.latitude] });
    let collection = FeatureCollection {
        bbox: None,
        features,
        foreign_members: object(members),
    };
    format!("{collection}\n")
}

/// Where things are on the globe.
struct Globe(Projection);

impl Globe {
    fn position(&self, metres: [f64; 2]) -> Position {
        Position::from(self.0.to_degrees(metres))
    }

    fn point(&self, metres: [f64; 2]) -> GeometryValue {
        GeometryValue::Point {
            coordinates: self.position(metres),
        }
    }

    fn line(&self, from: [f64; 2], to: [f64; 2]) -> GeometryValue {
        GeometryValue::LineString {
            coordinates: vec![self.position(from), self.position(to)],
        }
    }

    fn polygon(&self, outline: &Polygon<f64>) -> GeometryValue {
        let ring = outline.exterior().coords().map(|at| self.position([at.x, at.y]));
        GeometryValue::Polygon {
            coordinates: vec![ring.collect()],
        }
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

fn kind(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Focus => "focus",
        ZoneKind::Collaboration => "collaboration",
        ZoneKind::Meeting => "meeting",
        ZoneKind::Circulation => "circulation",
        ZoneKind::Social => "social",
    }
}
