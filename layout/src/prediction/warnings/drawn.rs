//! What can be, but was hardly meant: gaps between zones, screens that go through walls.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Distance, Euclidean, Line};

use super::WarningKind;
use crate::plan::{Plan, Screen};

/// Zones this near to each other were meant to touch, metres; from there on it is a passage.
const GAP_M: f64 = 0.5;

/// Nearer is inexact drawing, metres.
const TOUCHING_M: f64 = 0.01;

/// A screen may stick into a wall this far, metres: half the wall's thickness.
const INTO_WALL_M: f64 = 0.15;

/// Strips between a zone and those later in the plan that border on it in the open.
pub(super) fn gaps(plan: &Plan, zone: usize, neighbours: &[usize]) -> Vec<WarningKind> {
    let later = neighbours
        .iter()
        .filter(|other| **other > zone)
        .map(|other| &plan.zones[*other]);
    let gap = |other: &crate::plan::Zone| {
        let gap_m = Euclidean.distance(&plan.zones[zone].outline, &other.outline);
        (gap_m > TOUCHING_M && gap_m <= GAP_M).then(|| WarningKind::Gap {
            zone: plan.zones[zone].id.clone(),
            other: other.id.clone(),
            gap_m,
        })
    };
    later.filter_map(gap).collect()
}

/// Screens, walls too, that cross a wall and go on behind it.
pub(super) fn through_walls(plan: &Plan) -> Vec<WarningKind> {
    let is_wall = |screen: &Screen| plan.floors.get(screen.floor).is_some_and(|floor| screen.is_wall(floor));
    let walls: Vec<(usize, &Screen)> = plan
        .screens
        .iter()
        .enumerate()
        .filter(|(_, screen)| is_wall(screen))
        .collect();
    let mut kinds = Vec::new();
    for (index, screen) in plan.screens.iter().enumerate() {
        for (wall_index, wall) in &walls {
            // Two walls are told once.
            if screen.floor != wall.floor || *wall_index == index || (is_wall(screen) && *wall_index < index) {
                continue;
            }
            if let Some(at) = crossing(screen, wall) {
                kinds.push(WarningKind::ThroughWall {
                    floor: plan.floors[screen.floor].id.clone(),
                    screen: index + 1,
                    wall: wall_index + 1,
                    x_m: at.x,
                    y_m: at.y,
                });
            }
        }
    }
    kinds
}

/// Where two lines cross, if both go on behind the other.
fn crossing(one: &Screen, other: &Screen) -> Option<Coord<f64>> {
    let lines = [one, other].map(|screen| Line::new(screen.from, screen.to));
    let Some(LineIntersection::SinglePoint { intersection, .. }) = line_intersection(lines[0], lines[1]) else {
        return None;
    };
    let rest_m = |end: Coord<f64>| (end.x - intersection.x).hypot(end.y - intersection.y);
    let goes_on = |line: &Line<f64>| rest_m(line.start) > INTO_WALL_M && rest_m(line.end) > INTO_WALL_M;
    lines.iter().all(goes_on).then_some(intersection)
}
