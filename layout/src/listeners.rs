//! Where people sit when the layout file does not say.

use geo::{BoundingRect, Contains, Point, Polygon};

use crate::check::is_a_place;
use crate::inside::interior_point;
use crate::plan::{Position, SEATED_HEIGHT_M};

/// Distance between listeners that nobody placed, about one desk, metres.
const SPACING_M: f64 = 2.0;

/// Most listeners along one side; a wider zone gets a wider grid.
const MAX_PER_SIDE: f64 = 32.0;

/// Seated listeners on a grid of about 2 m, centred in the zone, at least one.
///
/// Only an outline that encloses nothing, or whose points are no place in a building, gets none; [`check`](crate::check) rejects those.
pub fn default_listeners(outline: &Polygon<f64>) -> Vec<Position> {
    let usable = outline
        .exterior()
        .coords()
        .all(|corner| is_a_place(corner.x) && is_a_place(corner.y));
    let Some(bounds) = outline.bounding_rect().filter(|_| usable) else {
        return Vec::new();
    };
    let columns = places(bounds.min().x, bounds.max().x);
    let rows = places(bounds.min().y, bounds.max().y);
    let grid = rows.iter().flat_map(|y| columns.iter().map(|x| Point::new(*x, *y)));
    let mut inside: Vec<Point<f64>> = grid.filter(|point| outline.contains(point)).collect();
    if inside.is_empty() {
        inside.extend(interior_point(outline));
    }
    inside
        .iter()
        .map(|point| Position {
            x_m: point.x(),
            y_m: point.y(),
            z_m: SEATED_HEIGHT_M,
        })
        .collect()
}

/// Middles of equal parts of about [`SPACING_M`] between two coordinates.
fn places(from: f64, to: f64) -> Vec<f64> {
    let count = ((to - from) / SPACING_M).round().clamp(1.0, MAX_PER_SIDE);
    (0..count as usize)
        .map(|index| from + (to - from) * (index as f64 + 0.5) / count)
        .collect()
}

#[cfg(test)]
mod tests {
    use geo::polygon;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_eight_metre_square_gets_sixteen_listeners_symmetric_about_its_middle() {
        let square = polygon![(x: 16.0, y: 8.0), (x: 24.0, y: 8.0), (x: 24.0, y: 16.0), (x: 16.0, y: 16.0)];
        let found = default_listeners(&square);
        assert_eq!(found.len(), 16);
        assert_eq!(
            found[0],
            Position {
                x_m: 17.0,
                y_m: 9.0,
                z_m: 1.2
            }
        );
        assert_eq!(found.iter().map(|listener| listener.x_m).sum::<f64>() / 16.0, 20.0);
    }

    #[test]
    fn a_narrow_crooked_zone_has_a_listener_inside() {
        // A grid of one column would fall into the notch.
        let hook = polygon![(x: 0.0, y: 0.0), (x: 3.0, y: 0.0), (x: 3.0, y: 1.0), (x: 2.9, y: 1.0), (x: 2.9, y: 0.1), (x: 0.1, y: 0.1), (x: 0.1, y: 1.0), (x: 0.0, y: 1.0)];
        let found = default_listeners(&hook);
        assert!(!found.is_empty());
        assert!(
            found
                .iter()
                .all(|listener| hook.contains(&Point::new(listener.x_m, listener.y_m)))
        );
    }

    proptest! {
        #[test]
        fn every_triangle_with_an_area_has_a_listener_and_all_are_inside(
            corners in prop::array::uniform3((-50.0..50.0f64, -50.0..50.0f64)),
        ) {
            let outline = Polygon::new(corners.to_vec().into(), vec![]);
            let found = default_listeners(&outline);
            prop_assert!(!found.is_empty());
            for listener in found {
                prop_assert!(outline.contains(&Point::new(listener.x_m, listener.y_m)));
            }
        }

        #[test]
        fn no_outline_makes_it_panic(corners in prop::collection::vec((any::<f64>(), any::<f64>()), 0..6)) {
            default_listeners(&Polygon::new(corners.into(), vec![]));
        }
    }
}
