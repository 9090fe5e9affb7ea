//! IMDF: a zip archive of GeoJSON files, one per kind of feature (OGC 20-094).
//!
//! Levels become floors and the units on them zones; fixtures of the category `wall` become screens of full height.
//! Units in which nobody sits (stairs, lifts, shafts, toilets) are left out.

use std::{
    io::{Cursor, Read},
    path::Path,
};

use geo::{BoundingRect, Coord, LineString, MinimumRotatedRect, Polygon};
use geojson::{Feature, GeoJson};
use serde_json::Value;
use zip::{ZipArchive, result::ZipError};

use super::{
    ImportError, LARGEST_BYTES,
    features::{Collection, Shape},
    table::{Draft, Ids, Table, USUAL_HEIGHT_M, coordinates},
};

/// Sound reduction of a plasterboard wall with a door, dB.
const WALL_REDUCTION_DB: f64 = 35.0;

/// Categories of units in which people sit or stand, and what they do there.
const KINDS: [(&str, &[&str]); 4] = [
    (
        "focus",
        &[
            "office",
            "library",
            "laboratory",
            "room",
            "unspecified",
            "unenclosedarea",
            "structure",
        ],
    ),
    (
        "meeting",
        &[
            "auditorium",
            "classroom",
            "conferenceroom",
            "huddleroom",
            "phoneroom",
            "theater",
        ],
    ),
    ("circulation", &["lobby", "ramp", "walkway", "walkway.island", "waitingroom"]),
    (
        "social",
        &[
            "fitnessroom",
            "foodservice",
            "kitchen",
            "lounge",
            "privatelounge",
            "recreation",
            "terrace",
        ],
    ),
];

pub(super) fn read(path: &Path, bytes: Vec<u8>) -> Result<Draft, ImportError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(path, &error))?;
    let mut read = |name: &'static str| file(path, &mut archive, name);
    if read("manifest.json")?.is_none() {
        return Err(missing(path, "manifest.json"));
    }
    let levels = features(path, read("level.geojson")?.ok_or_else(|| missing(path, "level.geojson"))?)?;
    let units = features(path, read("unit.geojson")?.ok_or_else(|| missing(path, "unit.geojson"))?)?;
    let fixtures = read("fixture.geojson")?
        .map(|text| features(path, text))
        .transpose()?
        .unwrap_or_default();
    let counts = (levels.len(), units.len());
    // All together, so that they have one origin.
    let all = levels.into_iter().chain(units).chain(fixtures).collect();
    let collection = Collection::projected(&path.display().to_string(), all, None)?;
    let (levels, others) = collection.shapes.split_at(counts.0);
    let (units, fixtures) = others.split_at(counts.1);
    draft(&collection.name, levels, units, fixtures)
}

fn draft(name: &str, levels: &[Shape], units: &[Shape], fixtures: &[Shape]) -> Result<Draft, ImportError> {
    let mut draft = Draft::default();
    let (mut floor_ids, mut zone_ids) = (Ids::default(), Ids::default());
    let mut left_out = Vec::new();
    for level in levels {
        let (Some(outline), Some(level_id)) = (&level.area, &level.id) else {
            continue;
        };
        let here = |shape: &&Shape| shape.text("level_id") == Some(level_id.as_str());
        let wish = label(level, "short_name")
            .or_else(|| ordinal(level))
            .or_else(|| label(level, "name"));
        let floor = floor_ids.make(&wish.unwrap_or_default(), "level");
        let zones: Vec<Table> = units
            .iter()
            .filter(here)
            .filter_map(|unit| zone(unit, &floor, &mut zone_ids, &mut left_out))
            .collect();
        if zones.is_empty() {
            draft
                .remarks
                .push(format!("level {floor} has no units in which people sit and was left out"));
            continue;
        }
        let table = Table::new("floor")
            .with("id", floor.as_str())
            .with("outline", coordinates(outline));
        draft.tables.push(table.assuming("height_m", USUAL_HEIGHT_M));
        draft.tables.extend(zones);
        let walls = fixtures
            .iter()
            .filter(here)
            .filter(|fixture| fixture.text("category") == Some("wall"));
        draft.tables.extend(walls.filter_map(|fixture| wall(fixture, &floor)));
    }
    if draft.tables.is_empty() {
        return Err(ImportError::NoAreas {
            name: name.to_owned(),
            help: "units with a level_id whose category is not stairs, lifts or the like",
        });
    }
    // Tables of one kind stand together, as people write them; the sort keeps their order.
    draft
        .tables
        .sort_by_key(|table| ["floor", "zone", "screen"].iter().position(|kind| *kind == table.kind));
    draft
        .remarks
        .push("IMDF knows no ceiling heights: height_m is assumed".into());
    draft.remarks.push(
        "walls between units are only drawn where the archive has fixtures of the category wall; add the others as [[screen]]"
            .into(),
    );
    left_out.sort_unstable();
    left_out.dedup();
    if !left_out.is_empty() {
        draft
            .remarks
            .push(format!("units left out, as nobody sits there: {}", left_out.join(", ")));
    }
    Ok(draft)
}

