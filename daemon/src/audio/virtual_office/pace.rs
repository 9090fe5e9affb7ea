//! Keeps time like a sound card.

use std::time::{Duration, Instant};

/// A pause longer than this (a suspended machine) is not made up for.
const LONGEST_LAG: Duration = Duration::from_millis(200);

/// Wakes once per block, without drift.
pub struct Pace {
    block: Duration,
    next: Instant,
}

impl Pace {
    /// The pace of blocks of the given length.
    pub fn new(frames: usize, sample_rate_hz: u32) -> Self {
        let block = Duration::from_secs_f64(frames as f64 / f64::from(sample_rate_hz));
        Pace {
            block,
            next: Instant::now() + block,
        }
    }

    /// Waits until the next block is due.
    pub fn wait(&mut self) {
        let now = Instant::now();
        if now > self.next + LONGEST_LAG {
            self.next = now;
        }
        std::thread::sleep(self.next.saturating_duration_since(now));
        self.next += self.block;
    }
}
