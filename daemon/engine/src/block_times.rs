//! How long the engine takes for a block, over the whole run and over the last minute.
//!
//! The engine thread adds to atomic numbers and never waits; anyone may read meanwhile. Times go into buckets that divide each
//! octave into sixteen equal steps, so what is read is at most 1/16 (6.25 %) above what was recorded; the longest time is exact.
//! The last minute is kept in slices of ten seconds, counted in blocks, as all time here is.

use core::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use crate::{
    BlockTimesRead,
    block_time_buckets::{BUCKETS, index_of},
};

/// Length of a slice.
const SLICE: Duration = Duration::from_secs(10);

/// Slices that make the last minute, beside the one that is being filled.
const SLICES_READ: u64 = 6;

/// One more than is read, so that the one that is being emptied is not among them.
const SLICES: usize = SLICES_READ as usize + 2;

/// The number of a slice that is being emptied.
const EMPTYING: u64 = u64::MAX;

/// Times of blocks; written by the engine thread alone.
#[derive(Debug)]
pub struct BlockTimes {
    block_period_ns: AtomicU64,
    blocks_per_slice: AtomicU64,
    blocks: AtomicU64,
    sum_ns: AtomicU64,
    max_ns: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
    slices: [Slice; SLICES],
}

#[derive(Debug)]
struct Slice {
    /// How many slices were before it.
    number: AtomicU64,
    sum_ns: AtomicU64,
    max_ns: AtomicU64,
    buckets: [AtomicU32; BUCKETS],
}

impl Default for BlockTimes {
    fn default() -> Self {
        let slice = |number| Slice {
            number: AtomicU64::new(number as u64),
            sum_ns: AtomicU64::new(0),
            max_ns: AtomicU64::new(0),
            buckets: [const { AtomicU32::new(0) }; BUCKETS],
        };
        BlockTimes {
            block_period_ns: AtomicU64::new(0),
            blocks_per_slice: AtomicU64::new(u64::MAX),
            blocks: AtomicU64::new(0),
            sum_ns: AtomicU64::new(0),
            max_ns: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
            slices: core::array::from_fn(slice),
        }
    }
}

impl BlockTimes {
    /// Says how long a block lasts, before the first is recorded.
    pub fn set_block_period(&self, period: Duration) {
        let period_ns = nanoseconds(period).max(1);
        let blocks_per_slice = nanoseconds(SLICE).div_ceil(period_ns);
        self.block_period_ns.store(period_ns, Ordering::Relaxed);
        self.blocks_per_slice.store(blocks_per_slice, Ordering::Relaxed);
    }

    /// How long a block lasts; `None` while nobody has said it.
    pub fn block_period(&self) -> Option<Duration> {
        let period_ns = self.block_period_ns.load(Ordering::Relaxed);
        (period_ns > 0).then(|| Duration::from_nanos(period_ns))
    }

    /// Records what one block took. For the engine thread: it neither waits nor allocates nor calls the kernel.
    #[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
    pub fn record(&self, took: Duration) {
        let took_ns = nanoseconds(took);
        let bucket = index_of(took_ns);
        let number = self.slice_number();
        let slice = &self.slices[(number % SLICES as u64) as usize];
        if slice.number.load(Ordering::Relaxed) != number {
            slice.begin(number);
        }
        slice.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        slice.sum_ns.fetch_add(took_ns, Ordering::Relaxed);
        slice.max_ns.fetch_max(took_ns, Ordering::Relaxed);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_ns.fetch_add(took_ns, Ordering::Relaxed);
        self.max_ns.fetch_max(took_ns, Ordering::Relaxed);
        self.blocks.fetch_add(1, Ordering::Relaxed);
    }

    /// All blocks so far.
    pub fn whole_run(&self) -> BlockTimesRead {
        let mut read = BlockTimesRead::default();
        read.add(
            self.buckets.iter().map(|count| count.load(Ordering::Relaxed)),
            self.sum_ns.load(Ordering::Relaxed),
            self.max_ns.load(Ordering::Relaxed),
        );
        read
    }

    /// The blocks of the last 60 to 70 s of sound.
    pub fn last_minute(&self) -> BlockTimesRead {
        let newest = self.slice_number();
        let mut read = BlockTimesRead::default();
        for slice in &self.slices {
            let number = slice.number.load(Ordering::Acquire);
            // A slice that is emptied while it is read gives too little once, which nobody can tell from a minute that began later.
            if number <= newest && newest - number <= SLICES_READ {
                read.add(
                    slice.buckets.iter().map(|count| u64::from(count.load(Ordering::Relaxed))),
                    slice.sum_ns.load(Ordering::Relaxed),
                    slice.max_ns.load(Ordering::Relaxed),
                );
            }
        }
        read
    }

    fn slice_number(&self) -> u64 {
        self.blocks.load(Ordering::Relaxed) / self.blocks_per_slice.load(Ordering::Relaxed)
    }
}

impl Slice {
    fn begin(&self, number: u64) {
        self.number.store(EMPTYING, Ordering::Release);
        self.buckets.iter().for_each(|count| count.store(0, Ordering::Relaxed));
        self.sum_ns.store(0, Ordering::Relaxed);
        self.max_ns.store(0, Ordering::Relaxed);
        self.number.store(number, Ordering::Release);
    }
}

/// A `u64` holds five hundred years of them.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
