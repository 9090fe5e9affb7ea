//! Whether the engine still processes blocks.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use habitat_engine::Counters;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often the engine is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// An engine that has processed nothing for so long hangs: some hundred times its block.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Remembers when the engine's count of blocks last moved.
#[derive(Debug)]
pub(super) struct Heartbeat {
    counters: Arc<Counters>,
    seen: Mutex<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    blocks: u64,
    moved: Option<Instant>,
}

impl Heartbeat {
    /// Begins to remember with the count as it is now.
    pub fn new(counters: Arc<Counters>) -> Self {
        let seen = Mutex::new(Seen {
            blocks: counters.blocks.get(),
            moved: None,
        });
        Heartbeat { counters, seen }
    }

    /// Looks again and again.
    pub async fn watch(&self) -> Infallible {
        let mut interval = interval(LOOK_EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.look(Instant::now());
        }
    }

    /// Whether the engine has moved lately.
    ///
    /// # Errors
    /// A sentence about how long it has not.
    pub fn check(&self, now: Instant) -> Result<(), String> {
        let moved = self.seen.lock().unwrap_or_else(PoisonError::into_inner).moved;
        match moved.map(|moved| now.saturating_duration_since(moved)) {
            None => Err("the sound engine has not processed a block yet".to_owned()),
            Some(pause) if pause > LONGEST_PAUSE => {
                let pause_s = pause.as_secs();
                Err(format!(
                    "the sound engine has not processed a block for {pause_s} s; if this lasts, restart habitatd"
                ))
            }
            Some(_) => Ok(()),
        }
    }

    fn look(&self, now: Instant) {
        let blocks = self.counters.blocks.get();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.blocks != blocks {
            *seen = Seen {
                blocks,
                moved: Some(now),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_alive_for_two_seconds_after_its_last_block() {
        let counters = Arc::new(Counters::default());
        counters.blocks.add(5);
        let heartbeat = Heartbeat::new(counters.clone());
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        heartbeat.look(at(0));
        assert!(heartbeat.check(at(0)).unwrap_err().contains("not processed a block yet"));
        counters.blocks.add(1);
        heartbeat.look(at(100));
        assert_eq!(heartbeat.check(at(100)), Ok(()));
        heartbeat.look(at(2000));
        assert_eq!(heartbeat.check(at(2100)), Ok(()));
        assert!(heartbeat.check(at(5100)).unwrap_err().contains("for 5 s"));
        counters.blocks.add(1);
        heartbeat.look(at(5200));
        assert_eq!(heartbeat.check(at(5200)), Ok(()));
    }
}
