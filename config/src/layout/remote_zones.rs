//! `[[remote_zone]]`

use habitat_layout::{Position, RemoteZone, default_listeners};

use super::{
    Items, Register,
    floors::{ID_CHARACTERS, is_id},
    points::{outline, points, position, seated},
};
use crate::{
    keys, limits,
    read::{Item, Reading, Table, each, filled_list, identifier, number, text},
    sections::{SITE_ID_CHARACTERS, is_site_id},
};

/// Reads the tables; with each zone its commissioned level.
pub(super) fn read(root: &Table, floors: &Register) -> Items<(RemoteZone, Reading<f64>)> {
    let mut zones = Items::new("remote_zone", root);
    for table in root.list("remote_zone", &keys::REMOTE_ZONE) {
        let site = table.require("site", "\"hq-4\"", identifier(is_site_id, SITE_ID_CHARACTERS));
        let zone = table.require("zone", "\"south-east\"", identifier(is_id, ID_CHARACTERS));
        let level_fixed = table.read("level_fixed_db", number(&limits::LEVEL));
        let item = read_zone(&table, &site, &zone, floors);
        let item = item.filter(|_| !level_fixed.is_wrong()).map(|item| (item, level_fixed));
        zones.add(item, &together(&site, &zone), &table);
    }
    zones
}

fn read_zone(table: &Table, site: &Reading<String>, zone: &Reading<String>, floors: &Register) -> Option<RemoteZone> {
    let floor = floors.resolve(table.notes(), &table.require("floor", "\"3\"", text));
    let outline = table
        .require("outline", "[[24, 8], [32, 8], [32, 16], [24, 16]]", outline)
        .written();
    let microphones = table.require("microphones", "[[28.0, 12.0, 2.7]]", positions).written();
    let listeners = table.read("listeners", points);
    if listeners.is_wrong() {
        return None;
    }
    let outline = outline?;
    Some(RemoteZone {
        site: site.as_written()?.0.clone(),
        zone: zone.as_written()?.0.clone(),
        floor: floor?,
        listeners: match listeners.written() {
            Some(points) => points.into_iter().map(seated).collect(),
            None => default_listeners(&outline),
        },
        outline,
        microphones: microphones?,
    })
}

fn positions(item: &Item) -> Option<Vec<Position>> {
    let positions = each(&filled_list("[[28.0, 12.0, 2.7]]")(item)?, position)?;
    Some(
        positions
            .into_iter()
            .map(|[x_m, y_m, z_m]| Position { x_m, y_m, z_m })
            .collect(),
    )
}

/// The name under which there is only one of them.
fn together(site: &Reading<String>, zone: &Reading<String>) -> Reading<String> {
    match (site.as_written(), zone.as_written()) {
        (Some((site, _)), Some((zone, span))) => Reading::Written {
            value: format!("{site}/{zone}"),
            span: span.clone(),
        },
        _ => Reading::Wrong,
    }
}
