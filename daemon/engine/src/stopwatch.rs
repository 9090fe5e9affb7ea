//! The one place of the boundary that reads a clock: devices whose clocks differ are told apart by when they moved their frames.
#![allow(
    clippy::disallowed_types,
    reason = "Linux answers from memory that it shares with the process (vDSO), without a system call"
)]

use std::time::{Duration, Instant};

/// Time since the engine was connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Stopwatch(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
