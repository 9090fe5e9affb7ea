//! Anybody's GeoJSON: areas become zones, lines become screens.

use geo::{ConvexHull, LineString, MultiPoint, Point};
use serde_json::Value;

use super::{
    ImportError,
    features::{Collection, Shape},
    table::{Draft, Ids, Table, USUAL_HEIGHT_M, coordinates},
};

/// Properties under which programs keep the storey, the most usual first.
const FLOOR_KEYS: [&str; 4] = ["floor", "level", "storey", "level_id"];

/// Height and sound reduction of a desk screen that nobody stated.
const SCREEN_HEIGHT_M: f64 = 1.6;
const SCREEN_REDUCTION_DB: f64 = 18.0;

const ZONE_KINDS: [&str; 5] = ["focus", "collaboration", "meeting", "circulation", "social"];

pub(super) fn read(collection: &Collection) -> Result<Draft, ImportError> {
    let areas: Vec<&Shape> = collection.shapes.iter().filter(|shape| shape.area.is_some()).collect();
    if areas.is_empty() {
        return Err(ImportError::NoAreas {
            name: collection.name.clone(),
            help: "features of the type Polygon or MultiPolygon",
        });
    }
    let mut draft = Draft::default();
    let mut floors: Vec<(String, String)> = Vec::new();
    let mut floor_ids = Ids::default();
    for shape in &areas {
        let name = floor_name(shape);
        if !floors.iter().any(|(known, _)| *known == name) {
            let id = floor_ids.make(&name, "1");
            floors.push((name, id));
        }
    }
    let id_of = |name: &str| floors.iter().find(|(known, _)| known == name).map(|(_, id)| id.clone());
    for (name, id) in &floors {
        let corners: MultiPoint<f64> = areas
            .iter()
            .filter(|shape| floor_name(shape) == *name)
            .flat_map(|shape| corners(shape))
            .collect();
        let mut hull: Vec<[f64; 2]> = corners.convex_hull().exterior().coords().map(|at| [at.x, at.y]).collect();
        hull.pop();
        let table = Table::new("floor")
            .with("id", id.as_str())
            .assuming("outline", coordinates(&hull));
        draft.tables.push(table.assuming("height_m", USUAL_HEIGHT_M));
    }
    let mut ids = Ids::default();
    for shape in &areas {
        draft
            .tables
            .extend(zone(shape, &id_of(&floor_name(shape)).unwrap_or_default(), &mut ids));
    }
    let first_floor = floors.first().map(|(_, id)| id.clone()).unwrap_or_default();
    for shape in &collection.shapes {
        let floor = id_of(&floor_name(shape)).unwrap_or_else(|| first_floor.clone());
        draft.tables.extend(screens(shape, &floor));
    }
    draft
        .remarks
        .push("the outline of each floor is drawn around its zones and its height assumed".into());
    let simplified = areas.iter().filter(|shape| shape.is_simplified).count();
    if simplified > 0 {
        draft.remarks.push(format!(
            "{simplified} areas had holes or several parts; their largest outer edge was taken"
        ));
    }
    let points = collection.shapes.iter().filter(|shape| shape.point.is_some()).count();
    if points > 0 {
        draft.remarks.push(format!("{points} points were left out"));
    }
    Ok(draft)
}

fn zone(shape: &Shape, floor: &str, ids: &mut Ids) -> Option<Table> {
    let name = shape.text("name");
    let wish = shape.text("id").or(shape.id.as_deref()).or(name).unwrap_or_default();
    let table = Table::new("zone").with("id", ids.make(wish, "zone")).with("floor", floor);
    let table = match name {
        Some(name) => table.with("name", name),
        None => table,
    };
    let table = match shape.text("kind").filter(|kind| ZONE_KINDS.contains(kind)) {
        Some(kind) => table.with("kind", kind),
        None => table.assuming("kind", "focus"),
    };
    Some(table.with("outline", coordinates(shape.area.as_ref()?)))
}

/// One screen per straight piece of a line.
fn screens(shape: &Shape, floor: &str) -> Vec<Table> {
    let line = shape.line.as_deref().unwrap_or_default();
    let piece = |ends: &[[f64; 2]]| {
        let table = Table::new("screen")
            .with("floor", floor)
            .with("from", ends[0].to_vec())
            .with("to", ends[1].to_vec());
        let table = match shape.properties.get("height_m").and_then(Value::as_f64) {
            Some(height_m) => table.with("height_m", height_m),
            None => table.assuming("height_m", SCREEN_HEIGHT_M),
        };
        match shape.properties.get("reduction_db").and_then(Value::as_f64) {
            Some(reduction_db) => table.with("reduction_db", reduction_db),
            None => table.assuming("reduction_db", SCREEN_REDUCTION_DB),
        }
    };
    line.windows(2).map(piece).collect()
}

fn floor_name(shape: &Shape) -> String {
    let stated = FLOOR_KEYS.iter().find_map(|key| match shape.properties.get(*key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    stated.unwrap_or_else(|| "1".into())
}

fn corners(shape: &Shape) -> Vec<Point<f64>> {
    let corners = LineString::from(shape.area.clone().unwrap_or_default());
    corners.points().collect()
}
