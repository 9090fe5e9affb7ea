//! Sound that floor, ceiling and walls send back.
//!
//! In an office that is wide, low and absorbing the reverberant sound falls with distance, much faster near the
//! source than diffuse-field theory says. Kuttruff's solution for two parallel surfaces that reflect diffusely
//! (Room Acoustics; in the form of Vér and Beranek, Noise and Vibration Control Engineering, 2nd ed., 7.6) gives it in closed form. Summed over the mirror images in the four walls it
//! becomes the classical 4/R in a small room, so one formula serves both.
//!
//! Barron's revised theory (Barron and Lee, JASA 84, 618 (1988)) was compared and not taken: it was made for concert
//! halls, divides the energy by the whole volume, and in a flat room of 60 m by 40 m falls 10 dB short at 2 m (tests/flat_room.rs holds
//! this module against sound particles).

use geo::{Area, BoundingRect, Coord, Euclidean, Length};

use crate::plan::{Floor, Position};

/// Mean absorption of a ceiling of which nothing is known: class B (ISO 11654).
const CEILING_ABSORPTION: f64 = 0.8;

/// Mean absorption of the floor, 250-4000 Hz: thin carpet on concrete, from next to nothing at low to 0.3 at high
/// frequencies.
const FLOOR_ABSORPTION: f64 = 0.1;

/// Mean absorption of the walls: plasterboard and glazing with shelves and curtains here and there.
const WALL_ABSORPTION: f64 = 0.1;

/// Floor and ceiling are never harder or softer than this on average; outside, Kuttruff's constant is unknown.
const ABSORPTION_RANGE: (f64, f64) = (0.05, 0.95);

/// Rooms lower than this are taken as this high, metres, so that no room is flat beyond sense.
const LOWEST_ROOM_M: f64 = 1.0;

/// Mirror images farther than this, metres, are left out; together they would add less than 0.1 dB.
const FARTHEST_IMAGE_M: f64 = 80.0;

/// 24 ln(10) / c (Sabine; ISO 3382-2), s/m.
const SABINE_S_PER_M: f64 = 0.161;

/// The reverberant field of one floor.
#[derive(Clone, Debug)]
pub(super) struct Reverberant {
    low: Coord<f64>,
    high: Coord<f64>,
    height_m: f64,
    /// Mean absorption of floor and ceiling.
    absorption: f64,
    /// Kuttruff's constant b for that absorption.
    spread: f64,
    reverberation_s: f64,
}

impl Reverberant {
    pub(super) fn of(floor: &Floor) -> Self {
        let bounds = floor.outline.bounding_rect();
        let (low, high) = bounds.map_or((Coord::zero(), Coord::zero()), |bounds| (bounds.min(), bounds.max()));
        let height_m = floor.height_m.max(LOWEST_ROOM_M);
        let area_m2 = floor.outline.unsigned_area().max(1.0);
        let walls_m2 = Euclidean.length(floor.outline.exterior()) * height_m;
        let surface_m2 = 2.0 * area_m2 + walls_m2;
        // Eyring: T = 0.161 V / (-S ln(1 - a)); Sabine is a quarter too long under ceilings as soft as an office's.
        let eyring_s = SABINE_S_PER_M * area_m2 * height_m / surface_m2;
        let by_ceiling = |ceiling: f64| (FLOOR_ABSORPTION + ceiling) / 2.0;
        let by_time = |measured_s: f64| {
            let mean = 1.0 - (-eyring_s / measured_s).exp();
            (mean * surface_m2 - WALL_ABSORPTION * walls_m2) / (2.0 * area_m2)
        };
        let estimated_s = |absorption: f64| {
            let mean = (2.0 * area_m2 * absorption + walls_m2 * WALL_ABSORPTION) / surface_m2;
            -eyring_s / (1.0 - mean).ln()
        };
        // Under a soft ceiling sound that runs along the floor dies late, so that T60 says too little about the absorption
        // that makes the level fall with distance: what is stated of the ceiling counts more.
        let (absorption, reverberation_s) = match (floor.absorption, floor.reverberation_s) {
            (Some(ceiling), Some(measured_s)) => (by_ceiling(ceiling), measured_s),
            (None, Some(measured_s)) => (by_time(measured_s), measured_s),
            (stated, None) => {
                let absorption = by_ceiling(stated.unwrap_or(CEILING_ABSORPTION));
                (absorption, estimated_s(absorption))
            }
        };
        let absorption = absorption.clamp(ABSORPTION_RANGE.0, ABSORPTION_RANGE.1);
        let spread = 1.5 * absorption.powf(-0.306);
        Self {
            low,
            high,
            height_m,
            absorption,
            spread,
            reverberation_s,
        }
    }

    /// T60, seconds: as stated, otherwise Eyring's.
    pub(super) fn reverberation_s(&self) -> f64 {
        self.reverberation_s
    }

    /// Energy at `to`, re the direct sound at 1 m.
    pub(super) fn energy(&self, from: Position, to: Position) -> f64 {
        let easts = Images::of(from.x_m, to.x_m, self.low.x, self.high.x);
        let norths = Images::of(from.y_m, to.y_m, self.low.y, self.high.y);
        let mut sum = 0.0;
        for (east_m, east_share) in easts {
            for (north_m, north_share) in norths.clone() {
                let squared_m2 = east_m * east_m + north_m * north_m;
                if squared_m2 <= FARTHEST_IMAGE_M * FARTHEST_IMAGE_M {
                    sum += east_share * north_share * self.between_two_surfaces(squared_m2);
                }
            }
        }
        sum
    }

    /// Kuttruff: 4 (1-a)/h² · [(1 + r²/h²)^(-3/2) + b (1-a)/a · (b² + r²/h²)^(-3/2)], b = 1.5 a^(-0.306).
    fn between_two_surfaces(&self, squared_m2: f64) -> f64 {
        let (reflected, spread) = (1.0 - self.absorption, self.spread);
        let height_m2 = self.height_m * self.height_m;
        let ratio = squared_m2 / height_m2;
        let once = to_minus_three_halves(1.0 + ratio);
        let often = spread * reflected / self.absorption * to_minus_three_halves(spread * spread + ratio);
        4.0 * reflected / height_m2 * (once + often)
    }
}

fn to_minus_three_halves(value: f64) -> f64 {
    1.0 / (value * value.sqrt())
}

/// The mirror images of a source along one axis: how far each is from the receiver, and the share of energy left.
#[derive(Clone)]
struct Images {
    from_m: f64,
    to_m: f64,
    middle_m: f64,
    width_m: f64,
    order: i32,
    last: i32,
}

impl Images {
    fn of(from_m: f64, to_m: f64, low_m: f64, high_m: f64) -> Self {
        let width_m = (high_m - low_m).max(1.0);
        let last = (FARTHEST_IMAGE_M / width_m).ceil() as i32 + 1;
        Self {
            from_m,
            to_m,
            middle_m: (low_m + high_m) / 2.0,
            width_m,
            order: -last,
            last,
        }
    }
}

impl Iterator for Images {
    type Item = (f64, f64);

    fn next(&mut self) -> Option<Self::Item> {
        while self.order <= self.last {
            let order = self.order;
            self.order += 1;
            let unfolded = if order % 2 == 0 {
                self.from_m
            } else {
                2.0 * self.middle_m - self.from_m
            };
            let distance_m = unfolded + f64::from(order) * self.width_m - self.to_m;
            if distance_m.abs() <= FARTHEST_IMAGE_M {
                return Some((distance_m, (1.0 - WALL_ABSORPTION).powi(order.abs())));
            }
        }
        None
    }
}
