//! Points and outlines.

use geo::{LineString, Polygon};
use habitat_layout::{Position, SEATED_HEIGHT_M};

use crate::read::{Item, NumberRule, each, filled_list, number};

const COORDINATE: NumberRule = NumberRule {
    min: -10_000.0,
    max: 10_000.0,
    unit: " m",
    reason: "coordinates are metres from a corner of the building",
};

/// `[x, y]`
pub(crate) fn point(item: &Item) -> Option<[f64; 2]> {
    coordinates(item, "a point [x, y]", "[20.0, 12.0]")
}

/// `[x, y, z]`
pub(crate) fn position(item: &Item) -> Option<[f64; 3]> {
    coordinates(item, "a position [x, y, z]", "[20.0, 12.0, 2.7]")
}

/// `[[x, y], …]`
pub(crate) fn points(item: &Item) -> Option<Vec<[f64; 2]>> {
    each(&filled_list("[[18.0, 10.0], [22.0, 14.0]]")(item)?, point)
}

/// Where somebody's ears are who sits at a point.
pub(crate) fn seated([x_m, y_m]: [f64; 2]) -> Position {
    Position {
        x_m,
        y_m,
        z_m: SEATED_HEIGHT_M,
    }
}

/// `[[x, y], …]` around an area; the last point may repeat the first.
pub(crate) fn outline(item: &Item) -> Option<Polygon<f64>> {
    let mut corners = points(item)?;
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() < 3 {
        let message = format!("`{}` has only {} corners", item.key, corners.len());
        return item.wrong(message, "an area needs three or more: [[0, 0], [24, 0], [24, 16], [0, 16]]");
    }
    Some(Polygon::new(LineString::from(corners), Vec::new()))
}

fn coordinates<const N: usize>(item: &Item, what: &str, example: &str) -> Option<[f64; N]> {
    let help = || format!("write metres, for example {example}");
    let Some(elements) = item.elements() else {
        return item.wrong_kind(what, help());
    };
    if elements.len() != N {
        return item.wrong(
            format!("`{}` needs {what}, but here are {} numbers", item.key, elements.len()),
            help(),
        );
    }
    each(&elements, number(&COORDINATE))?.try_into().ok()
}
