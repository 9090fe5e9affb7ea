//! Areas that two outlines share or do not share, with a tolerance for inexact drawings.

use geo::{Area, BooleanOps, Centroid, Contains, Distance, Euclidean, Length, MultiPolygon, Point, Polygon};

use super::TOLERANCE_M;

/// A piece of area that is wider than the tolerance.
pub(super) struct Piece {
    pub(super) area_m2: f64,
    pub(super) middle: Point<f64>,
}

/// What both cover.
pub(super) fn shared(one: &Polygon<f64>, other: &Polygon<f64>) -> Option<Piece> {
    wide(one.intersection(other))
}

/// What the first covers and the second does not.
pub(super) fn beyond(one: &Polygon<f64>, other: &Polygon<f64>) -> Option<Piece> {
    wide(one.difference(other))
}

/// How far a point is outside an outline, metres; 0 inside, on the edge, or within the tolerance.
pub(super) fn outside_m(point: Point<f64>, outline: &Polygon<f64>) -> f64 {
    if outline.contains(&point) {
        return 0.0;
    }
    let distance_m = Euclidean.distance(&point, outline.exterior());
    if distance_m <= TOLERANCE_M { 0.0 } else { distance_m }
}

/// The pieces wider than the tolerance: twice the area over the perimeter is the width of a strip.
fn wide(pieces: MultiPolygon<f64>) -> Option<Piece> {
    let pieces: MultiPolygon<f64> = pieces
        .into_iter()
        .filter(|piece| 2.0 * piece.unsigned_area() > TOLERANCE_M * Euclidean.length(piece.exterior()))
        .collect();
    let middle = pieces.centroid()?;
    Some(Piece {
        area_m2: pieces.unsigned_area(),
        middle,
    })
}
