//! A scripted working day: who talks in each second, how loudly, and who could be disturbed by it.
//!
//! People come, go to lunch with their team and to meetings behind closed doors, and leave. At their desks they begin calls and
//! conversations at their own rates, with colleagues of their own zone mostly, and take turns in them. Where there are places to
//! meet, they go there for coffee and for sessions of their team. All durations are log-normal or normal and drawn anew every day.

mod episode;
mod gatherings;
mod presence;

use episode::Episode;
use gatherings::Gatherings;

use super::office::Office;
use super::people::People;
use crate::sounds::random::Random;

/// A working day, seconds.
pub const DAY_S: usize = 8 * 3600;

/// Share of conversations that people have with somebody of another zone, whom they visit.
const VISIT_SHARE: f64 = 0.25;

/// How long the zones that meet at their desks do so, seconds, and how much later than planned at most.
const STAND_UP_S: (f64, f64) = (600.0, 120.0);

/// Somebody who talks in one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Talk {
    /// Who.
    pub person: usize,
    /// At whose seat.
    pub seat: usize,
    /// Voice at 1 m without what noise makes people add, dB(A).
    pub voice_db: f64,
}

/// A day of an office.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Talks of all seconds in a row, and where those of each second begin.
    talks: Vec<Talk>,
    starts: Vec<usize>,
    /// Per second and person: at the desk and not talking with anybody.
    attending: Vec<bool>,
    persons: usize,
}

impl Day {
    /// Writes the script of a day.
    pub fn new(office: &Office, people: &People, seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let persons = people.persons.len();
        let zone_of = |person: usize| office.seats[person].zone;
        let present = presence::of(office, people.assumptions.absent_share, random);
        let stand_ups_s: Vec<Option<usize>> = people
            .stand_ups_s
            .iter()
            .map(|planned_s| planned_s.map(|planned_s| planned_s + (STAND_UP_S.1 * random.uniform()) as usize))
            .collect();
        let gatherings = Gatherings::new(office, random);
        let mut day = Day {
            talks: Vec::new(),
            starts: vec![0],
            attending: Vec::with_capacity(DAY_S * persons),
            persons,
        };
        let mut engaged = vec![false; persons];
        let mut episodes: Vec<Episode> = Vec::new();
        for second in 0..DAY_S {
            let here = |person: usize| present[person].is_here(second);
            episodes.retain(|episode| {
                let goes_on = !episode.has_ended(second);
                if !goes_on {
                    episode.members().for_each(|person| engaged[person] = false);
                }
                goes_on
            });
            for (zone, _) in stand_ups_s.iter().enumerate().filter(|(_, at_s)| **at_s == Some(second)) {
                let team: Vec<usize> = (0..persons)
                    .filter(|person| zone_of(*person) == zone && here(*person) && !engaged[*person])
                    .collect();
                if team.len() > 1 {
                    team.iter().for_each(|person| engaged[*person] = true);
                    let members = team.iter().map(|person| (*person, *person)).collect();
                    episodes.push(Episode::meeting(members, second + STAND_UP_S.0 as usize, random));
                }
            }
            for session in gatherings.sessions(second, |person| here(person) && !engaged[person], &episodes, random) {
                session.members().for_each(|person| engaged[person] = true);
                episodes.push(session);
            }
            for (person, habits) in people.persons.iter().enumerate() {
                if engaged[person] || !here(person) {
                    continue;
                }
                let draw = random.uniform() * 3600.0;
                if draw < habits.calls_per_hour {
                    engaged[person] = true;
                    episodes.push(Episode::call(person, second, random));
                } else if draw < habits.calls_per_hour + habits.conversations_per_hour {
                    let visits = random.uniform() < VISIT_SHARE;
                    let free: Vec<usize> = (0..persons)
                        .filter(|other| (zone_of(*other) != zone_of(person)) == visits)
                        .filter(|other| *other != person && here(*other) && !engaged[*other])
                        .collect();
                    if !free.is_empty() {
                        let host = free[random.index(free.len())];
                        engaged[person] = true;
                        engaged[host] = true;
                        let seat = if visits { host } else { person };
                        episodes.push(Episode::conversation([host, person], [host, seat], second, random));
                    }
                } else if draw < habits.calls_per_hour + habits.conversations_per_hour + gatherings.coffees_per_hour(second) {
                    let colleagues = office.seats_of(zone_of(person));
                    let free: Vec<usize> = colleagues
                        .filter(|other| *other != person && here(*other) && !engaged[*other])
                        .collect();
                    if let Some(coffee) = gatherings.coffee(person, &free, &episodes, second, random) {
                        coffee.members().for_each(|person| engaged[person] = true);
                        episodes.push(coffee);
                    }
                }
            }
            for episode in &mut episodes {
                if let Some((person, seat, offset_db)) = episode.speaker(second, random) {
                    let voice_db = people.persons[person].voice_db + people.assumptions.voice_spread * offset_db;
                    day.talks.push(Talk { person, seat, voice_db });
                }
            }
            day.starts.push(day.talks.len());
            day.attending
                .extend((0..persons).map(|person| here(person) && !engaged[person]));
        }
        day
    }

    /// Seconds of the day.
    pub fn seconds(&self) -> usize {
        self.starts.len() - 1
    }

    /// Who talks in a second.
    pub fn talks(&self, second: usize) -> &[Talk] {
        &self.talks[self.starts[second]..self.starts[second + 1]]
    }

    /// Per person: whether they work in silence at their own desk in a second, so that speech of others may distract them.
    pub fn attending(&self, second: usize) -> &[bool] {
        &self.attending[second * self.persons..(second + 1) * self.persons]
    }
}
