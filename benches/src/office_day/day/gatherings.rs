//! Coffee and project sessions, in offices that have places for them.

use super::DAY_S;
use super::episode::Episode;
use crate::office_day::office::{Office, Use};
use crate::sounds::random::Random;

/// Coffees that each person proposes per hour, and how many join at most: two or three short breaks a day for everybody.
const COFFEES_PER_HOUR: f64 = 0.1;
const MOST_COMPANIONS: usize = 3;

/// Middle of the two times of the day at which most people go, their length, seconds, and how many times as many go then.
const COFFEE_TIMES_S: [usize; 2] = [6300, 21_600];
const COFFEE_TIME_S: usize = 2400;
const MORE_COFFEES: f64 = 3.0;

/// Sessions of a place in a day, the share of them that takes place, when they begin after the hour at most, and how long they
/// take, seconds.
const SESSIONS: usize = 4;
const SESSION_SHARE: f64 = 0.8;
const SESSION_AFTER_S: f64 = 1800.0;
const SESSION_S: (f64, f64) = (2700.0, 5400.0);

/// Share of a team that comes.
const SESSION_TEAM_SHARE: f64 = 0.7;

struct Session {
    place: usize,
    team: usize,
    from_s: usize,
    until_s: usize,
}

/// Those of one day.
pub struct Gatherings<'a> {
    office: &'a Office,
    corners: Vec<usize>,
    sessions: Vec<Session>,
}

impl<'a> Gatherings<'a> {
    /// Plans a day.
    pub fn new(office: &'a Office, random: &mut Random) -> Self {
        let teams: Vec<usize> = office.zones_for(Use::Desks).collect();
        let mut sessions = Vec::new();
        for place in office.zones_for(Use::ProjectTables) {
            for number in 0..SESSIONS {
                let from_s = number * DAY_S / SESSIONS + random.between(0.0, SESSION_AFTER_S) as usize;
                let until_s = from_s + random.between(SESSION_S.0, SESSION_S.1) as usize;
                let team = teams[random.index(teams.len())];
                if random.uniform() < SESSION_SHARE {
                    sessions.push(Session {
                        place,
                        team,
                        from_s,
                        until_s,
                    });
                }
            }
        }
        Gatherings {
            office,
            corners: office.zones_for(Use::CoffeeCorner).collect(),
            sessions,
        }
    }

    /// Coffees that a person proposes per hour at this time.
    pub fn coffees_per_hour(&self, second: usize) -> f64 {
        if self.corners.is_empty() {
            return 0.0;
        }
        let is_coffee_time = COFFEE_TIMES_S
            .iter()
            .any(|middle| middle.abs_diff(second) < COFFEE_TIME_S / 2);
        COFFEES_PER_HOUR * if is_coffee_time { MORE_COFFEES } else { 1.0 }
    }

    /// Somebody goes for coffee with some of the colleagues who are free; nobody goes when all places are taken.
    pub fn coffee(
        &self,
        person: usize,
        free: &[usize],
        episodes: &[Episode],
        second: usize,
        random: &mut Random,
    ) -> Option<Episode> {
        let seats = self.free_seats(self.corners[random.index(self.corners.len())], episodes);
        let most = free.len().min(MOST_COMPANIONS).min(seats.len().saturating_sub(1));
        if most == 0 {
            return None;
        }
        let companions = some_of(free, 1 + random.index(most), random);
        let members = companions.into_iter().chain([person]).zip(seats).collect();
        Some(Episode::coffee(members, second, random))
    }

    /// The sessions that begin in this second, of those who are free to come.
    pub fn sessions(
        &self,
        second: usize,
        is_free: impl Fn(usize) -> bool,
        episodes: &[Episode],
        random: &mut Random,
    ) -> Vec<Episode> {
        let beginning = self.sessions.iter().filter(|session| session.from_s == second);
        let mut sessions = Vec::new();
        for session in beginning {
            let team: Vec<usize> = self.office.seats_of(session.team).filter(|person| is_free(*person)).collect();
            let coming = (team.len() as f64 * SESSION_TEAM_SHARE).ceil() as usize;
            let members: Vec<(usize, usize)> = some_of(&team, coming, random)
                .into_iter()
                .zip(self.free_seats(session.place, episodes))
                .collect();
            if members.len() > 1 {
                sessions.push(Episode::meeting(members, session.until_s, random));
            }
        }
        sessions
    }

    fn free_seats(&self, zone: usize, episodes: &[Episode]) -> Vec<usize> {
        let is_taken = |seat: usize| episodes.iter().any(|episode| episode.seats().any(|taken| taken == seat));
        self.office.seats_of(zone).filter(|seat| !is_taken(*seat)).collect()
    }
}

/// So many of the given ones.
fn some_of(all: &[usize], count: usize, random: &mut Random) -> Vec<usize> {
    let mut rest = all.to_vec();
    (0..count.min(all.len()))
        .map(|_| rest.swap_remove(random.index(rest.len())))
        .collect()
}
