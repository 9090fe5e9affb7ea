//! Which zones border on each other in the open.

use geo::{BoundingRect, Closest, ClosestPoint, Euclidean, InterpolateLine, Length, Line, Point, Polygon};

use super::parallel;
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

/// Per zone its neighbours, sorted, symmetric.
pub(crate) fn of(plan: &Plan, rooms: &[Room]) -> Vec<Vec<usize>> {
    let bounds: Vec<_> = plan.zones.iter().map(|zone| zone.outline.bounding_rect()).collect();
    let areas = plan.zones.iter().zip(&bounds).enumerate();
    let areas = areas.filter_map(|(index, (zone, bounds))| Some((zone.floor, index, (*bounds)?)));
    let nearby = Nearby::of(plan.floors.len(), areas);
    let later = parallel::map(plan.zones.len(), |one| {
        let floor = plan.zones[one].floor;
        let Some((room, bounds)) = rooms.get(floor).zip(bounds[one]) else {
            return Vec::new();
        };
        let outline = &plan.zones[one].outline;
        let open = |other: &usize| {
            let other = &plan.zones[*other].outline;
            is_open(outline, other, room.obstacles()) || is_open(other, outline, room.obstacles())
        };
        let near = nearby.within(floor, bounds, BORDER_M).filter(|other| *other > one);
        near.filter(open).collect::<Vec<_>>()
    });
    let mut neighbours = vec![Vec::new(); plan.zones.len()];
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
