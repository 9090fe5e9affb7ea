//! What is drawn: the floor, its zones, screens, devices, scale and north.

use super::layers::{self, Layers};
use super::names;
use super::sheet::{Sheet, escaped, number};
use crate::plan::{Floor, Plan, Position, RemoteZone, Zone, ZoneKind};

/// Radius of the symbol of a device, metres.
const DEVICE_M: f64 = 0.2;

/// Draws all parts of a floor, the lowest first.
pub(super) fn draw(sheet: &mut Sheet, plan: &Plan, index: usize, layers: &Layers<'_>) {
    let Some(floor) = plan.floors.get(index) else { return };
    sheet.add(format_args!(
        r#"<polygon class="floor" points="{}"/>"#,
        sheet.points(floor.outline.exterior())
    ));
    let zones = || plan.zones.iter().filter(|zone| zone.floor == index);
    zones().for_each(|zone| outline(sheet, zone));
    let remote = plan.remote_zones.iter().filter(|zone| zone.floor == index);
    remote.for_each(|zone| remote_outline(sheet, zone));
    layers::under(sheet, plan, index, layers);
    screens(sheet, plan, index, floor);
    if !layers.without_devices {
        devices(sheet, plan, index);
    }
    layers::over(sheet, plan, index, layers);
    names::draw(sheet, plan, index, DEVICE_M, layers);
    scale_and_north(sheet);
}

fn outline(sheet: &mut Sheet, zone: &Zone) {
    let kind = match zone.kind {
        ZoneKind::Focus => "focus",
        ZoneKind::Collaboration => "collaboration",
        ZoneKind::Meeting => "meeting",
        ZoneKind::Circulation => "circulation",
        ZoneKind::Social => "social",
    };
    let (id, name) = (escaped(&zone.id), escaped(&zone.name));
    let points = sheet.points(zone.outline.exterior());
    sheet.add(format_args!(
        r#"<polygon class="zone" data-zone="{id}" data-kind="{kind}" points="{points}"><title>{name}</title></polygon>"#
    ));
}

/// A zone of another controller, which has no state here.
fn remote_outline(sheet: &mut Sheet, zone: &RemoteZone) {
    let (id, points) = (escaped(&zone.id()), sheet.points(zone.outline.exterior()));
    sheet.add(format_args!(
        r#"<polygon class="remote-zone" data-zone="{id}" points="{points}"><title>{id}</title></polygon>"#
    ));
    if let Some(middle) = names::middle(&zone.outline) {
        let (x, y) = sheet.place(middle.x(), middle.y());
        let (x, y) = (number(x), number(y));
        sheet.add(format_args!(r#"<text class="remote-name" x="{x}" y="{y}">{id}</text>"#));
    }
}

fn screens(sheet: &mut Sheet, plan: &Plan, index: usize, floor: &Floor) {
    for (number_in_plan, screen) in plan.screens.iter().enumerate().filter(|(_, screen)| screen.floor == index) {
        let (class, word) = if screen.is_wall(floor) {
            ("screen wall", "Wall")
        } else {
            ("screen", "Screen")
        };
        let [(x1, y1), (x2, y2)] = [screen.from, screen.to].map(|[x_m, y_m]| sheet.place(x_m, y_m));
        let [x1, y1, x2, y2, height, reduction] = [x1, y1, x2, y2, screen.height_m, screen.reduction_db].map(number);
        sheet.add(format_args!(
            r#"<line class="{class}" data-id="{number_in_plan}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"><title>{word}, {height} m high, {reduction} dB</title></line>"#
        ));
    }
}

fn devices(sheet: &mut Sheet, plan: &Plan, index: usize) {
    let is_here = |zone: usize| plan.zones.get(zone).is_some_and(|zone| zone.floor == index);
    for loudspeaker in plan.loudspeakers.iter().filter(|loudspeaker| is_here(loudspeaker.zone)) {
        let square = format!(
            r#"<rect x="-{DEVICE_M}" y="-{DEVICE_M}" width="{0}" height="{0}" rx=".05"/><circle r=".09"/>"#,
            2.0 * DEVICE_M
        );
        device(
            sheet,
            "loudspeaker",
            "Loudspeaker",
            &loudspeaker.id,
            loudspeaker.position,
            &square,
        );
    }
    for microphone in plan.microphones.iter().filter(|microphone| is_here(microphone.zone)) {
        let circle = format!(r#"<circle r="{DEVICE_M}"/><circle class="dot" r=".08"/>"#);
        device(
            sheet,
            "microphone",
            "Microphone",
            &microphone.id,
            microphone.position,
            &circle,
        );
    }
}

fn device(sheet: &mut Sheet, class: &str, word: &str, id: &str, position: Position, symbol: &str) {
    let (x, y) = sheet.place(position.x_m, position.y_m);
    let (x, y, id) = (number(x), number(y), escaped(id));
    sheet.add(format_args!(
        r#"<g class="{class}" data-id="{id}" transform="translate({x} {y})"><title>{word} {id}</title>{symbol}</g>"#
    ));
}

/// A scale of a quarter of the sheet or less at the lower left, an arrow to the north at the lower right.
fn scale_and_north(sheet: &mut Sheet) {
    let (width_m, height_m) = sheet.size_m();
    let length_m = [50.0, 20.0, 10.0, 5.0, 2.0]
        .into_iter()
        .find(|length| *length <= width_m / 4.0)
        .unwrap_or(1.0);
    let (left, line, right) = (1.2, height_m - 0.45, width_m - 1.4);
    let [bottom, top, middle, text, end] = [line + 0.1, line - 0.1, line, line + 0.17, left + length_m].map(number);
    sheet.add(format_args!(
        r#"<path class="scale" d="M{left} {top}V{bottom}M{left} {middle}H{end}M{end} {top}V{bottom}"/>"#
    ));
    let [label, north, arrow, base] = [left + length_m + 0.2, right - 0.55, right, line + 0.2].map(number);
    sheet.add(format_args!(
        r#"<text class="scale-text" x="{label}" y="{text}">{length_m} m</text>"#
    ));
    sheet.add(format_args!(r#"<text class="scale-text" x="{north}" y="{text}">N</text>"#));
    sheet.add(format_args!(
        r#"<path class="scale" d="M{arrow} {base}v-.6m-.15 .2l.15 -.2l.15 .2"/>"#
    ));
}
