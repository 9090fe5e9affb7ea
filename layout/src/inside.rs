//! A point well inside an outline, for any outline that encloses an area.
//!
//! geo's `InteriorPoint` panics on degenerate outlines, and those come here before they are checked.

use geo::{Coord, Point, Polygon};

/// The middle of the widest stretch inside, on the line halfway up the tallest step between two corners' heights.
///
/// `None` when the outline has no corners, no height or no width there.
pub(crate) fn interior_point(outline: &Polygon<f64>) -> Option<Point<f64>> {
    let rings = || core::iter::once(outline.exterior()).chain(outline.interiors());
    let mut heights: Vec<f64> = rings().flat_map(|ring| &ring.0).map(|corner| corner.y).collect();
    heights.sort_by(f64::total_cmp);
    let tallest = heights
        .windows(2)
        .max_by(|one, other| (one[1] - one[0]).total_cmp(&(other[1] - other[0])))?;
    let y = tallest[0] + (tallest[1] - tallest[0]) / 2.0;
    let crossing = |start: Coord<f64>, end: Coord<f64>| {
        ((start.y > y) != (end.y > y)).then(|| start.x + (y - start.y) / (end.y - start.y) * (end.x - start.x))
    };
    let sides = rings().flat_map(|ring| ring.lines());
    let mut crossings: Vec<f64> = sides.filter_map(|side| crossing(side.start, side.end)).collect();
    crossings.sort_by(f64::total_cmp);
    let stretches = crossings.chunks_exact(2).filter(|stretch| stretch[1] > stretch[0]);
    let widest = stretches.max_by(|one, other| (one[1] - one[0]).total_cmp(&(other[1] - other[0])))?;
    Some(Point::new(widest[0] + (widest[1] - widest[0]) / 2.0, y))
}
