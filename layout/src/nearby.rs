//! Who is near whom, found without comparing all with all.
//!
//! An R-tree per floor: building it costs a little more than the number of items, a question only the items near the
//! place that it is about. Whatever is derived from a plan grows with neighbours and not with zones squared.

use geo::{Coord, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::plan::Position;

/// Items with an extent, by floor and place.
pub(crate) struct Nearby(Vec<RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>>);

impl Nearby {
    /// From floor, index and extent of each item; items of floors that do not exist are left out.
    pub(crate) fn of(floors: usize, items: impl IntoIterator<Item = (usize, usize, Rect<f64>)>) -> Self {
        let mut by_floor = vec![Vec::new(); floors];
        for (floor, index, bounds) in items {
            if let Some(items) = by_floor.get_mut(floor) {
                items.push(GeomWithData::new(
                    Rectangle::from_corners(bounds.min().into(), bounds.max().into()),
                    index,
                ));
            }
        }
        Self(by_floor.into_iter().map(RTree::bulk_load).collect())
    }

    /// Indices of the items of a floor whose extent is at most some distance from another, in no particular order.
    pub(crate) fn within(&self, floor: usize, bounds: Rect<f64>, distance_m: f64) -> impl Iterator<Item = usize> {
        let (low, high) = (bounds.min(), bounds.max());
        let envelope = AABB::from_corners(
            [low.x - distance_m, low.y - distance_m],
            [high.x + distance_m, high.y + distance_m],
        );
        let is_near = |item: &&GeomWithData<Rectangle<[f64; 2]>, usize>| {
            let (lower, upper) = (item.geom().lower(), item.geom().upper());
            gap_m(bounds, Rect::new(Coord::from(lower), Coord::from(upper))) <= distance_m
        };
        let tree = self.0.get(floor).into_iter();
        let around = tree.flat_map(|tree| tree.locate_in_envelope_intersecting(&envelope));
        let near: Vec<usize> = around.filter(is_near).map(|item| item.data).collect();
        near.into_iter()
    }
}

/// A place as an extent.
pub(crate) fn place(position: Position) -> Rect<f64> {
    let at = Coord {
        x: position.x_m,
        y: position.y_m,
    };
    Rect::new(at, at)
}

/// The extent of all extents together; `None` for none.
pub(crate) fn around(extents: impl IntoIterator<Item = Rect<f64>>) -> Option<Rect<f64>> {
    extents.into_iter().reduce(|one, other| {
        let (low, high) = (one.min(), one.max());
        Rect::new(
            Coord {
                x: low.x.min(other.min().x),
                y: low.y.min(other.min().y),
            },
            Coord {
                x: high.x.max(other.max().x),
                y: high.y.max(other.max().y),
            },
        )
    })
}

/// Distance between two extents, metres; 0 when they touch.
pub(crate) fn gap_m(one: Rect<f64>, other: Rect<f64>) -> f64 {
    let east = (one.min().x - other.max().x).max(other.min().x - one.max().x).max(0.0);
    let north = (one.min().y - other.max().y).max(other.min().y - one.max().y).max(0.0);
    east.hypot(north)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_same_items_are_near_as_by_comparing_all_with_all(
            items in prop::collection::vec((0..3usize, (-50.0..50.0f64, -50.0..50.0f64), (0.0..9.0f64, 0.0..9.0f64)), 0..60),
            distance_m in 0.0..40.0f64,
        ) {
            let extent = |(x, y): (f64, f64), (width, depth): (f64, f64)| {
                Rect::new(Coord { x, y }, Coord { x: x + width, y: y + depth })
            };
            let all: Vec<_> = items.iter().enumerate().map(|(index, item)| (item.0, index, extent(item.1, item.2))).collect();
            let nearby = Nearby::of(2, all.iter().copied());
            for (floor, _, bounds) in &all {
                let mut found: Vec<usize> = nearby.within(*floor, *bounds, distance_m).collect();
                found.sort_unstable();
                let near = |other: &&(usize, usize, Rect<f64>)| {
                    *floor < 2 && other.0 == *floor && gap_m(*bounds, other.2) <= distance_m
                };
                let expected: Vec<usize> = all.iter().filter(near).map(|other| other.1).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
