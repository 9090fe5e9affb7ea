//! `[[zone]]`

use habitat_layout::{Zone, ZoneKind};

use super::{
    Items, Register,
    floors::{ID_CHARACTERS, is_id},
    points::{outline, points, seated},
};
use crate::{
    keys,
    read::{Reading, Table, choice, identifier, text},
    sections::{Levels, read_levels, read_soundscape},
    site::Soundscape,
};

/// What a zone wants otherwise than the site.
pub(crate) struct ZoneWishes {
    /// Levels.
    pub(crate) levels: Levels,
    /// What plays.
    pub(crate) soundscape: Reading<Soundscape>,
}

const KINDS: &[(&str, ZoneKind)] = &[
    ("focus", ZoneKind::Focus),
    ("collaboration", ZoneKind::Collaboration),
    ("meeting", ZoneKind::Meeting),
    ("circulation", ZoneKind::Circulation),
    ("social", ZoneKind::Social),
];

/// Reads the tables.
pub(super) fn read(root: &Table, floors: &Register) -> Items<(Zone, ZoneWishes)> {
    let mut zones = Items::new("zone", root);
    for table in root.list("zone", &keys::ZONE) {
        let id = table.require("id", "\"north-east\"", identifier(is_id, ID_CHARACTERS));
        let zone = read_zone(&table, &id, floors);
        // Read in any case, so that what is wrong in them is noted.
        let wishes = ZoneWishes {
            levels: read_levels(&table),
            soundscape: read_soundscape(&table),
        };
        zones.add(zone.map(|zone| (zone, wishes)), &id, &table);
    }
    zones
}

fn read_zone(table: &Table, id: &Reading<String>, floors: &Register) -> Option<Zone> {
    let floor = floors.resolve(table.notes(), &table.require("floor", "\"3\"", text));
    let name = table.read("name", text);
    let kind = table.require("kind", "\"focus\"", choice(KINDS)).written();
    let outline = table
        .require("outline", "[[16, 8], [24, 8], [24, 16], [16, 16]]", outline)
        .written();
    let listeners = table.read("listeners", points);
    if name.is_wrong() || listeners.is_wrong() {
        return None;
    }
    let id = id.as_written()?.0.clone();
    let outline = outline?;
    Some(Zone {
        name: name.or(id.clone()),
        id,
        floor: floor?,
        kind: kind?,
        listeners: match listeners.written() {
            Some(points) => points.into_iter().map(seated).collect(),
            None => habitat_layout::default_listeners(&outline),
        },
        outline,
    })
}
