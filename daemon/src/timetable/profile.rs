//! The level that each zone needs in each quarter hour of the week.
//!
//! What is learnt must be what speech asked for, and not the profile's own doing. So there are weeks for learning, in which no
//! level is pre-positioned: a zone's first, and then one in four. The other weeks use what was learnt and learn nothing.

use super::quarter::{Quarter, SLOTS};

/// One week in so many is for learning.
const LEARNING_WEEKS: i64 = 4;

/// Levels are used in steps of this size, those in which adaptation chooses them, dB: quarter hours that differ by less are alike.
const STEP_DB: f64 = 0.5;

/// What a further week for learning counts, against all those before it.
const NEW_WEEK_SHARE: f64 = 0.5;

/// What is known of one quarter hour of the week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnedLevel {
    /// Masking level, dB(A), without offset and acclimatisation.
    pub level_db: f64,
    /// The week in which it was last learnt.
    pub week: i64,
}

/// The profile of a site.
#[derive(Clone, Debug)]
pub struct Profile {
    zones: Vec<Vec<Option<LearnedLevel>>>,
}

impl Profile {
    /// Nothing is known.
    pub fn new(zones: usize) -> Self {
        Profile {
            zones: vec![vec![None; SLOTS]; zones],
        }
    }

    /// Takes over what was stored.
    pub fn restore(&mut self, zone: usize, slot: usize, learned: LearnedLevel) {
        if let Some(known) = self.zones.get_mut(zone).and_then(|slots| slots.get_mut(slot)) {
            *known = Some(learned);
        }
    }

    /// Takes what adaptation chose in a quarter hour, and gives what is known now; `None` in a week that is not for learning.
    pub fn learn(&mut self, zone: usize, quarter: Quarter, level_db: f64) -> Option<LearnedLevel> {
        if !self.is_for_learning(zone, quarter.week) {
            return None;
        }
        let known = self.zones.get_mut(zone)?.get_mut(quarter.slot)?;
        let before_db = known.map_or(level_db, |known| known.level_db);
        *known = Some(LearnedLevel {
            level_db: before_db + NEW_WEEK_SHARE * (level_db - before_db),
            week: quarter.week,
        });
        *known
    }

    /// The level that a zone needs in a quarter hour, where it is known and to be used.
    pub fn level_db(&self, zone: usize, quarter: Quarter) -> Option<f64> {
        let learned = (*self.zones.get(zone)?.get(quarter.slot)?)?;
        (!self.is_for_learning(zone, quarter.week)).then_some((learned.level_db / STEP_DB).round() * STEP_DB)
    }

    fn is_for_learning(&self, zone: usize, week: i64) -> bool {
        let learnt_before = |slots: &Vec<Option<LearnedLevel>>| slots.iter().flatten().any(|learned| learned.week < week);
        week.rem_euclid(LEARNING_WEEKS) == 0 || !self.zones.get(zone).is_some_and(learnt_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(week: i64, slot: usize) -> Quarter {
        Quarter { week, slot }
    }

    #[test]
    fn the_first_week_is_learnt_and_used_from_the_next_on() {
        let mut profile = Profile::new(2);
        let learned = LearnedLevel {
            level_db: 44.0,
            week: 101,
        };
        assert_eq!(profile.learn(1, quarter(101, 32), 44.0), Some(learned));
        assert_eq!(profile.level_db(1, quarter(101, 32)), None, "not in the week of learning");
        assert_eq!(profile.level_db(1, quarter(102, 32)), Some(44.0));
        assert_eq!(profile.level_db(1, quarter(102, 33)), None, "not in another quarter hour");
        assert_eq!(profile.level_db(0, quarter(102, 32)), None, "not in another zone");
    }

    #[test]
    fn it_does_not_learn_in_weeks_that_use_it_and_does_not_use_weeks_that_learn() {
        let mut profile = Profile::new(1);
        profile.learn(0, quarter(101, 32), 44.0);
        for week in [102, 103] {
            assert_eq!(profile.learn(0, quarter(week, 32), 46.0), None);
            assert_eq!(profile.level_db(0, quarter(week, 32)), Some(44.0));
        }
        assert_eq!(profile.level_db(0, quarter(104, 32)), None);
        assert!(profile.learn(0, quarter(104, 32), 42.0).is_some());
        assert_eq!(profile.level_db(0, quarter(105, 32)), Some(43.0), "the new week counts half");
    }

    #[test]
    fn a_level_that_speech_no_longer_asks_for_is_forgotten_within_months() {
        let mut profile = Profile::new(1);
        profile.learn(0, quarter(100, 32), 46.0);
        // A zone plays what is pre-positioned, and 40 dB where nothing is and nobody talks.
        for week in 101..=124 {
            let played_db = profile.level_db(0, quarter(week, 32)).unwrap_or(40.0);
            profile.learn(0, quarter(week, 32), played_db);
        }
        let level_db = profile.level_db(0, quarter(125, 32)).unwrap();
        assert!(level_db < 40.2, "{level_db} dB");
    }

    #[test]
    fn what_was_stored_is_used_after_a_restart() {
        let mut profile = Profile::new(1);
        profile.restore(
            0,
            32,
            LearnedLevel {
                level_db: 43.0,
                week: 101,
            },
        );
        profile.restore(
            7,
            32,
            LearnedLevel {
                level_db: 43.0,
                week: 101,
            },
        );
        profile.restore(
            0,
            SLOTS,
            LearnedLevel {
                level_db: 43.0,
                week: 101,
            },
        );
        assert_eq!(profile.level_db(0, quarter(102, 32)), Some(43.0));
    }

    #[test]
    fn quarter_hours_that_hardly_differ_have_the_same_level() {
        let mut profile = Profile::new(1);
        profile.learn(0, quarter(101, 32), 42.83);
        profile.learn(0, quarter(101, 33), 43.19);
        assert_eq!([32, 33].map(|slot| profile.level_db(0, quarter(102, slot))), [Some(43.0); 2]);
    }
}
