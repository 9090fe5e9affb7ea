//! Whether an outline is an area that can be calculated with.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Area, Coord, Line, Polygon};

use super::{FARTHEST_M, FaultKind, TOLERANCE_M};

/// Most corners of an outline: each side is compared with each other one.
const MAX_POINTS: usize = 2000;

/// The first thing that makes an outline unusable.
pub(super) fn check(outline: &Polygon<f64>) -> Result<(), FaultKind> {
    let points = &outline.exterior().0;
    if points.len() > MAX_POINTS {
        return Err(FaultKind::TooManyPoints {
            points: points.len(),
            limit: MAX_POINTS,
        });
    }
    let values = points.iter().flat_map(|point| [point.x, point.y]);
    if let Some(value) = values.into_iter().find(|value| !is_a_place(*value)) {
        return Err(FaultKind::NotAPlace { value });
    }
    let corners = corners(points);
    let distinct = distinct(&corners);
    if distinct < 3 {
        return Err(FaultKind::TooFewPoints { points: distinct });
    }
    if let Some(crossing) = crossing(&corners) {
        return Err(crossing);
    }
    // The area of a sliver as wide as the tolerance is no area.
    if outline.unsigned_area() <= TOLERANCE_M * TOLERANCE_M {
        return Err(FaultKind::NoArea { points: corners.len() });
    }
    Ok(())
}

/// Whether a coordinate can be one of a building.
pub(crate) fn is_a_place(value_m: f64) -> bool {
    value_m.abs() <= FARTHEST_M
}

/// The corners without the repetition of the first at the end and without corners given twice in a row.
fn corners(points: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let mut corners = points.to_vec();
    corners.dedup();
    while corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    corners
}

fn distinct(corners: &[Coord<f64>]) -> usize {
    let mut sorted = corners.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    sorted.dedup();
    sorted.len()
}

/// The first two sides that meet anywhere but at the corner between neighbours.
fn crossing(corners: &[Coord<f64>]) -> Option<FaultKind> {
    if on_one_line(corners) {
        return None;
    }
    let count = corners.len();
    let side = |index: usize| Line::new(corners[index], corners[(index + 1) % count]);
    for first in 0..count {
        for second in first + 1..count {
            let adjacent = second == first + 1 || (first == 0 && second == count - 1);
            let at = match line_intersection(side(first), side(second)) {
                None => continue,
                Some(LineIntersection::SinglePoint { .. }) if adjacent => continue,
                Some(LineIntersection::SinglePoint { intersection, .. }) => intersection,
                Some(LineIntersection::Collinear { intersection }) => intersection.start,
            };
            return Some(FaultKind::CrossesItself {
                first: first + 1,
                second: second + 1,
                x_m: at.x,
                y_m: at.y,
            });
        }
    }
    None
}

/// Such an outline has no area and needs no list of the sides that meet.
fn on_one_line(corners: &[Coord<f64>]) -> bool {
    let (start, end) = (corners[0], corners[1]);
    let (dx, dy) = (end.x - start.x, end.y - start.y);
    let length_m = dx.hypot(dy);
    corners
        .iter()
        .all(|corner| ((corner.x - start.x) * dy - (corner.y - start.y) * dx).abs() <= 1e-9 * length_m)
}
