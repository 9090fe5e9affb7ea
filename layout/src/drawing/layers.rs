//! What can lie over a floor: heat maps, seats, a talker, measurement paths, notes.

use std::fmt::Write;

use super::sheet::{Sheet, number};
use crate::figures::MeasurementPath;
use crate::plan::{Plan, Position};
use crate::prediction::Grid;

/// Steps of the scale of a heat map: classes `s0` (least) to `s6` (most).
pub const STEPS: u8 = 7;

/// Radius of a seat, metres.
const SEAT_M: f64 = 0.55;

/// Radius of a talker, metres.
const TALKER_M: f64 = 0.42;

/// Radius of a reading along a path, metres.
const READING_M: f64 = 0.22;

/// A heat map.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    /// Where the cells are.
    pub grid: &'a Grid,
    /// Step of each cell, below [`STEPS`]; `None`: nothing there.
    pub steps: &'a [Option<u8>],
}

/// Everything that can lie over a floor; by default nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// A heat map.
    pub cells: Option<Cells<'a>>,
    /// Per zone and listener: a step, below [`STEPS`].
    pub seats: &'a [Vec<u8>],
    /// A text per zone, such as its level now; empty for none.
    pub notes: &'a [String],
    /// Somebody who talks.
    pub talker: Option<Position>,
    /// Lines of ISO 3382-3, numbered from 1.
    pub paths: &'a [&'a MeasurementPath],
    /// Leave microphones and loudspeakers away.
    pub without_devices: bool,
}

/// What lies below screens and devices.
pub(super) fn under(sheet: &mut Sheet, plan: &Plan, floor: usize, layers: &Layers<'_>) {
    if let Some(cells) = layers.cells {
        sheet.add(format_args!(r#"<g class="heat">"#));
        for step in 0..STEPS {
            let path = outline_of(sheet, &cells, step);
            if !path.is_empty() {
                sheet.add(format_args!(r#"<path class="s{step}" d="{path}"/>"#));
            }
        }
        sheet.add(format_args!("</g>"));
    }
    for (zone, steps) in plan.zones.iter().zip(layers.seats).filter(|(zone, _)| zone.floor == floor) {
        for (seat, step) in zone.listeners.iter().zip(steps) {
            let (x, y) = sheet.place(seat.x_m, seat.y_m);
            let (x, y) = (number(x), number(y));
            sheet.add(format_args!(
                r#"<circle class="seat s{step}" cx="{x}" cy="{y}" r="{SEAT_M}"/>"#
            ));
        }
    }
}

/// Rectangles over the cells of one step, as one path; neighbours in a row are one rectangle.
fn outline_of(sheet: &Sheet, cells: &Cells<'_>, step: u8) -> String {
    let grid = cells.grid;
    let mut path = String::new();
    for row in 0..grid.rows {
        let at = |column: usize| cells.steps.get(row * grid.columns + column).copied().flatten();
        let mut column = 0;
        while column < grid.columns {
            let start = column;
            while column < grid.columns && at(column) == Some(step) {
                column += 1;
            }
            if column > start {
                let (west_m, north_m) = (
                    grid.corner[0] + start as f64 * grid.cell_m,
                    grid.corner[1] + (row + 1) as f64 * grid.cell_m,
                );
                let (x, y) = sheet.place(west_m, north_m);
                let [x, y, width, height] = [x, y, (column - start) as f64 * grid.cell_m, grid.cell_m].map(number);
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
            } else {
                column += 1;
            }
        }
    }
    path
}

/// What lies over screens and devices.
pub(super) fn over(sheet: &mut Sheet, plan: &Plan, floor: usize, layers: &Layers<'_>) {
    for (index, path) in layers.paths.iter().enumerate().filter(|(_, path)| path.floor == floor) {
        measurement_path(sheet, plan, index + 1, path);
    }
    if let Some(talker) = layers.talker {
        let (x, y) = sheet.place(talker.x_m, talker.y_m);
        let (x, y) = (number(x), number(y));
        sheet.add(format_args!(r#"<circle class="talker" cx="{x}" cy="{y}" r="{TALKER_M}"/>"#));
    }
}

fn measurement_path(sheet: &mut Sheet, plan: &Plan, name: usize, path: &MeasurementPath) {
    let places: Vec<(f64, f64)> = core::iter::once(&path.talker)
        .chain(&path.readings)
        .map(|seat| seat.position(plan))
        .map(|at| sheet.place(at.x_m, at.y_m))
        .collect();
    let points: Vec<String> = places.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
    sheet.add(format_args!(r#"<polyline class="path" points="{}"/>"#, points.join(" ")));
    for (x, y) in places.iter().skip(1) {
        let (x, y) = (number(*x), number(*y));
        sheet.add(format_args!(r#"<circle class="reading" cx="{x}" cy="{y}" r="{READING_M}"/>"#));
    }
    if let Some((x, y)) = places.first() {
        let (x, y) = (number(*x), number(*y));
        sheet.add(format_args!(
            r#"<circle class="path-start" cx="{x}" cy="{y}" r="{TALKER_M}"/>"#
        ));
        sheet.add(format_args!(
            r#"<text class="path-name" x="{x}" y="{y}" dy=".35em">{name}</text>"#
        ));
    }
}
