//! Lines over workplaces along which a measuring engineer would measure.

use std::f64::consts::{FRAC_PI_4, PI};

use geo::Point;

use crate::nearby::{self, Nearby};
use crate::plan::{Plan, Position, ZoneKind};
use crate::propagation::Room;

/// A line that is looked for reaches this far, metres (ISO 3382-3:2022, 5.3).
const LONGEST_M: f64 = 16.0;

/// Nearer to the talker nothing is read, metres.
const NEAREST_M: f64 = 2.0;

/// A workplace at most this far beside the line is on it, metres: half a desk.
const BESIDE_M: f64 = 1.0;

/// Workplaces on a line are at least this far apart, metres.
const STEP_M: f64 = 1.5;

/// Fewer workplaces make no path.
const LEAST_WORKPLACES: usize = 4;

/// The standard asks for two paths at least; more than this of a floor tell nothing new.
const MOST_PATHS: usize = 4;

/// Paths that run about parallel and nearer than this to each other tell the same, metres.
const APART_M: f64 = 6.0;

/// Most workplaces of a floor that are tried as the place of the talker.
const MOST_TALKERS: usize = 240;

/// One seat: a zone and one of its listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Workplace {
    /// Index into [`Plan::zones`].
    pub zone: usize,
    /// Index into its listeners.
    pub listener: usize,
}

impl Workplace {
    /// Where it is.
    pub fn position(self, plan: &Plan) -> Position {
        plan.zones[self.zone].listeners[self.listener]
    }
}

/// A talker and the workplaces at which to read, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurementPath {
    /// Index into [`Plan::floors`].
    pub floor: usize,
    /// Where the talker sits.
    pub talker: Workplace,
    /// Where to read.
    pub readings: Vec<Workplace>,
}

/// Up to four paths per floor, the longest and best filled first; none where fewer than four workplaces stand in a line.
///
/// They run over workplaces of open areas: not into meeting rooms, along corridors or through walls.
pub fn measurement_paths(plan: &Plan) -> Vec<MeasurementPath> {
    (0..plan.floors.len()).flat_map(|floor| of_floor(plan, floor)).collect()
}

fn of_floor(plan: &Plan, floor: usize) -> Vec<MeasurementPath> {
    let screens = plan.screens.iter().filter(|screen| screen.floor == floor);
    let room = Room::new(&plan.floors[floor], screens);
    let seats = workplaces(plan, floor);
    let places: Vec<Position> = seats.iter().map(|seat| seat.position(plan)).collect();
    let extents = places.iter().enumerate().map(|(index, at)| (0, index, nearby::place(*at)));
    let nearby = Nearby::of(1, extents);
    let stride = seats.len().div_ceil(MOST_TALKERS).max(1);
    let mut lines: Vec<Line> = (0..seats.len())
        .step_by(stride)
        .filter_map(|talker| Line::longest(&room, &places, &nearby, talker))
        .collect();
    lines.sort_by(|one, other| other.score().total_cmp(&one.score()));
    let mut chosen: Vec<Line> = Vec::new();
    for line in lines {
        if chosen.len() < MOST_PATHS && !chosen.iter().any(|other| line.resembles(other)) {
            chosen.push(line);
        }
    }
    let path = |line: Line| MeasurementPath {
        floor,
        talker: seats[line.talker],
        readings: line.seats.iter().map(|seat| seats[*seat]).collect(),
    };
    chosen.into_iter().map(path).collect()
}

/// Where people work in the open.
fn workplaces(plan: &Plan, floor: usize) -> Vec<Workplace> {
    let zones = plan.zones.iter().enumerate().filter(|(_, zone)| {
        zone.floor == floor && matches!(zone.kind, ZoneKind::Focus | ZoneKind::Collaboration | ZoneKind::Social)
    });
    let seats = zones.flat_map(|(zone, item)| (0..item.listeners.len()).map(move |listener| Workplace { zone, listener }));
    seats.collect()
}

/// A talker and who sits in one direction of him.
struct Line {
    talker: usize,
    at: Point<f64>,
    /// Radians from east, counter-clockwise.
    direction: f64,
    seats: Vec<usize>,
    length_m: f64,
}

impl Line {
    /// The best of the lines from a talker towards each workplace around.
    fn longest(room: &Room, places: &[Position], nearby: &Nearby, talker: usize) -> Option<Self> {
        let from = places[talker];
        let at = Point::new(from.x_m, from.y_m);
        let around: Vec<(usize, f64, f64)> = nearby
            .within(0, nearby::place(from), LONGEST_M)
            .map(|seat| (seat, places[seat].x_m - from.x_m, places[seat].y_m - from.y_m))
            .filter(|(_, east_m, north_m)| (NEAREST_M..=LONGEST_M).contains(&east_m.hypot(*north_m)))
            .filter(|(seat, ..)| {
                let to = Point::new(places[*seat].x_m, places[*seat].y_m);
                !room.obstacles().wall_between(at, to, 0.0)
            })
            .collect();
        let lines = around.iter().map(|(_, east_m, north_m)| {
            let direction = north_m.atan2(*east_m);
            let (seats, length_m) = along(&around, direction);
            Self {
                talker,
                at,
                direction,
                seats,
                length_m,
            }
        });
        let usable = lines.filter(|line| line.seats.len() >= LEAST_WORKPLACES);
        usable.max_by(|one, other| {
            let better = one.score().total_cmp(&other.score());
            // Of equals the one with the lower direction, so that the order of the seats does not matter.
            better.then(other.direction.total_cmp(&one.direction))
        })
    }

    /// Length counts as much as a workplace per two metres.
    fn score(&self) -> f64 {
        self.length_m / 2.0 + self.seats.len() as f64
    }

    /// Whether both tell about the same place: about parallel, near each other, and side by side for some way.
    fn resembles(&self, other: &Self) -> bool {
        let turn = (self.direction - other.direction).rem_euclid(PI);
        if (FRAC_PI_4..=PI - FRAC_PI_4).contains(&turn) {
            return false;
        }
        let (sine, cosine) = other.direction.sin_cos();
        let to = self.at - other.at;
        let (start_m, beside_m) = (to.x() * cosine + to.y() * sine, to.y() * cosine - to.x() * sine);
        let end_m = start_m + self.length_m * (self.direction - other.direction).cos();
        beside_m.abs() < APART_M && start_m.min(end_m) < other.length_m && start_m.max(end_m) > 0.0
    }
}

/// Those near a line in some direction, nearest first and not too close to each other, and how far the last is.
fn along(around: &[(usize, f64, f64)], direction: f64) -> (Vec<usize>, f64) {
    let (sine, cosine) = direction.sin_cos();
    let on_line = around.iter().filter_map(|(seat, east_m, north_m)| {
        let (ahead_m, beside_m) = (east_m * cosine + north_m * sine, north_m * cosine - east_m * sine);
        (ahead_m > 0.0 && beside_m.abs() <= BESIDE_M).then_some((*seat, ahead_m, beside_m.abs()))
    });
    let mut on_line: Vec<(usize, f64, f64)> = on_line.collect();
    on_line.sort_by(|one, other| (one.1 + one.2).total_cmp(&(other.1 + other.2)).then(one.0.cmp(&other.0)));
    let mut last_m = f64::NEG_INFINITY;
    let mut seats = Vec::new();
    for (seat, ahead_m, _) in on_line {
        if ahead_m - last_m >= STEP_M {
            seats.push(seat);
            last_m = ahead_m;
        }
    }
    (seats, last_m.max(0.0))
}

#[cfg(test)]
mod tests;
