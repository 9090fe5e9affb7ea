//! The screens and walls between two places.

use crate::acoustics::BAND_COUNT;
use crate::plan::{Floor, Position, Screen};
use crate::spectrum::energy;

use super::screen::{detour_m, transmissions};

/// Two walls that a path meets this close together are one corner and count once, metres.
const CORNER_M: f64 = 0.02;

/// Screens and walls of a floor, or the few of them that can matter for some part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Obstacles {
    screens: Vec<Edge>,
    walls: Vec<Edge>,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    from: [f64; 2],
    to: [f64; 2],
    height_m: f64,
    /// Share of the energy that goes through it.
    through: f64,
}

/// What gets through, as shares of energy.
pub(super) struct Transmission {
    /// Through or over the screens, per band; `None` when no screen stands in the way.
    pub(super) screens: Option<[f64; BAND_COUNT]>,
    /// Through the walls, for direct and reverberant sound alike.
    pub(super) walls: f64,
}

impl Obstacles {
    pub(crate) fn of<'a>(floor: &Floor, screens: impl Iterator<Item = &'a Screen>) -> Self {
        let mut obstacles = Self::default();
        for screen in screens {
            let edge = Edge {
                from: screen.from,
                to: screen.to,
                height_m: screen.height_m,
                through: energy(-screen.reduction_db.max(0.0)),
            };
            if screen.is_wall(floor) {
                obstacles.walls.push(edge)
            } else {
                obstacles.screens.push(edge)
            }
        }
        obstacles
    }

    /// Those that can stand between any two of some places.
    pub(crate) fn between(&self, places: impl Iterator<Item = Position>) -> Self {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        for Position { x_m, y_m, .. } in places {
            low = [low[0].min(x_m), low[1].min(y_m)];
            high = [high[0].max(x_m), high[1].max(y_m)];
        }
        let reaches = |edge: &&Edge| {
            (0..2).all(|axis| edge.from[axis].min(edge.to[axis]) <= high[axis] && edge.from[axis].max(edge.to[axis]) >= low[axis])
        };
        Self {
            screens: self.screens.iter().filter(reaches).copied().collect(),
            walls: self.walls.iter().filter(reaches).copied().collect(),
        }
    }

    /// Those that can stand between any place of one group and any of another.
    ///
    /// All ways from group to group run inside the strip around both, and the strip is narrow where they are far apart.
    pub(crate) fn between_groups(&self, one: &[Position], other: &[Position]) -> Self {
        let all = || one.iter().chain(other);
        let mut near = self.between(all().copied());
        let middle = |group: &[Position]| {
            let count = group.len().max(1) as f64;
            let sum = |of: fn(&Position) -> f64| group.iter().map(of).sum::<f64>() / count;
            [sum(|at| at.x_m), sum(|at| at.y_m)]
        };
        let (from, to) = (middle(one), middle(other));
        let across = |[x, y]: [f64; 2]| x * (from[1] - to[1]) + y * (to[0] - from[0]);
        let low = all().map(|at| across([at.x_m, at.y_m])).fold(f64::INFINITY, f64::min);
        let high = all().map(|at| across([at.x_m, at.y_m])).fold(f64::NEG_INFINITY, f64::max);
        let is_in_strip = |edge: &Edge| {
            let (from, to) = (across(edge.from), across(edge.to));
            from.min(to) <= high && from.max(to) >= low
        };
        near.screens.retain(is_in_strip);
        near.walls.retain(is_in_strip);
        near
    }

    /// Whether a wall stands on or comes within `margin_m` of the straight line between two points.
    pub(crate) fn wall_between(&self, from: geo::Point<f64>, to: geo::Point<f64>, margin_m: f64) -> bool {
        use geo::{Distance, Euclidean, Line};
        let line = Line::new(from, to);
        self.walls.iter().any(|wall| {
            let wall = Line::new(wall.from, wall.to);
            Euclidean.distance(&line, &wall) <= margin_m
        })
    }

    /// Share of the energy that walls let through.
    fn through_walls(&self, from: Position, to: Position) -> f64 {
        let mut crossed: Vec<(f64, f64)> = Vec::new();
        let corner = CORNER_M / from.distance_m(to).max(CORNER_M);
        for wall in &self.walls {
            let Some(share) = wall.crossing(from, to) else { continue };
            match crossed.iter_mut().find(|(other, _)| (share - *other).abs() < corner) {
                Some((_, least)) => *least = least.min(wall.through),
                None => crossed.push((share, wall.through)),
            }
        }
        crossed.iter().map(|(_, through)| through).product()
    }

    /// Share of the energy that screens let through: of several in a row, in each band, the one that takes the most.
    ///
    /// ISO 9613-2 gives a second screen a few decibels more; leaving them out errs towards more audible speech.
    fn over_screens(&self, from: Position, to: Position) -> Option<[f64; BAND_COUNT]> {
        let mut least: Option<[f64; BAND_COUNT]> = None;
        for screen in &self.screens {
            let Some(share) = screen.crossing(from, to) else { continue };
            let detour_m = detour_m(from, to, share, screen.height_m);
            let through = transmissions(detour_m, screen.through);
            let least = least.get_or_insert(through);
            for (least, through) in least.iter_mut().zip(through) {
                *least = least.min(through);
            }
        }
        least
    }

    pub(super) fn transmission(&self, from: Position, to: Position) -> Transmission {
        Transmission {
            screens: self.over_screens(from, to),
            walls: self.through_walls(from, to),
        }
    }
}

impl Edge {
    /// How far along the way, 0..=1 and seen from above, this edge is crossed or touched.
    fn crossing(&self, from: Position, to: Position) -> Option<f64> {
        let way = [to.x_m - from.x_m, to.y_m - from.y_m];
        let along = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let start = [self.from[0] - from.x_m, self.from[1] - from.y_m];
        let cross = |a: [f64; 2], b: [f64; 2]| a[0] * b[1] - a[1] * b[0];
        let area = cross(way, along);
        if area == 0.0 {
            return None;
        }
        let (share, place) = (cross(start, along) / area, cross(start, way) / area);
        ((0.0..=1.0).contains(&share) && (0.0..=1.0).contains(&place)).then_some(share)
    }
}
