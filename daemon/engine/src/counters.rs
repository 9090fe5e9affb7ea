//! What did not fit, counted on both sides of the boundary.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::BlockTimes;

/// A number that one thread raises and others read.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to the number.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters of one engine.
#[derive(Debug, Default)]
pub struct Counters {
    /// Blocks processed: the engine's heartbeat.
    pub blocks: Count,
    /// Blocks that were rendered without input because none had arrived.
    pub blocks_without_input: Count,
    /// Input frames that found the ring full.
    pub input_frames_lost: Count,
    /// Output frames that the device asked for and the ring did not hold.
    pub output_frames_missing: Count,
    /// Output frames that found the ring full.
    pub output_frames_lost: Count,
    /// Reports that found the ring full.
    pub reports_lost: Count,
    /// What blocks took, recorded by the thread that the engine runs on.
    pub block_times: BlockTimes,
}
