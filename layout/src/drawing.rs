//! Draws a floor: an SVG with north up and one user unit per metre, that stands alone or inside a web page.
//!
//! Each zone is a `<polygon class="zone" data-zone="…" data-kind="…">` with a `<text class="zone-name" data-zone="…">`
//! over it, each zone of another controller a `<polygon class="remote-zone" data-zone="site/zone">` with a
//! `<text class="remote-name">`; devices and screens carry `data-id` (screens: their number in the layout file, from 0). Colours come from
//! a small style sheet whose rules weigh nothing (`:where`), so that any rule of the page wins, and lines and letters
//! follow the page's text colour. A heat map is a `<g class="heat">` of `<path class="s0">` to `<path class="s6">`, one per step
//! of its scale. Nothing outside the picture is referred to.

mod layers;
mod names;
mod parts;
mod sheet;

use geo::{BoundingRect, Coord, Rect};

use crate::nearby::around;
use crate::plan::Plan;
pub use layers::{Cells, Layers, STEPS};
use sheet::Sheet;
pub use sheet::escaped;

/// Free space around the floor, metres; the scale and the north arrow stand in it.
const MARGIN_M: f64 = 1.2;

/// A floor that nobody can draw, because it is not there or not finite, is shown as this many metres of nothing.
const EMPTY_M: f64 = 10.0;

/// The drawing of one floor, by its index in [`Plan::floors`].
///
/// A floor that does not exist gives an empty picture.
pub fn svg(plan: &Plan, floor: usize) -> String {
    svg_with(plan, floor, &Layers::default())
}

/// The same with more on it: heat map, levels, a talker, measurement paths.
pub fn svg_with(plan: &Plan, floor: usize, layers: &Layers<'_>) -> String {
    let mut sheet = Sheet::new(bounds(plan, floor), MARGIN_M);
    parts::draw(&mut sheet, plan, floor, layers);
    sheet.finish(plan.floors.get(floor).map_or("", |floor| &floor.id))
}

/// What must fit on the sheet: the floor with all its zones.
fn bounds(plan: &Plan, floor: usize) -> Rect<f64> {
    let zones = plan.zones.iter().filter(|zone| zone.floor == floor).map(|zone| &zone.outline);
    let remote = plan.remote_zones.iter().filter(|zone| zone.floor == floor);
    let zones = zones.chain(remote.map(|zone| &zone.outline));
    let outlines = plan.floors.get(floor).map(|floor| &floor.outline).into_iter().chain(zones);
    let is_finite = |rect: &Rect<f64>| [rect.min(), rect.max()].iter().all(|at| at.x.is_finite() && at.y.is_finite());
    let all = around(outlines.filter_map(|outline| outline.bounding_rect()).filter(is_finite));
    all.unwrap_or_else(|| Rect::new(Coord::zero(), Coord { x: EMPTY_M, y: EMPTY_M }))
}

#[cfg(test)]
mod tests;
