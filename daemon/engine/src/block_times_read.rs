//! Block times as they were at one moment, for whoever shows them.

use core::time::Duration;

use crate::block_time_buckets::{BUCKETS, STEPS, upper_bound_ns};

/// Block times that have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockTimesRead {
    counts: Vec<u64>,
    sum_ns: u64,
    max_ns: u64,
}

impl Default for BlockTimesRead {
    fn default() -> Self {
        BlockTimesRead {
            counts: vec![0; BUCKETS],
            sum_ns: 0,
            max_ns: 0,
        }
    }
}

impl BlockTimesRead {
    pub(crate) fn add(&mut self, counts: impl Iterator<Item = u64>, sum_ns: u64, max_ns: u64) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        self.sum_ns = self.sum_ns.saturating_add(sum_ns);
        self.max_ns = self.max_ns.max(max_ns);
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What all of them took together.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum_ns)
    }

    /// What the slowest took, exactly; `None` without blocks.
    pub fn max(&self) -> Option<Duration> {
        (self.blocks() > 0).then(|| Duration::from_nanos(self.max_ns))
    }

    /// The time within which this share of the blocks was done (the nearest rank), at most 1/16 more than the time that was
    /// recorded, and never more than the slowest; `None` without blocks.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let blocks = self.blocks();
        let rank = ((share * blocks as f64).ceil() as u64).clamp(1, blocks.max(1));
        let mut before = 0;
        let bucket = self.counts.iter().position(|count| {
            before += count;
            before >= rank
        })?;
        let bound_ns = upper_bound_ns(bucket).unwrap_or(u64::MAX);
        Some(Duration::from_nanos(bound_ns.min(self.max_ns)))
    }

    /// Counts per half octave, without those before: the longest time of each and how many blocks it has. The last, without a
    /// bound, has those that took more than four seconds.
    pub fn half_octaves(&self) -> Vec<(Option<Duration>, u64)> {
        let bound = |index| upper_bound_ns(index).map(Duration::from_nanos);
        let mut halves = vec![(bound(0), self.counts[0])];
        for (half, counts) in self.counts[1..].chunks(STEPS / 2).enumerate() {
            let last = half * STEPS / 2 + counts.len();
            halves.push((bound(last), counts.iter().sum()));
        }
        halves
    }
}
