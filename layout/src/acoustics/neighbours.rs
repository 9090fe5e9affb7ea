//! Which zones border on each other in the open.

use geo::{BoundingRect, Closest, ClosestPoint, Euclidean, InterpolateLine, Length, Line, Point, Polygon};

use super::{parallel, rooms};
use crate::nearby::Nearby;
use crate::plan::Plan;
use crate::propagation::{Obstacles, Room};

/// Zones farther apart than this do not border on each other, metres: the width of a passage between desks.
const BORDER_M: f64 = 1.5;

/// Distance between the places of a border that are looked at, metres: narrower than a door.
const STEP_M: f64 = 0.25;

/// Most places looked at along one side of an outline.
const MAX_STEPS: f64 = 400.0;

/// A wall this near to the shortest line across the border separates it, metres: drawings are rarely exact.
pub(crate) const WALL_MARGIN_M: f64 = 0.05;

/// What borders on each zone of a plan in the open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borders {
    /// Per zone: other zones, sorted, symmetric.
    pub zones: Vec<Vec<usize>>,
    /// Per zone: remote zones, by their own index, sorted.
    pub remote_zones: Vec<Vec<usize>>,
}

impl Borders {
    /// Of a plan without faults.
    pub fn of(plan: &Plan) -> Self {
        Self::in_rooms(plan, &rooms(plan))
    }

    pub(crate) fn in_rooms(plan: &Plan, rooms: &[Room]) -> Self {
        let zones = plan.zones.iter().map(|zone| (zone.floor, &zone.outline));
        let remote = plan.remote_zones.iter().map(|zone| (zone.floor, &zone.outline));
        let count = plan.zones.len();
        let mut all = between(&zones.chain(remote).collect::<Vec<_>>(), rooms);
        all.truncate(count);
        let is_remote = |other: &usize| *other >= count;
        let remote = |others: &Vec<usize>| others.iter().copied().filter(is_remote).map(|other| other - count).collect();
        let remote_zones = all.iter().map(remote).collect();
        all.iter_mut().for_each(|others| others.retain(|other| !is_remote(other)));
        Self {
            zones: all,
            remote_zones,
        }
    }
}

/// Per area, of a floor and an outline, its neighbours, sorted, symmetric.
fn between(areas: &[(usize, &Polygon<f64>)], rooms: &[Room]) -> Vec<Vec<usize>> {
    let bounds: Vec<_> = areas.iter().map(|(_, outline)| outline.bounding_rect()).collect();
    let extents = areas.iter().zip(&bounds).enumerate();
    let extents = extents.filter_map(|(index, ((floor, _), bounds))| Some((*floor, index, (*bounds)?)));
    let nearby = Nearby::of(rooms.len(), extents);
    let later = parallel::map(areas.len(), |one| {
        let (floor, outline) = areas[one];
        let Some((room, bounds)) = rooms.get(floor).zip(bounds[one]) else {
            return Vec::new();
        };
        let open = |other: &usize| {
            let (_, other) = areas[*other];
            is_open(outline, other, room.obstacles()) || is_open(other, outline, room.obstacles())
        };
        let near = nearby.within(floor, bounds, BORDER_M).filter(|other| *other > one);
        near.filter(open).collect::<Vec<_>>()
    });
    let mut neighbours = vec![Vec::new(); areas.len()];
    for (one, others) in later.into_iter().enumerate() {
        for other in others {
            neighbours[one].push(other);
            neighbours[other].push(one);
        }
    }
    for zone in &mut neighbours {
        zone.sort_unstable();
    }
    neighbours
}

/// Whether somewhere along the first outline the second is near and no wall stands between.
fn is_open(along: &Polygon<f64>, other: &Polygon<f64>, obstacles: &Obstacles) -> bool {
    along.exterior().lines().flat_map(places).any(|place| {
        let nearest = match other.exterior().closest_point(&place) {
            Closest::Intersection(point) | Closest::SinglePoint(point) => point,
            Closest::Indeterminate => return false,
        };
        Euclidean.length(&Line::new(place, nearest)) <= BORDER_M && !obstacles.wall_between(place, nearest, WALL_MARGIN_M)
    })
}

/// Middles of the steps along a side.
pub(crate) fn places(side: Line<f64>) -> impl ExactSizeIterator<Item = Point<f64>> {
    let steps = (Euclidean.length(&side) / STEP_M).ceil().clamp(1.0, MAX_STEPS);
    (0..steps as usize).map(move |step| Euclidean.point_at_ratio_from_start(&side, (step as f64 + 0.5) / steps))
}
