//! The names of the zones, where they fit and hide no device.

use geo::{Area, BoundingRect, Centroid, Contains, Point, Polygon};

use super::layers::Layers;
use super::sheet::{Sheet, escaped, number};
use crate::check::is_a_place;
use crate::inside::interior_point;
use crate::plan::{Plan, Zone};

/// Smallest and largest letters, metres.
const LETTERS_M: (f64, f64) = (0.25, 0.65);

/// Width of a letter of a bold sans-serif face re its size, roughly.
const LETTER_WIDTH: f64 = 0.62;

/// Share of a zone's width that its name may take.
const NAME_SHARE: f64 = 0.9;

/// Size of a note re the name's.
const NOTE_SIZE: f64 = 0.85;

/// How far a note stands below its name, in sizes of the name's letters.
const NOTE_BELOW: f64 = 1.1;

/// Size of a name with a note re one without.
const NOTED_SIZE: f64 = 0.75;

/// Places to try, in line heights north of the middle, the nicest first.
const SHIFTS: [f64; 9] = [0.0, 1.1, -1.1, 2.2, -2.2, 3.3, -3.3, 4.4, -4.4];

/// Draws the names of all zones of a floor, clear of symbols of some radius, with their notes below.
pub(super) fn draw(sheet: &mut Sheet, plan: &Plan, floor: usize, symbol_m: f64, layers: &Layers<'_>) {
    let microphones = plan.microphones.iter().map(|device| (device.zone, device.position));
    let loudspeakers = plan.loudspeakers.iter().map(|device| (device.zone, device.position));
    let devices: Vec<_> = microphones.chain(loudspeakers).collect();
    for (index, zone) in plan.zones.iter().enumerate().filter(|(_, zone)| zone.floor == floor) {
        let own = devices.iter().filter(|(zone, _)| *zone == index && !layers.without_devices);
        let symbols: Vec<_> = own.map(|(_, position)| Point::new(position.x_m, position.y_m)).collect();
        name(
            sheet,
            zone,
            &symbols,
            symbol_m,
            layers.notes.get(index).map_or("", String::as_str),
        );
    }
}

fn name(sheet: &mut Sheet, zone: &Zone, symbols: &[Point<f64>], symbol_m: f64, note: &str) {
    let Some((middle, bounds)) = middle(&zone.outline).zip(zone.outline.bounding_rect()) else {
        return;
    };
    let letters = zone.name.chars().count().max(1) as f64;
    let fitting_m = (NAME_SHARE * bounds.width() / (letters * LETTER_WIDTH)).min(bounds.height() / 3.0);
    // Two lines have to fit where one would.
    let smaller = if note.is_empty() { 1.0 } else { NOTED_SIZE };
    let size_m = smaller * fitting_m.clamp(LETTERS_M.0, LETTERS_M.1);
    let at = |shift: &f64| Point::new(middle.x(), middle.y() + shift * size_m);
    let note_m = if note.is_empty() { 0.0 } else { NOTE_BELOW * size_m };
    let half_width = letters.max(NOTE_SIZE * note.chars().count() as f64) * LETTER_WIDTH * size_m / 2.0;
    let half_height = (size_m + note_m) / 2.0;
    let is_clear = |place: &Point<f64>| {
        let block = *place - Point::new(0.0, note_m / 2.0);
        let hides = |symbol: &Point<f64>| {
            (symbol.x() - block.x()).abs() < half_width + symbol_m && (symbol.y() - block.y()).abs() < half_height + symbol_m
        };
        corners(block, half_width, half_height + symbol_m)
            .iter()
            .all(|corner| zone.outline.contains(corner))
            && !symbols.iter().any(hides)
    };
    let place = SHIFTS.iter().map(at).find(is_clear).unwrap_or(middle);
    let (x, y) = sheet.place(place.x(), place.y());
    let (x, y, size, id, name) = (number(x), number(y), number(size_m), escaped(&zone.id), escaped(&zone.name));
    sheet.add(format_args!(
        r#"<text class="zone-name" data-zone="{id}" x="{x}" y="{y}" dy=".35em" style="font-size:{size}px">{name}</text>"#
    ));
    if !note.is_empty() {
        let (note_size, note) = (number(size_m * NOTE_SIZE), escaped(note));
        sheet.add(format_args!(
            r#"<text class="zone-note" data-zone="{id}" x="{x}" y="{y}" dy="1.65em" style="font-size:{note_size}px">{note}</text>"#
        ));
    }
}

fn corners(middle: Point<f64>, half_width: f64, half_height: f64) -> [Point<f64>; 4] {
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| middle + Point::new(x * half_width, y * half_height))
}

/// The centre of gravity, or some point inside when that lies outside.
pub(super) fn middle(outline: &Polygon<f64>) -> Option<Point<f64>> {
    let usable = outline
        .exterior()
        .coords()
        .all(|corner| is_a_place(corner.x) && is_a_place(corner.y));
    if !usable || outline.unsigned_area() == 0.0 {
        return None;
    }
    outline
        .centroid()
        .filter(|centroid| outline.contains(centroid))
        .or_else(|| interior_point(outline))
}
