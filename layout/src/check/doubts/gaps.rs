//! Strips of floor between two zones whose edges were meant to touch.
//!
//! Floor without a zone is ordinary: corridors, stairs, rooms without masking. Only a strip too narrow to walk through
//! is a mistake, and not even that where a wall fills it.

use geo::{BoundingRect, Closest, ClosestPoint, Contains, Coord, Euclidean, Length, Line, Point, Polygon, Rect};

use super::super::{Field, Item, TOLERANCE_M, outline};
use super::{Doubt, DoubtKind};
use crate::acoustics::neighbours::{WALL_MARGIN_M, places};
use crate::acoustics::rooms;
use crate::nearby::{Nearby, gap_m};
use crate::plan::{Plan, Position};
use crate::propagation::Room;

/// Zones this near to each other were meant to touch, metres; from there on it is a passage.
const GAP_M: f64 = 0.5;

/// A strip that is mostly wider than [`GAP_M`], but no more than this, is a passage with a narrow place, metres.
const PASSAGE_M: f64 = 1.5;

/// A shorter strip is a niche or the place where the corners of two zones meet, metres.
const SHORTEST_M: f64 = 1.0;

/// What lies opposite is at most this far off the perpendicular: cosine of 30°.
const OPPOSITE: f64 = 0.866;

pub(super) fn find(plan: &Plan) -> Vec<Doubt> {
    let zones = Zones::of(plan);
    let pairs = (0..plan.zones.len()).flat_map(|zone| zones.earlier(zone).into_iter().map(move |other| (zone, other)));
    let doubt = |(zone, other): (usize, usize)| {
        let strip = zones.strip(zone, other)?;
        let (x_m, y_m) = strip.middle().x_y();
        Some(Doubt {
            item: Item::Zone(zone),
            field: Some(Field::Outline),
            other: Item::Zone(other),
            kind: DoubtKind::Gap {
                zone: plan.zones[zone].id.clone(),
                other: plan.zones[other].id.clone(),
                gap_m: strip.widest_m,
                length_m: strip.length_m,
                x_m,
                y_m,
            },
        })
    };
    pairs.filter_map(doubt).collect()
}

/// The zones that can be calculated with, found by their place.
struct Zones<'a> {
    plan: &'a Plan,
    rooms: Vec<Room>,
    extents: Vec<Option<Rect<f64>>>,
    nearby: Nearby,
}

impl<'a> Zones<'a> {
    fn of(plan: &'a Plan) -> Self {
        let is_usable = |outline: &Polygon<f64>| outline::check(outline).is_ok();
        let floors: Vec<bool> = plan.floors.iter().map(|floor| is_usable(&floor.outline)).collect();
        let extent = |zone: &crate::plan::Zone| {
            let usable = floors.get(zone.floor).is_some_and(|floor| *floor) && is_usable(&zone.outline);
            usable.then(|| zone.outline.bounding_rect()).flatten()
        };
        let extents: Vec<Option<Rect<f64>>> = plan.zones.iter().map(extent).collect();
        let items = plan.zones.iter().zip(&extents).enumerate();
        let items = items.filter_map(|(index, (zone, extent))| Some((zone.floor, index, (*extent)?)));
        Self {
            plan,
            rooms: rooms(plan),
            nearby: Nearby::of(plan.floors.len(), items),
            extents,
        }
    }

    /// Zones before one in the plan that are near it.
    fn earlier(&self, zone: usize) -> Vec<usize> {
        let Some(extent) = self.extents[zone] else {
            return Vec::new();
        };
        let near = self.nearby.within(self.plan.zones[zone].floor, extent, GAP_M);
        let mut earlier: Vec<usize> = near.filter(|other| *other < zone).collect();
        earlier.sort_unstable();
        earlier
    }

    /// The gap between two zones, if there is one.
    fn strip(&self, zone: usize, other: usize) -> Option<Strip> {
        let (extent, floor) = (self.extents[other]?, self.plan.zones[zone].floor);
        let other = &self.plan.zones[other].outline;
        let obstacles = self.rooms[floor].obstacles().between(around(self.extents[zone]?).into_iter());
        let mut strip = Strip::default();
        let sides = self.plan.zones[zone].outline.exterior().lines();
        for side in sides.filter(|side| gap_m(side.bounding_rect(), extent) <= PASSAGE_M) {
            let places = places(side);
            let step_m = Euclidean.length(&side) / places.len() as f64;
            for place in places {
                let Some(across) = across(side, place, other) else { continue };
                if self.is_open_floor(floor, across) && !obstacles.wall_between(place, across.end_point(), WALL_MARGIN_M) {
                    strip.add(across, step_m);
                }
            }
        }
        strip.is_gap().then_some(strip)
    }

    /// Whether the middle of a line is on the floor and in no zone.
    fn is_open_floor(&self, floor: usize, line: Line<f64>) -> bool {
        let middle = middle(line);
        let at = Rect::new(middle, middle);
        let mut here = self.nearby.within(floor, at, 0.0);
        self.plan.floors[floor].outline.contains(&middle) && !here.any(|zone| self.plan.zones[zone].outline.contains(&middle))
    }
}

/// The corners of what a gap or passage along an extent can reach.
fn around(extent: Rect<f64>) -> [Position; 2] {
    let at = |corner: Coord<f64>, out_m: f64| Position {
        x_m: corner.x + out_m,
        y_m: corner.y + out_m,
        z_m: 0.0,
    };
    let reach_m = PASSAGE_M + WALL_MARGIN_M;
    [at(extent.min(), -reach_m), at(extent.max(), reach_m)]
}

/// The line from a place on a side to what lies opposite of it, if that is near.
fn across(side: Line<f64>, place: Point<f64>, other: &Polygon<f64>) -> Option<Line<f64>> {
    let nearest = match other.exterior().closest_point(&place) {
        Closest::Intersection(point) | Closest::SinglePoint(point) => point,
        Closest::Indeterminate => return None,
    };
    let across = Line::new(place, nearest);
    let (along, to) = (side.delta(), across.delta());
    let (length_m, width_m) = (Euclidean.length(&side), Euclidean.length(&across));
    let is_opposite = (along.x * to.y - along.y * to.x).abs() >= OPPOSITE * length_m * width_m;
    (is_opposite && width_m > TOLERANCE_M && width_m <= PASSAGE_M).then_some(across)
}

fn middle(line: Line<f64>) -> Coord<f64> {
    line.start + line.delta() / 2.0
}

/// What lies open between two zones, piece by piece.
#[derive(Default)]
struct Strip {
    /// Of the narrow pieces.
    length_m: f64,
    widest_m: f64,
    /// Sum of their middles, each as heavy as it is long.
    middles: Coord<f64>,
    /// Length of the wider ones.
    passage_m: f64,
}

impl Strip {
    fn add(&mut self, across: Line<f64>, length_m: f64) {
        let width_m = Euclidean.length(&across);
        if width_m > GAP_M {
            self.passage_m += length_m;
            return;
        }
        self.length_m += length_m;
        self.widest_m = self.widest_m.max(width_m);
        self.middles = self.middles + middle(across) * length_m;
    }

    fn is_gap(&self) -> bool {
        self.length_m >= SHORTEST_M && self.length_m > self.passage_m
    }

    fn middle(&self) -> Point<f64> {
        Point(self.middles / self.length_m)
    }
}
