//! Where zones, seats, microphones and loudspeakers are in a simulated office.

use super::room::Room;
use crate::sounds::random::Random;

/// A place on the floor, metres to the east and to the north.
pub type Place = [f64; 2];

/// Loudspeakers per zone and side: about 3 m apart, as usual under ceilings of 2.7 m.
const LOUDSPEAKERS_PER_SIDE: usize = 2;

/// Seats may stand this far from a regular grid, metres.
const SEAT_JITTER_M: f64 = 0.4;

/// Where somebody sits, talks and listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seat {
    /// Zone it stands in.
    pub zone: usize,
    /// Where.
    pub place: Place,
}

/// The size of an office.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Zones side by side.
    pub columns: usize,
    /// Zones one behind the other.
    pub rows: usize,
    /// Extent of a zone to the east, metres.
    pub zone_width_m: f64,
    /// Extent of a zone to the north, metres.
    pub zone_depth_m: f64,
    /// Fewest and most seats of a zone.
    pub seats: (usize, usize),
}

impl Size {
    /// Zones of 7 m by 6 m with 4 to 8 seats: 5 to 10 m² each, about what offices have.
    pub const fn of_open_plan(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            rows,
            zone_width_m: 7.0,
            zone_depth_m: 6.0,
            seats: (4, 8),
        }
    }

    /// Number of zones.
    pub fn zones(&self) -> usize {
        self.columns * self.rows
    }
}

/// An office: a grid of zones under one ceiling.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its acoustics.
    pub room: Room,
    /// Its size.
    pub size: Size,
    /// Seats, zone by zone.
    pub seats: Vec<Seat>,
    /// One ceiling microphone per zone, in the middle.
    pub microphones: Vec<Place>,
    /// Ceiling loudspeakers and their zones.
    pub loudspeakers: Vec<(usize, Place)>,
}

impl Office {
    /// An office; the seed says how many seats there are and where exactly.
    pub fn new(room: Room, size: Size, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut office = Office {
            room,
            size,
            seats: Vec::new(),
            microphones: Vec::new(),
            loudspeakers: Vec::new(),
        };
        for zone in 0..size.zones() {
            let seats = size.seats.0 + random.index(size.seats.1 - size.seats.0 + 1);
            let columns = seats.div_ceil(2);
            for seat in 0..seats {
                let share = [
                    ((seat % columns) as f64 + 0.5) / columns as f64,
                    ((seat / columns) as f64 + 0.5) / 2.0,
                ];
                let place = office
                    .within(zone, share)
                    .map(|metres| metres + random.between(-SEAT_JITTER_M, SEAT_JITTER_M));
                office.seats.push(Seat { zone, place });
            }
            office.microphones.push(office.within(zone, [0.5, 0.5]));
            for index in 0..LOUDSPEAKERS_PER_SIDE * LOUDSPEAKERS_PER_SIDE {
                let share = [index % LOUDSPEAKERS_PER_SIDE, index / LOUDSPEAKERS_PER_SIDE]
                    .map(|n| (n as f64 + 0.5) / LOUDSPEAKERS_PER_SIDE as f64);
                office.loudspeakers.push((zone, office.within(zone, share)));
            }
        }
        office
    }

    /// South-western corner of a zone.
    pub fn corner(&self, zone: usize) -> Place {
        [
            (zone % self.size.columns) as f64 * self.size.zone_width_m,
            (zone / self.size.columns) as f64 * self.size.zone_depth_m,
        ]
    }

    fn within(&self, zone: usize, [east, north]: [f64; 2]) -> Place {
        let [x, y] = self.corner(zone);
        [x + east * self.size.zone_width_m, y + north * self.size.zone_depth_m]
    }

    /// Zones that have to be crossed from one to the other.
    pub fn steps(&self, one: usize, other: usize) -> usize {
        let columns = self.size.columns;
        (one % columns).abs_diff(other % columns) + (one / columns).abs_diff(other / columns)
    }

    /// Whether a screen stands between two zones: there is one between each column and the next.
    pub fn screened(&self, one: usize, other: usize) -> bool {
        one % self.size.columns != other % self.size.columns
    }
}

/// Distance of two places whose heights differ, metres.
pub fn distance_m(one: Place, other: Place, rise_m: f64) -> f64 {
    (one[0] - other[0]).hypot(one[1] - other[1]).hypot(rise_m)
}
