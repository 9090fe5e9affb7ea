//! How much the store keeps.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Bounds of everything that grows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Events in memory while the disk refuses.
    pub unsaved_events: usize,
    /// Size of the database above which finished events are pruned.
    pub history_bytes: i64,
    /// What may wait for the tenant.
    pub outbox: OutboxBounds,
}

/// What may wait for the tenant; by default any amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxBounds {
    /// Size of the database above which waiting events are given up.
    pub bytes: i64,
    /// Age beyond which they are; `None`: any.
    pub age: Option<SignedDuration>,
}

impl Default for OutboxBounds {
    fn default() -> Self {
        OutboxBounds {
            bytes: i64::MAX,
            age: None,
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            // About 20 MB at a kilobyte each: six hours of a site with 50 zones, which report once a minute.
            unsaved_events: 20_000,
            // At a kilobyte and a half with its indexes, 50 zones fill this in two and a half days and six zones in
            // three weeks; a small server's disk does not notice it.
            history_bytes: 256 << 20,
            outbox: OutboxBounds::default(),
        }
    }
}

/// After this time a clock that has gone on evenly is believed.
const BELIEVED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// By how much a clock may be set in that time and still count as one that goes evenly.
const EVEN_WITHIN: SignedDuration = SignedDuration::from_mins(30);

/// How often the time is given.
const GIVEN_EVERY: Duration = Duration::from_secs(3600);

/// Tells whether the wall clock can be believed. Ages are measured with it, and one that is a year ahead for an hour after a start
/// without a network must not make a year's events too old.
#[derive(Clone, Copy, Debug)]
pub(super) struct SteadyClock {
    began: Instant,
    began_at: Timestamp,
    /// When the time was given last.
    given: Option<Instant>,
}

impl SteadyClock {
    /// Begins to watch the clock.
    pub fn start(now: Instant, wall: Timestamp) -> Self {
        SteadyClock {
            began: now,
            began_at: wall,
            given: None,
        }
    }

    /// The time, if the clock has gone on evenly for a day; once an hour, because whoever asks then looks through all that waits. A clock
    /// that was set is watched anew.
    pub fn believed(&mut self, now: Instant, wall: Timestamp) -> Option<Timestamp> {
        let passed = SignedDuration::try_from(now.duration_since(self.began)).unwrap_or(SignedDuration::MAX);
        let set_by = wall.duration_since(self.began_at) - passed;
        if set_by.abs() > EVEN_WITHIN {
            *self = Self::start(now, wall);
            return None;
        }
        let is_due = self.given.is_none_or(|given| now.duration_since(given) >= GIVEN_EVERY);
        let given = (passed >= BELIEVED_AFTER && is_due).then_some(wall);
        if given.is_some() {
            self.given = Some(now);
        }
        given
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However a clock is set back and forth: it is believed only when it has gone evenly for the last day.
        #[test]
        fn a_clock_is_believed_only_after_a_day_in_which_it_went_evenly(
            looks in prop::collection::vec((1i64..200, prop_oneof![6 => Just(0i64), 1 => -500_000i64..-1000, 1 => 1000i64..500_000]), 1..60),
        ) {
            let (began, wall) = (Instant::now(), Timestamp::UNIX_EPOCH);
            let mut clock = SteadyClock::start(began, wall);
            let (mut passed, mut set, mut even_since) = (0, 0, 0);
            for (minutes, set_by) in looks {
                passed += minutes;
                set += set_by;
                if set_by.abs() > EVEN_WITHIN.as_mins() {
                    even_since = passed;
                }
                let now = began + Duration::from_secs(60 * passed.unsigned_abs());
                let believed = clock.believed(now, wall + SignedDuration::from_mins(passed + set));
                if believed.is_some() {
                    let even = passed - even_since;
                    prop_assert!(even >= BELIEVED_AFTER.as_mins(), "believed after {even} minutes");
                }
            }
        }
    }

    #[test]
    fn a_clock_is_believed_after_a_day_and_not_when_it_was_set() {
        let (began, wall) = (Instant::now(), Timestamp::UNIX_EPOCH);
        let hours = |hours: u64| Duration::from_secs(3600 * hours);
        let at = |passed: u64, shown: i64| (began + hours(passed), wall + SignedDuration::from_hours(shown));
        let mut clock = SteadyClock::start(began, wall);
        let mut ask = |(now, wall)| clock.believed(now, wall);
        assert_eq!(ask(at(23, 23)), None);
        assert!(ask(at(25, 25)).is_some());
        assert_eq!(ask(at(25, 25)), None, "once an hour");
        // A year ahead, and believed a day later only.
        assert_eq!(ask(at(26, 26 + 8760)), None);
        assert_eq!(ask(at(49, 49 + 8760)), None);
        assert!(ask(at(51, 51 + 8760)).is_some());
        // And back.
        assert_eq!(ask(at(52, 52)), None);
    }
}
