//! Our own GeoJSON: properties are keys of the layout file.

use std::collections::BTreeMap;

use super::{
    ImportError,
    features::{Collection, Shape},
    table::{Draft, Table, coordinates},
};
use crate::keys::{self, Section};

/// Property that says which table a feature is.
pub(super) const FEATURE_TYPE: &str = "feature_type";

/// Property with the height of a device above the floor.
pub(super) const ABOVE_FLOOR: &str = "above_floor_m";

/// A seat of a zone.
pub(super) const LISTENER: &str = "listener";

const KINDS: [(&str, &Section); 5] = [
    ("floor", &keys::FLOOR),
    ("zone", &keys::ZONE),
    ("microphone", &keys::MICROPHONE),
    ("loudspeaker", &keys::LOUDSPEAKER),
    ("screen", &keys::SCREEN),
];

/// Whether the features say which tables of a layout file they are.
pub(super) fn is_own(collection: &Collection) -> bool {
    let has = |kind| collection.shapes.iter().any(|shape| shape.text(FEATURE_TYPE) == Some(kind));
    has("floor") && has("zone")
}

pub(super) fn read(collection: &Collection) -> Result<Draft, ImportError> {
    let mut draft = Draft::default();
    let mut listeners: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
    for shape in &collection.shapes {
        if let (Some(LISTENER), Some(zone), Some(point)) = (shape.text(FEATURE_TYPE), shape.text("zone"), shape.point) {
            listeners.entry(zone).or_default().push(point);
        }
    }
    for (kind, section) in KINDS {
        let own = collection
            .shapes
            .iter()
            .filter(|shape| shape.text(FEATURE_TYPE) == Some(kind));
        for shape in own {
            draft.tables.push(table(kind, section, shape, &listeners, &mut draft.remarks));
        }
    }
    let is_known = |kind: &str| kind == LISTENER || KINDS.iter().any(|(known, _)| *known == kind);
    let strangers = collection
        .shapes
        .iter()
        .filter(|shape| !shape.text(FEATURE_TYPE).is_some_and(is_known));
    match strangers.count() {
        0 => {}
        count => draft
            .remarks
            .push(format!("{count} features without a known feature_type were left out")),
    }
    Ok(draft)
}

fn table(
    kind: &'static str,
    section: &Section,
    shape: &Shape,
    listeners: &BTreeMap<&str, Vec<[f64; 2]>>,
    remarks: &mut Vec<String>,
) -> Table {
    let mut table = Table::new(kind);
    for (key, value) in &shape.properties {
        if section.keys.contains(&key.as_str()) && !value.is_null() {
            table = table.with(key, value.clone());
        } else if key != FEATURE_TYPE && key != ABOVE_FLOOR && !value.is_null() {
            remarks.push(format!(
                "{kind}: the property {key} was left out, as a layout has no such key"
            ));
        }
    }
    if let Some(area) = &shape.area {
        table = table.with("outline", coordinates(area));
    }
    if let (Some([x_m, y_m]), Some(z_m)) = (shape.point, shape.properties.get(ABOVE_FLOOR)) {
        table = table.with("position", vec![x_m.into(), y_m.into(), z_m.clone()]);
    }
    if let Some([from, .., to]) = shape.line.as_deref() {
        table = table.with("from", from.to_vec()).with("to", to.to_vec());
    }
    let seats = shape.text("id").and_then(|id| listeners.get(id)).filter(|_| kind == "zone");
    match seats {
        Some(seats) => table.with("listeners", coordinates(seats)),
        None => table,
    }
}
