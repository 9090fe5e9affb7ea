//! Screens that stand on both sides of a wall.
//!
//! Two walls that cross are an ordinary building. A screen that ends at a wall, or pokes into it, is one drawn nearly.

use std::collections::HashMap;

use geo::Coord;

use super::super::{Field, Item};
use super::drawn::{Drawn, Screens};
use super::{Doubt, DoubtKind};
use crate::plan::Plan;

/// An end this far from the line of the other is clearly on one side of it, metres: more than a thick wall.
const CLEAR_M: f64 = 0.3;

/// Pieces of a wall whose ends are no farther apart are one wall, metres.
const JOINT_M: f64 = 0.05;

/// Two pieces of a wall that turn by less are straight: cosine of 10°.
const STRAIGHT: f64 = 0.985;

/// Crossings of one screen beyond this tell nothing new.
const MOST_PER_SCREEN: usize = 4;

pub(super) fn find(plan: &Plan, screens: &Screens) -> Vec<Doubt> {
    let walls = screens.iter().filter(|screen| screen.is_wall);
    let reaches: HashMap<usize, [Coord<f64>; 2]> = walls.map(|wall| (wall.index, reach(wall, screens))).collect();
    let mut doubts = Vec::new();
    for screen in screens.iter().filter(|screen| !screen.is_wall) {
        let mut told: Vec<Coord<f64>> = Vec::new();
        for wall in screens.near(screen, JOINT_M) {
            let Some(at) = reaches.get(&wall.index).and_then(|reach| crossing(screen, wall, *reach)) else {
                continue;
            };
            // The faces of one thick wall, or two pieces of one wall, are told once.
            let is_told = told.iter().any(|other| distance_m(*other, at) < CLEAR_M);
            if !is_told && told.len() < MOST_PER_SCREEN {
                told.push(at);
                doubts.push(doubt(plan, screen, wall, at));
            }
        }
    }
    doubts
}

fn doubt(plan: &Plan, screen: &Drawn, wall: &Drawn, at: Coord<f64>) -> Doubt {
    let [from_m, to_m] = [screen.line.start, screen.line.end].map(|end| wall.left_m(end).abs());
    Doubt {
        item: Item::Screen(screen.index),
        // The end that is less far behind the wall is the one that should stop there.
        field: Some(if from_m < to_m { Field::From } else { Field::To }),
        other: Item::Screen(wall.index),
        kind: DoubtKind::ThroughWall {
            floor: plan.floors[screen.floor].id.clone(),
            screen: screen.index + 1,
            wall: wall.index + 1,
            behind_m: from_m.min(to_m),
            x_m: at.x,
            y_m: at.y,
        },
    }
}

/// How far a wall reaches beyond each of its ends: to the far end of the longest piece that continues it, or not at all.
fn reach(wall: &Drawn, screens: &Screens) -> [Coord<f64>; 2] {
    let near = screens.near(wall, JOINT_M);
    let continues = |next: &&&Drawn| {
        let (along, turned) = (wall.line.delta(), next.line.delta());
        let cosine = (along.x * turned.x + along.y * turned.y) / (wall.length_m * next.length_m);
        next.is_wall && cosine.abs() >= STRAIGHT
    };
    let next: Vec<&Drawn> = near.iter().filter(continues).copied().collect();
    [wall.line.start, wall.line.end].map(|end| {
        let ways = next.iter().flat_map(|next| {
            let (start, end) = next.line.points();
            [(start.0, end.0), (end.0, start.0)]
        });
        let beyond = ways.filter(|way| distance_m(way.0, end) <= JOINT_M).map(|way| way.1);
        beyond
            .chain([end])
            .max_by(|one, other| distance_m(*one, end).total_cmp(&distance_m(*other, end)))
            .unwrap_or(end)
    })
}

/// Where a screen goes through a wall with some reach, if both go on behind the other.
fn crossing(screen: &Drawn, wall: &Drawn, reach: [Coord<f64>; 2]) -> Option<Coord<f64>> {
    let [from_m, to_m] = [screen.line.start, screen.line.end].map(|end| wall.left_m(end));
    let [start_m, end_m] = [wall.line.start, wall.line.end].map(|end| screen.left_m(end));
    let [start_reach_m, end_reach_m] = reach.map(|end| screen.left_m(end));
    // Where two pieces of a wall meet at the screen, one of them alone ends there.
    let meets = start_m * end_m <= 0.0 || start_m.abs().min(end_m.abs()) <= JOINT_M;
    let wall_goes_on = are_apart(start_m, end_m) || are_apart(start_reach_m, end_m) || are_apart(start_m, end_reach_m);
    let goes_through = are_apart(from_m, to_m) && meets && wall_goes_on;
    goes_through.then(|| screen.line.start + screen.line.delta() * (from_m / (from_m - to_m)))
}

/// Whether two places, left of a line by so much, are clearly on different sides of it.
fn are_apart(one_m: f64, other_m: f64) -> bool {
    one_m.min(other_m) <= -CLEAR_M && one_m.max(other_m) >= CLEAR_M
}

fn distance_m(one: Coord<f64>, other: Coord<f64>) -> f64 {
    (one.x - other.x).hypot(one.y - other.y)
}
