//! When people are at their desks.

use core::ops::Range;

use super::DAY_S;
use crate::office_day::office::{Office, Use};
use crate::sounds::random::Random;

/// Spread of arrivals around the beginning and of departures around the end of the day, seconds.
const ARRIVAL_SPREAD_S: f64 = 1200.0;

/// Earliest and latest time at which a team goes to lunch, seconds from the beginning of the day; how long it takes; spread.
const LUNCH_FROM_S: (f64, f64) = (9000.0, 12_600.0);
const LUNCH_S: f64 = 2400.0;
const LUNCH_SPREAD_S: f64 = 300.0;

/// Share of a team that is in its meeting behind closed doors, once a day, and for how long, seconds.
const MEETING_SHARE: f64 = 0.6;
const MEETING_S: (f64, f64) = (1800.0, 3600.0);

/// One person's day.
pub struct Presence {
    here: Range<usize>,
    away: [Range<usize>; 2],
}

impl Presence {
    /// Whether the person is at the desk.
    pub fn is_here(&self, second: usize) -> bool {
        self.here.contains(&second) && !self.away.iter().any(|away| away.contains(&second))
    }
}

/// Per person, for one day, of which a share of the people is not there at all.
pub fn of(office: &Office, absent_share: f64, random: &mut Random) -> Vec<Presence> {
    let teams: Vec<(f64, f64, f64)> = (0..office.size.zones())
        .map(|_| {
            let lunch_s = random.between(LUNCH_FROM_S.0, LUNCH_FROM_S.1);
            (
                lunch_s,
                random.between(0.0, DAY_S as f64),
                random.between(MEETING_S.0, MEETING_S.1),
            )
        })
        .collect();
    let at = |second: f64| second.clamp(0.0, DAY_S as f64) as usize;
    office
        .seats
        .iter()
        .map(|seat| {
            let (lunch_s, meeting_from_s, meeting_s) = teams[seat.zone];
            let (arrival, departure) = random.normal_pair();
            let (go, back) = random.normal_pair();
            let meets = random.uniform() < MEETING_SHARE;
            let is_absent = random.uniform() < absent_share;
            let here = if is_absent || office.uses[seat.zone] != Use::Desks {
                0..0
            } else {
                at(ARRIVAL_SPREAD_S * arrival)..at(DAY_S as f64 + ARRIVAL_SPREAD_S * departure)
            };
            let lunch = at(lunch_s + LUNCH_SPREAD_S * go)..at(lunch_s + LUNCH_S + LUNCH_SPREAD_S * back);
            let meeting = if meets {
                at(meeting_from_s)..at(meeting_from_s + meeting_s)
            } else {
                0..0
            };
            Presence {
                here,
                away: [lunch, meeting],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office_day::{assumptions::Assumptions, office::Size, room};

    #[test]
    fn two_of_five_desks_are_out_of_use_or_left_for_a_moment() {
        let office = Office::new(room::ORDINARY, Size::of_open_plan(8, 5), 1);
        let people = of(&office, Assumptions::USUAL.absent_share, &mut Random::new(1));
        let here: usize = people
            .iter()
            .map(|person| (0..DAY_S).step_by(60).filter(|second| person.is_here(*second)).count())
            .sum();
        let share = here as f64 / (people.len() * DAY_S.div_ceil(60)) as f64;
        // Visits, coffees and sessions come on top.
        assert!((0.60..0.68).contains(&share), "{share}");
    }
}
