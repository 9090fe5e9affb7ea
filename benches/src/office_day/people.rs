//! Who works in an office and how much they talk, day after day.

use super::assumptions::Assumptions;
use super::office::{Office, Use};
use crate::sounds::random::Random;

/// Normal voice at 1 m in the free field, dB(A): between the 52 and
/// 56 dB(A) that Toubar et al. (2025; 70 employees of two offices) measured at desks without and with partitions and
/// the 57.4 dB(A) of ISO 3382-3.
const VOICE_DB: f64 = 55.0;

/// Spread of that from person to person, dB; larger than that between offices (Toubar et al. 2025).
const VOICE_SPREAD_DB: f64 = 3.0;

/// How people differ in how often they talk: the standard deviation of the logarithm of their rates. The words that people say
/// in a day have a standard deviation of about half their mean (Mehl et al., Science 317, 82 (2007)).
const RATE_SPREAD: f64 = 0.4;

/// Share of the zones that have a short meeting of their own at their desks each day.
const STAND_UP_SHARE: f64 = 0.25;

/// Who talks how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// All teams are alike.
    Even,
    /// A quarter of the zones, side by side, is a help desk or sells by telephone; half of them, the farthest, develops
    /// quietly; the others are as everywhere.
    Uneven,
}

/// What a team does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Team {
    /// Five calls an hour each: on the telephone for a good third of the time, as in sales; call centres do more.
    Telephone,
    /// A little of everything.
    Mixed,
    /// Two short talks an hour in the whole team and hardly a call.
    Quiet,
}

impl Team {
    /// Calls and conversations that each person begins per hour.
    fn per_hour(self) -> (f64, f64) {
        match self {
            Team::Telephone => (5.0, 0.8),
            Team::Mixed => (0.6, 0.8),
            Team::Quiet => (0.1, 0.35),
        }
    }
}

/// One person; sits at the seat of the same index. Where there are no desks, nobody ever does.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Calls begun per hour.
    pub calls_per_hour: f64,
    /// Conversations begun per hour.
    pub conversations_per_hour: f64,
    /// Normal voice at 1 m, dB(A).
    pub voice_db: f64,
}

/// Everybody, as they are on all days.
#[derive(Clone, Debug)]
pub struct People {
    /// In the order of the seats.
    pub persons: Vec<Person>,
    /// Team of each zone.
    pub teams: Vec<Team>,
    /// When each zone meets at its desks, seconds from the beginning of the day.
    pub stand_ups_s: Vec<Option<usize>>,
    /// What is assumed of them.
    pub assumptions: Assumptions,
}

impl People {
    /// People for the seats of an office.
    pub fn new(office: &Office, spread: Spread, assumptions: Assumptions, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let zones = office.size.zones();
        let teams = teams(office, spread, &mut random);
        let person = |zone: usize, random: &mut Random| {
            let (calls, conversations) = teams[zone].per_hour();
            let (often, loud) = random.normal_pair();
            let often = (RATE_SPREAD * often).exp();
            Person {
                calls_per_hour: calls * often,
                conversations_per_hour: conversations * often,
                voice_db: VOICE_DB + assumptions.voice_spread * VOICE_SPREAD_DB * loud.clamp(-2.0, 2.0),
            }
        };
        People {
            persons: office.seats.iter().map(|seat| person(seat.zone, &mut random)).collect(),
            stand_ups_s: (0..zones)
                .map(|zone| {
                    let planned_s = (random.uniform() < STAND_UP_SHARE).then(|| 900 + 900 * random.index(6));
                    planned_s.filter(|_| office.uses[zone] == Use::Desks)
                })
                .collect(),
            teams,
            assumptions,
        }
    }
}

fn teams(office: &Office, spread: Spread, random: &mut Random) -> Vec<Team> {
    let zones = office.size.zones();
    let mut teams = vec![Team::Mixed; zones];
    if spread == Spread::Uneven {
        let first = random.index(zones);
        let mut from_there: Vec<usize> = (0..zones).collect();
        from_there.sort_by_key(|zone| office.size.steps(first, *zone));
        let telephone = zones.div_ceil(4);
        let quiet = zones / 2;
        from_there[..telephone].iter().for_each(|zone| teams[*zone] = Team::Telephone);
        from_there[zones - quiet..].iter().for_each(|zone| teams[*zone] = Team::Quiet);
    }
    teams
}
