//! An office with its people and its controller's knowledge.

use habitat_dsp::ZoneSetup;

use super::assumptions::Assumptions;
use super::day::Day;
use super::knowledge::{plan, zone_setups};
use super::limits;
use super::office::{Desks, Office, Size};
use super::paths::Paths;
use super::people::{People, Spread};
use super::room::{self, Room};

const SIZES: [Size; 3] = [Size::of_open_plan(3, 2), Size::of_open_plan(4, 3), Size::of_open_plan(8, 5)];
const SPREADS: [Spread; 2] = [Spread::Even, Spread::Uneven];

/// A kind of office and of people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// Acoustics.
    pub room: Room,
    /// Size.
    pub size: Size,
    /// Who talks how much.
    pub spread: Spread,
    /// What is assumed of them.
    pub assumptions: Assumptions,
}

impl Scenario {
    /// All of them, the smallest first.
    pub fn all() -> Vec<Scenario> {
        let mut all = Self::in_all_rooms(&SIZES, Assumptions::USUAL);
        all.extend(SPREADS.map(Self::without_aisles));
        all.extend(
            SIZES
                .into_iter()
                .flat_map(|size| SPREADS.map(|spread| Self::with_places_to_meet(size, spread))),
        );
        all.push(Self::incurable());
        all
    }

    /// Offices with places to meet in which everybody has the voice of ISO 3382-3, as its figures assume: what a distraction distance
    /// says of them.
    pub fn one_voice() -> Vec<Scenario> {
        Self::in_all_rooms(&SIZES.map(Size::with_places_to_meet), Assumptions::ONE_VOICE)
    }

    fn in_all_rooms(sizes: &[Size], assumptions: Assumptions) -> Vec<Scenario> {
        let rooms = [room::DRY, room::ORDINARY, room::REVERBERANT];
        let offices = sizes.iter().flat_map(|size| rooms.map(|room| (*size, room)));
        offices
            .flat_map(|(size, room)| {
                SPREADS.map(|spread| Scenario {
                    room,
                    size,
                    spread,
                    assumptions,
                })
            })
            .collect()
    }

    /// Twelve zones of an ordinary office with places to meet under other assumptions, the usual ones first.
    pub fn assumptions() -> Vec<Scenario> {
        let all = [Assumptions::USUAL].into_iter().chain(Assumptions::OTHERS);
        all.flat_map(|assumptions| {
            [Spread::Even, Spread::Uneven].map(|spread| Scenario {
                room: room::ORDINARY,
                size: Size::of_open_plan(4, 3).with_places_to_meet(),
                spread,
                assumptions,
            })
        })
        .collect()
    }

    /// Twelve zones whose people sit as near to those of the next zone as to each other, which masking helps less.
    fn without_aisles(spread: Spread) -> Scenario {
        Scenario {
            room: room::ORDINARY,
            size: Size {
                desks: Desks::Spread,
                ..Size::of_open_plan(4, 3)
            },
            spread,
            assumptions: Assumptions::USUAL,
        }
    }

    /// An ordinary office with a coffee corner and project tables instead of some of the desks.
    fn with_places_to_meet(size: Size, spread: Spread) -> Scenario {
        Scenario {
            room: room::ORDINARY,
            size: size.with_places_to_meet(),
            spread,
            assumptions: Assumptions::USUAL,
        }
    }

    /// A small hard room in which speech stays intelligible under any masking allowed.
    pub fn incurable() -> Scenario {
        Scenario {
            room: room::SMALL_AND_HARD,
            size: Size {
                columns: 2,
                rows: 2,
                zone_width_m: 4.0,
                zone_depth_m: 4.0,
                seats: (2, 4),
                desks: Desks::Spread,
                places_to_meet: false,
            },
            spread: Spread::Even,
            assumptions: Assumptions::USUAL,
        }
    }
}

/// One office of a kind.
#[derive(Clone, Debug)]
pub struct Site {
    /// Places.
    pub office: Office,
    /// Ways of sound.
    pub paths: Paths,
    /// Who works there.
    pub people: People,
    /// What the controller knows.
    pub zones: Vec<ZoneSetup>,
    seed: u64,
}

impl Site {
    /// An office of a kind; another one for every seed.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let office = Office::new(scenario.room, scenario.size, seed);
        Site {
            paths: Paths::new(&office, seed + 1_000_000),
            people: People::new(&office, scenario.spread, scenario.assumptions, seed + 2_000_000),
            zones: zone_setups(&plan(&office), &limits::DEFAULT),
            office,
            seed,
        }
    }

    /// A day of it; the people are the same on all days.
    pub fn day(&self, number: u64) -> Day {
        Day::new(&self.office, &self.people, self.seed + 3_000_000 + 100_000 * number)
    }

    /// Zones that border on a zone, for which the neighbour limit holds.
    pub fn neighbours(&self, zone: usize) -> &[usize] {
        &self.zones[zone].neighbours
    }

    /// The same of all zones.
    pub fn all_neighbours(&self) -> Vec<Vec<usize>> {
        self.zones.iter().map(|zone| zone.neighbours.clone()).collect()
    }
}
