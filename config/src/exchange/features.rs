//! The features of a collection, brought to metres.

use geo::{BoundingRect, LineString};
use geojson::{Feature, GeoJson, Geometry, GeometryValue, JsonObject, Position, feature::Id};
use serde_json::Value;

use super::{ImportError, Origin, projection::Projection};

/// Foreign member of our own collections: longitude and latitude of (0, 0).
pub(super) const ORIGIN_MEMBER: &str = "habitat_origin";

/// What of a feature a plan can use.
pub(super) struct Shape {
    /// Rings of the largest area; the first is its outer edge.
    pub(super) area: Option<Vec<[f64; 2]>>,
    /// Whether it has further areas or holes, which were left out.
    pub(super) is_simplified: bool,
    /// Ends and bends of a line.
    pub(super) line: Option<Vec<[f64; 2]>>,
    /// A point.
    pub(super) point: Option<[f64; 2]>,
    /// The feature's properties.
    pub(super) properties: JsonObject,
    /// The feature's id.
    pub(super) id: Option<String>,
}

impl Shape {
    /// A property that is text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.properties.get(key).and_then(Value::as_str)
    }
}

/// All features of a file.
pub(super) struct Collection {
    /// What the file is called in messages.
    pub(super) name: String,
    /// Its features, in metres.
    pub(super) shapes: Vec<Shape>,
}

impl Collection {
    pub(super) fn of(name: &str, document: GeoJson) -> Result<Self, ImportError> {
        let (features, members) = match document {
            GeoJson::FeatureCollection(collection) => (collection.features, collection.foreign_members),
            GeoJson::Feature(feature) => (vec![feature], None),
            GeoJson::Geometry(geometry) => (vec![Feature::from(geometry)], None),
        };
        let stated = members.and_then(|members| origin(members.get(ORIGIN_MEMBER)?));
        Self::projected(name, features, stated)
    }

    /// About a stated origin, or about the middle of everything, with (0, 0) in the south-west.
    pub(super) fn projected(name: &str, features: Vec<Feature>, stated: Option<Origin>) -> Result<Self, ImportError> {
        let places: Vec<[f64; 2]> = features
            .iter()
            .filter_map(|feature| feature.geometry.as_ref())
            .flat_map(places)
            .collect();
        if let Some([x, y]) = places.iter().find(|[x, y]| !(x.abs() <= 180.0 && y.abs() <= 90.0)) {
            let (name, x, y) = (name.to_owned(), *x, *y);
            return Err(ImportError::NotDegrees { name, x, y });
        }
        let bounds = LineString::from(places).bounding_rect();
        let middle = bounds.map(|bounds| bounds.center()).unwrap_or_default();
        let projection = Projection::about(stated.unwrap_or(Origin {
            longitude: middle.x,
            latitude: middle.y,
        }));
        let corner = match (stated, bounds) {
            (None, Some(bounds)) => projection.to_metres([bounds.min().x, bounds.min().y]),
            _ => [0.0, 0.0],
        };
        let metres = |position: &Position| {
            let [x, y] = projection.to_metres([position[0], position[1]]);
            [x - corner[0], y - corner[1]].map(|value| (value * 1000.0).round() / 1000.0)
        };
        let shapes = features.into_iter().map(|feature| shape(feature, &metres)).collect();
        let name = name.to_owned();
        Ok(Self { name, shapes })
    }
}

fn origin(value: &Value) -> Option<Origin> {
    let [longitude, latitude] = value.as_array()?.as_slice() else {
        return None;
    };
    Some(Origin {
        longitude: longitude.as_f64()?,
        latitude: latitude.as_f64()?,
    })
}

/// All positions of a geometry; those without two numbers are none.
fn places(geometry: &Geometry) -> Vec<[f64; 2]> {
    let pair = |position: &Position| match position.as_slice() {
        [x, y, ..] => Some([*x, *y]),
        _ => None,
    };
    match &geometry.value {
        GeometryValue::Point { coordinates } => pair(coordinates).into_iter().collect(),
        GeometryValue::MultiPoint { coordinates } | GeometryValue::LineString { coordinates } => {
            coordinates.iter().filter_map(pair).collect()
        }
        GeometryValue::MultiLineString { coordinates } | GeometryValue::Polygon { coordinates } => {
            coordinates.iter().flatten().filter_map(pair).collect()
        }
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().flatten().filter_map(pair).collect(),
        GeometryValue::GeometryCollection { geometries } => geometries.iter().flat_map(places).collect(),
    }
}

fn shape(feature: Feature, metres: &impl Fn(&Position) -> [f64; 2]) -> Shape {
    let mut shape = Shape {
        area: None,
        is_simplified: false,
        line: None,
        point: None,
        properties: feature.properties.unwrap_or_default(),
        id: feature.id.map(|id| match id {
            Id::String(id) => id,
            Id::Number(id) => id.to_string(),
        }),
    };
    let is_whole = |line: &[Position]| line.iter().all(|position| position.len() >= 2);
    let line = |line: &[Position]| -> Option<Vec<[f64; 2]>> { is_whole(line).then(|| line.iter().map(metres).collect()) };
    match feature.geometry.map(|geometry| geometry.value) {
        Some(GeometryValue::Point { coordinates }) if coordinates.len() >= 2 => shape.point = Some(metres(&coordinates)),
        Some(GeometryValue::LineString { coordinates }) => shape.line = line(&coordinates),
        Some(GeometryValue::MultiLineString { coordinates }) => {
            shape.is_simplified = coordinates.len() > 1;
            shape.line = coordinates.first().and_then(|first| line(first));
        }
        Some(GeometryValue::Polygon { coordinates }) => {
            shape.is_simplified = coordinates.len() > 1;
            shape.area = coordinates.first().and_then(|outer| line(outer)).map(open);
        }
        Some(GeometryValue::MultiPolygon { coordinates }) => {
            shape.is_simplified = coordinates.len() > 1;
            let outer = coordinates.iter().filter_map(|polygon| line(polygon.first()?)).map(open);
            shape.area = outer.max_by(|one, other| area_m2(one).total_cmp(&area_m2(other)));
        }
        _ => {}
    }
    shape
}

/// A ring without the repetition of its first corner at the end.
fn open(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

fn area_m2(ring: &[[f64; 2]]) -> f64 {
    use geo::Area;
    geo::Polygon::new(LineString::from(ring.to_vec()), vec![]).unsigned_area()
}
