//! Which part of what waits goes out next.
//!
//! A few events go out in the order in which they came. After a long outage what is new would wait behind weeks, so what waits is
//! cut in two: the backlog, and what comes from then on. The new goes out as often as ever, and a batch of the backlog follows each
//! batch of the new, so that neither starves. Each part keeps its order: an event can overtake only what waited through an outage.

use std::time::Duration;

use tokio::time::Instant;

use super::batch;
use crate::store::Lane;

/// More than so many events are cut: fifty minutes of a site with fifty zones, and a second's work on a good line.
const LONG: u64 = 5 * batch::MAX_EVENTS as u64;

/// Says which lane is next.
#[derive(Debug)]
pub(super) struct Lanes {
    /// How often the new goes out beside a backlog.
    interval: Duration,
    cut: Option<Cut>,
}

/// What waits is in two parts.
#[derive(Debug)]
struct Cut {
    /// Place in the outbox up to which the backlog goes.
    at: i64,
    /// Events of the backlog that are still there, or fewer: some may have been given up.
    behind: u64,
    /// When the new goes out next.
    new_due: Instant,
    /// The last batch was of the new.
    new_was_last: bool,
}

impl Lanes {
    /// Nothing is cut yet.
    pub fn new(interval: Duration) -> Self {
        Lanes { interval, cut: None }
    }

    /// Whether so many events that wait are too many for one lane, or have become so again beside a backlog.
    pub fn needs_cut(&self, waiting: u64) -> bool {
        let behind = self.cut.as_ref().map_or(0, |cut| cut.behind);
        waiting.saturating_sub(behind) > LONG
    }

    /// All that wait up to this place, so many events, are the backlog.
    pub fn cut(&mut self, at: i64, waiting: u64) {
        self.cut = Some(Cut {
            at,
            behind: waiting,
            new_due: Instant::now() + self.interval,
            new_was_last: false,
        });
    }

    /// What is new is due now, because there may be no later.
    pub fn hurry(&mut self) {
        if let Some(cut) = &mut self.cut {
            cut.new_due = Instant::now();
        }
    }

    /// The lane of the next batch.
    pub fn next(&self) -> Lane {
        match &self.cut {
            None => Lane::Whole,
            Some(cut) if cut.new_due <= Instant::now() && !cut.new_was_last => Lane::After(cut.at),
            Some(cut) => Lane::UpTo(cut.at),
        }
    }

    /// So many events of a lane have left the outbox; `more` wait there, or none.
    pub fn settled(&mut self, lane: Lane, events: usize, more: bool) {
        let Some(cut) = &mut self.cut else { return };
        cut.new_was_last = matches!(lane, Lane::After(_));
        match lane {
            Lane::Whole => {}
            Lane::After(_) if more => {}
            Lane::After(_) => cut.new_due = Instant::now() + self.interval,
            Lane::UpTo(_) if more => cut.behind = cut.behind.saturating_sub(events as u64),
            Lane::UpTo(_) => self.cut = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn the_new_is_due_after_its_interval_and_between_two_of_it_comes_the_backlog() {
        let mut lanes = Lanes::new(INTERVAL);
        assert_eq!(lanes.next(), Lane::Whole);
        assert!(!lanes.needs_cut(LONG) && lanes.needs_cut(LONG + 1));
        lanes.cut(9000, 9000);
        assert_eq!(lanes.next(), Lane::UpTo(9000));
        tokio::time::advance(INTERVAL).await;
        assert_eq!(lanes.next(), Lane::After(9000));
        lanes.settled(Lane::After(9000), 500, true);
        assert_eq!(lanes.next(), Lane::UpTo(9000));
        lanes.settled(Lane::UpTo(9000), 500, true);
        assert_eq!(lanes.next(), Lane::After(9000));
        lanes.settled(Lane::After(9000), 1, false);
        lanes.settled(Lane::UpTo(9000), 500, true);
        assert_eq!(lanes.next(), Lane::UpTo(9000), "the new has gone out just now");
        lanes.settled(Lane::UpTo(9000), 500, false);
        assert_eq!(lanes.next(), Lane::Whole);
    }

    #[test]
    fn another_outage_cuts_again() {
        let mut lanes = Lanes::new(INTERVAL);
        lanes.cut(9000, 9000);
        lanes.settled(Lane::UpTo(9000), 500, true);
        assert!(!lanes.needs_cut(8500 + LONG), "all but {LONG} are of the backlog");
        assert!(lanes.needs_cut(8501 + LONG));
    }
}
