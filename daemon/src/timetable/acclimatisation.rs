//! The first weeks of a site: masking begins softly and people get used to it.

use habitat_config::Site;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Steps in which the level rises, per dB: those in which adaptation chooses levels, half of what anybody hears.
const STEPS_PER_DB: f64 = 2.0;

const DAY_S: f64 = 86_400.0;

/// How the level rises over days.
#[derive(Clone, Copy, Debug)]
pub struct Acclimatisation {
    begin: Timestamp,
    days: u32,
    from_db: f64,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// The first start of the site.
    pub begin: Timestamp,
    /// The day that it is, counted from 1.
    pub day: u32,
    /// Days that it takes.
    pub days: u32,
    /// Added to every level now, dB.
    pub level_db: f64,
}

impl Acclimatisation {
    /// As the site has it, from its first start on.
    pub fn of(site: &Site, begin: Timestamp) -> Self {
        Acclimatisation {
            begin,
            days: site.adaptation.acclimatisation_days,
            from_db: site.adaptation.acclimatisation_from_db,
        }
    }

    /// Added to every level then, dB.
    pub fn level_db(&self, now: Timestamp) -> f64 {
        let whole_s = f64::from(self.days) * DAY_S;
        let left_s = whole_s - self.passed_s(now);
        if left_s <= 0.0 {
            return 0.0;
        }
        ((self.from_db * STEPS_PER_DB * left_s / whole_s).floor() / STEPS_PER_DB).max(self.from_db)
    }

    /// How far it is then; `None` when it is over or was never wanted.
    pub fn progress(&self, now: Timestamp) -> Option<Progress> {
        let level_db = self.level_db(now);
        (level_db < 0.0).then(|| Progress {
            begin: self.begin,
            day: (self.passed_s(now) / DAY_S) as u32 + 1,
            days: self.days,
            level_db,
        })
    }

    /// Seconds since the begin; a clock that was set back does not make it longer than from the begin.
    fn passed_s(&self, now: Timestamp) -> f64 {
        now.duration_since(self.begin).max(SignedDuration::ZERO).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn begin() -> Timestamp {
        "2026-03-20T06:00:00Z".parse().unwrap()
    }

    fn over(days: u32) -> Acclimatisation {
        Acclimatisation {
            begin: begin(),
            days,
            from_db: -6.0,
        }
    }

    #[test]
    fn it_rises_evenly_from_day_to_day_to_nothing() {
        let levels = [0, 1, 5, 10, 15, 19, 20, 21, 400].map(|day| over(20).level_db(begin() + (24 * day).hours()));
        assert_eq!(levels, [-6.0, -6.0, -4.5, -3.0, -1.5, -0.5, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn between_it_moves_in_steps_that_nobody_notices_and_never_back() {
        let levels: Vec<f64> = (0..=3 * 24 * 60)
            .map(|minute| over(3).level_db(begin() + minute.minutes()))
            .collect();
        for pair in levels.windows(2) {
            let step = pair[1] - pair[0];
            assert!((0.0..=0.5).contains(&step), "{} to {}", pair[0], pair[1]);
        }
        assert_eq!((levels[0], levels[levels.len() - 1]), (-6.0, 0.0));
    }

    #[test]
    fn it_says_how_far_it_is_while_it_lasts() {
        let progress = |hours: i64| over(20).progress(begin() + hours.hours());
        let third_day = Progress {
            begin: begin(),
            day: 3,
            days: 20,
            level_db: -5.5,
        };
        assert_eq!(progress(58), Some(third_day));
        assert_eq!(progress(20 * 24), None);
        assert_eq!(over(0).progress(begin()), None);
    }

    #[test]
    fn a_clock_before_the_first_start_is_its_first_day() {
        assert_eq!(over(20).level_db(begin() - 1000.hours()), -6.0);
    }
}