fn zone(unit: &Shape, floor: &str, ids: &mut Ids, left_out: &mut Vec<String>) -> Option<Table> {
    let category = unit.text("category").unwrap_or("unspecified");
    let Some((kind, _)) = KINDS.iter().find(|(_, categories)| categories.contains(&category)) else {
        left_out.push(category.to_owned());
        return None;
    };
    let outline = unit.area.as_ref()?;
    let name = label(unit, "name").or_else(|| label(unit, "alt_name"));
    let id = ids.make(name.as_deref().unwrap_or_default(), category);
    let table = Table::new("zone").with("id", id).with("floor", floor);
    let table = match name {
        Some(name) => table.with("name", name),
        None => table,
    };
    Some(table.with("kind", *kind).with("outline", coordinates(outline)))
}

/// A wall as a line: along the middle of the narrowest rectangle around it.
fn wall(fixture: &Shape, floor: &str) -> Option<Table> {
    let line = match (&fixture.line, &fixture.area) {
        (Some(line), _) => [*line.first()?, *line.last()?],
        (None, Some(area)) => middle_line(area)?,
        (None, None) => return None,
    };
    let table = Table::new("screen")
        .with("floor", floor)
        .with("from", line[0].to_vec())
        .with("to", line[1].to_vec());
    Some(
        table
            .assuming("height_m", USUAL_HEIGHT_M)
            .assuming("reduction_db", WALL_REDUCTION_DB),
    )
}

fn middle_line(area: &[[f64; 2]]) -> Option<[[f64; 2]; 2]> {
    let polygon = Polygon::new(LineString::from(area.to_vec()), vec![]);
    polygon.bounding_rect()?;
    let around = polygon.minimum_rotated_rect()?;
    let corner = |index: usize| around.exterior().0.get(index).copied();
    let (a, b, c, d) = (corner(0)?, corner(1)?, corner(2)?, corner(3)?);
    let length_m = |from: Coord<f64>, to: Coord<f64>| (to.x - from.x).hypot(to.y - from.y);
    let middle = |from: Coord<f64>, to: Coord<f64>| [(from.x + to.x) / 2.0, (from.y + to.y) / 2.0];
    Some(if length_m(a, b) < length_m(b, c) {
        [middle(a, b), middle(c, d)]
    } else {
        [middle(b, c), middle(d, a)]
    })
}

/// A text in any language; IMDF gives one per language.
fn label(shape: &Shape, key: &str) -> Option<String> {
    let labels = shape.properties.get(key)?.as_object()?;
    let text = labels.get("en").or_else(|| labels.values().next())?;
    text.as_str().map(str::to_owned)
}

fn ordinal(shape: &Shape) -> Option<String> {
    shape
        .properties
        .get("ordinal")
        .and_then(Value::as_i64)
        .map(|ordinal| ordinal.to_string())
}

/// A file of the archive, which may stand in a folder; `None` without it.
fn file(path: &Path, archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &'static str) -> Result<Option<String>, ImportError> {
    let names = archive.file_names().filter_map(Result::ok);
    let Some(found) = names
        .map(|found| found.into_owned())
        .find(|found| found.rsplit('/').next() == Some(name))
    else {
        return Ok(None);
    };
    let entry = archive.by_name(&found).map_err(|error| damaged(path, &error))?;
    let mut text = String::new();
    // Whatever the archive says about its size: a small file can unpack to a huge one.
    let read = entry.take(LARGEST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| ImportError::Damaged {
        path: path.to_owned(),
        message: format!("{name}: {error}"),
    })?;
    if text.len() as u64 > LARGEST_BYTES {
        return Err(ImportError::TooLarge { name: name.to_owned() });
    }
    Ok(Some(text))
}

fn features(path: &Path, text: String) -> Result<Vec<Feature>, ImportError> {
    let document: Result<GeoJson, _> = text.trim_start_matches('\u{feff}').parse();
    match document {
        Ok(GeoJson::FeatureCollection(collection)) => Ok(collection.features),
        Ok(_) => Err(not_features(path, "a file in it is no FeatureCollection".into())),
        Err(error) => Err(not_features(path, error.to_string())),
    }
}

fn not_features(path: &Path, message: String) -> ImportError {
    let name = path.display().to_string();
    ImportError::NotGeoJson { name, message }
}

fn missing(path: &Path, missing: &'static str) -> ImportError {
    let path = path.to_owned();
    ImportError::NotImdf { path, missing }
}

fn damaged(path: &Path, error: &ZipError) -> ImportError {
    ImportError::Damaged {
        path: path.to_owned(),
        message: error.to_string(),
    }
}
