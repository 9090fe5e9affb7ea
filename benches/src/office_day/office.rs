//! Where zones, seats, microphones and loudspeakers are in a simulated office.

use super::room::Room;
use crate::sounds::random::Random;

/// A place on the floor, metres to the east and to the north.
pub type Place = [f64; 2];

/// Loudspeakers per zone and side: about 3 m apart, as usual under ceilings of 2.7 m.
const LOUDSPEAKERS_PER_SIDE: usize = 2;

/// Distance of heads along a row of desks 1.6 m wide, and across two rows face to face, metres.
const ALONG_M: f64 = 1.6;
const ACROSS_M: f64 = 2.0;

/// One coffee corner, and project tables, for so many zones.
const ZONES_PER_PLACE: usize = 12;

/// Seats may stand this far from a regular grid, metres.
const SEAT_JITTER_M: f64 = 0.2;

/// How desks stand in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desks {
    /// Two rows face to face in the middle of the zone: zones are drawn along the aisles.
    Islands,
    /// Spread evenly, so that people of different zones sit as near to each other as those of one.
    Spread,
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A team sits here.
    Desks,
    /// People come for coffee.
    CoffeeCorner,
    /// Teams come to talk something over.
    ProjectTables,
}

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
    /// How they stand.
    pub desks: Desks,
    /// There are a coffee corner for every twelve zones or fewer and project tables for every full twelve, instead of desks. Of
    /// the spaces of open floors a tenth is for open collaboration (VergeSense, "Occupancy intelligence index", 2024: 7.5 % beside
    /// 70.9 % desks, the rest being closed rooms); half of ours are project tables.
    pub places_to_meet: bool,
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
            desks: Desks::Islands,
            places_to_meet: false,
        }
    }

    /// The same with places to meet.
    #[must_use]
    pub const fn with_places_to_meet(self) -> Self {
        Self {
            places_to_meet: true,
            ..self
        }
    }

    /// Number of zones.
    pub fn zones(&self) -> usize {
        self.columns * self.rows
    }

    /// Zones that have to be crossed from one to the other.
    pub fn steps(&self, one: usize, other: usize) -> usize {
        (one % self.columns).abs_diff(other % self.columns) + (one / self.columns).abs_diff(other / self.columns)
    }
}

/// An office: a grid of zones under one ceiling.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its acoustics.
    pub room: Room,
    /// Its size.
    pub size: Size,
    /// What each zone is for.
    pub uses: Vec<Use>,
    /// Seats, zone by zone; places at tables where there are no desks.
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
            uses: uses(size, seed),
            seats: Vec::new(),
            microphones: Vec::new(),
            loudspeakers: Vec::new(),
        };
        for zone in 0..size.zones() {
            let seats = size.seats.0 + random.index(size.seats.1 - size.seats.0 + 1);
            let (columns, rows) = (seats.div_ceil(2), 2);
            for seat in 0..seats {
                let place = match size.desks {
                    Desks::Spread => office.within(zone, [middle(seat % columns, columns), middle(seat / columns, rows)]),
                    Desks::Islands => {
                        let [x, y] = office.within(zone, [0.5, 0.5]);
                        let from_middle = |index: usize, count: usize| index as f64 + 0.5 - count as f64 / 2.0;
                        [
                            x + ALONG_M * from_middle(seat % columns, columns),
                            y + ACROSS_M * from_middle(seat / columns, rows),
                        ]
                    }
                };
                let place = place.map(|metres| metres + random.between(-SEAT_JITTER_M, SEAT_JITTER_M));
                office.seats.push(Seat { zone, place });
            }
            office.microphones.push(office.within(zone, [0.5, 0.5]));
            for index in 0..LOUDSPEAKERS_PER_SIDE * LOUDSPEAKERS_PER_SIDE {
                let share =
                    [index % LOUDSPEAKERS_PER_SIDE, index / LOUDSPEAKERS_PER_SIDE].map(|n| middle(n, LOUDSPEAKERS_PER_SIDE));
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

    /// Zones of a use.
    pub fn zones_for(&self, wanted: Use) -> impl Iterator<Item = usize> + '_ {
        self.uses
            .iter()
            .enumerate()
            .filter(move |(_, used)| **used == wanted)
            .map(|(zone, _)| zone)
    }

    /// Seats of a zone.
    pub fn seats_of(&self, zone: usize) -> impl Iterator<Item = usize> + '_ {
        self.seats
            .iter()
            .enumerate()
            .filter(move |(_, seat)| seat.zone == zone)
            .map(|(seat, _)| seat)
    }

    /// Whether a screen stands between two zones: there is one between each column and the next.
    pub fn screened(&self, one: usize, other: usize) -> bool {
        one % self.size.columns != other % self.size.columns
    }
}

/// Zones of one use are not side by side as long as there are others.
fn uses(size: Size, seed: u64) -> Vec<Use> {
    let zones = size.zones();
    let mut uses = vec![Use::Desks; zones];
    if size.places_to_meet {
        let mut random = Random::new(seed + 4_000_000);
        let coffee = core::iter::repeat_n(Use::CoffeeCorner, zones.div_ceil(ZONES_PER_PLACE));
        let tables = core::iter::repeat_n(Use::ProjectTables, zones / ZONES_PER_PLACE);
        for place in coffee.chain(tables) {
            let desks: Vec<usize> = (0..zones).filter(|zone| uses[*zone] == Use::Desks).collect();
            let apart = |zone: &usize| (0..zones).all(|other| uses[other] == Use::Desks || size.steps(*zone, other) > 1);
            let free: Vec<usize> = desks.into_iter().filter(apart).collect();
            uses[free[random.index(free.len())]] = place;
        }
    }
    uses
}

/// The middle of one of so many equal parts of a whole.
fn middle(index: usize, count: usize) -> f64 {
    (index as f64 + 0.5) / count as f64
}

/// Distance of two places whose heights differ, metres.
pub fn distance_m(one: Place, other: Place, rise_m: f64) -> f64 {
    (one[0] - other[0]).hypot(one[1] - other[1]).hypot(rise_m)
}
