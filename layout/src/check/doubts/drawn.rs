//! Screens and walls as lines, found by their place.

use geo::{BoundingRect, Coord, Euclidean, Length, Line};

use super::super::{TOLERANCE_M, is_a_place};
use crate::nearby::Nearby;
use crate::plan::Plan;

/// A screen or wall that can be calculated with.
pub(super) struct Drawn {
    /// Index into [`Plan::screens`].
    pub(super) index: usize,
    /// Index into [`Plan::floors`].
    pub(super) floor: usize,
    pub(super) line: Line<f64>,
    pub(super) length_m: f64,
    pub(super) is_wall: bool,
}

impl Drawn {
    /// How far a place is to the left of the line, on and on in both directions; negative to the right.
    pub(super) fn left_m(&self, place: Coord<f64>) -> f64 {
        self.local(place).y
    }

    /// A place as seen from the start: x along the line, y to the left of it.
    pub(super) fn local(&self, place: Coord<f64>) -> Coord<f64> {
        let (along, to) = (self.line.delta(), place - self.line.start);
        Coord {
            x: (to.x * along.x + to.y * along.y) / self.length_m,
            y: (along.x * to.y - along.y * to.x) / self.length_m,
        }
    }
}

/// All screens of a plan.
pub(super) struct Screens {
    drawn: Vec<Drawn>,
    nearby: Nearby,
}

impl Screens {
    pub(super) fn of(plan: &Plan) -> Self {
        let usable = |(index, screen): (usize, &crate::plan::Screen)| {
            let floor = plan.floors.get(screen.floor)?;
            let line = Line::new(screen.from, screen.to);
            let length_m = Euclidean.length(&line);
            let is_a_line = screen.from.into_iter().chain(screen.to).all(is_a_place) && length_m > TOLERANCE_M;
            is_a_line.then(|| Drawn {
                index,
                floor: screen.floor,
                line,
                length_m,
                is_wall: screen.is_wall(floor),
            })
        };
        let drawn: Vec<Drawn> = plan.screens.iter().enumerate().filter_map(usable).collect();
        let extents = drawn.iter().enumerate();
        let extents = extents.map(|(place, drawn)| (drawn.floor, place, drawn.line.bounding_rect()));
        let nearby = Nearby::of(plan.floors.len(), extents);
        Self { drawn, nearby }
    }

    /// In the order of the plan.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Drawn> {
        self.drawn.iter()
    }

    /// Others whose extent is at most some distance from that of one, in the order of the plan.
    pub(super) fn near(&self, one: &Drawn, distance_m: f64) -> Vec<&Drawn> {
        let mut near: Vec<&Drawn> = self
            .nearby
            .within(one.floor, one.line.bounding_rect(), distance_m)
            .map(|place| &self.drawn[place])
            .filter(|other| other.index != one.index)
            .collect();
        near.sort_unstable_by_key(|other| other.index);
        near
    }
}
