//! Block times against sorted lists, over the last minute, and while they are read.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::{sync::atomic::AtomicBool, sync::atomic::Ordering, time::Duration};

use habitat_engine::{BlockTimes, BlockTimesRead};
use proptest::prelude::*;

/// A block of 1024 frames at 48 kHz; 469 of them are ten seconds.
const PERIOD: Duration = Duration::from_nanos(21_333_333);

fn ns(time: Option<Duration>) -> u64 {
    time.unwrap().as_nanos() as u64
}

/// From the first bucket to far beyond the last, as evenly on a logarithmic scale as the buckets are.
fn times_ns() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(
        (0u32..36, 0u64..1 << 20).prop_map(|(octave, part)| (1 << octave) + ((part << octave) >> 20)),
        1..400,
    )
}

proptest! {
    #[test]
    fn quantiles_are_those_of_the_sorted_list_to_a_sixteenth(mut list in times_ns(), share in 0.0..=1.0f64) {
        let times = BlockTimes::default();
        times.set_block_period(PERIOD);
        list.iter().for_each(|time| times.record(Duration::from_nanos(*time)));
        list.sort_unstable();
        for read in [times.whole_run(), times.last_minute()] {
            prop_assert_eq!(read.blocks(), list.len() as u64);
            prop_assert_eq!(ns(read.max()), *list.last().unwrap());
            prop_assert_eq!(read.sum(), Duration::from_nanos(list.iter().sum()));
            for share in [share, 0.0, 0.5, 0.99, 0.999, 1.0] {
                let rank = ((share * list.len() as f64).ceil() as usize).max(1);
                let exact = list[rank - 1];
                let told = ns(read.quantile(share));
                prop_assert!(told >= exact, "{} of {} is {}", share, exact, told);
                // Below a microsecond and above four seconds nothing is told apart.
                let most = if exact > 1 << 32 { ns(read.max()) } else { (exact + exact / 16 + 1).max(1024) };
                prop_assert!(told <= most, "{} of {} is {}", share, exact, told);
            }
        }
    }

    #[test]
    fn half_octaves_hold_every_time_once_and_below_their_bound(list in times_ns()) {
        let times = BlockTimes::default();
        list.iter().for_each(|time| times.record(Duration::from_nanos(*time)));
        let halves = times.whole_run().half_octaves();
        prop_assert!(halves.is_sorted_by(|(one, _), (next, _)| next.is_none() || one < next));
        let mut before = 0;
        for (bound, count) in halves {
            before += count;
            let below = list.iter().filter(|time| bound.is_none_or(|bound| Duration::from_nanos(**time) <= bound)).count();
            prop_assert_eq!(before, below as u64);
        }
    }
}

#[test]
fn without_blocks_there_is_nothing_to_tell() {
    let times = BlockTimes::default();
    assert_eq!(times.block_period(), None);
    times.set_block_period(PERIOD);
    assert_eq!(times.block_period(), Some(PERIOD));
    for read in [times.whole_run(), times.last_minute()] {
        assert_eq!((read.blocks(), read.max(), read.quantile(0.5)), (0, None, None));
        assert_eq!(read, BlockTimesRead::default());
    }
}

#[test]
fn a_slow_block_is_forgotten_by_the_last_minute_after_sixty_to_seventy_seconds_and_kept_by_the_run() {
    let times = BlockTimes::default();
    times.set_block_period(PERIOD);
    let second = 47;
    let quick = || times.record(Duration::from_micros(100));
    (0..100 * second).for_each(|_| quick());
    times.record(Duration::from_millis(30));
    (0..59 * second).for_each(|_| quick());
    assert_eq!(times.last_minute().max(), Some(Duration::from_millis(30)));
    (0..12 * second).for_each(|_| quick());
    let minute = times.last_minute();
    assert_eq!(minute.max(), Some(Duration::from_micros(100)));
    assert!(
        (60 * second - 5..=71 * second).contains(&minute.blocks()),
        "{}",
        minute.blocks()
    );
    assert_eq!(times.whole_run().max(), Some(Duration::from_millis(30)));
    assert_eq!(times.whole_run().blocks(), 171 * second + 1);
}

#[test]
fn whoever_reads_meanwhile_sees_numbers_that_only_grow_and_belong_together() {
    let times = BlockTimes::default();
    // Short slices, so that many begin while they are read.
    times.set_block_period(Duration::from_millis(100));
    let done = AtomicBool::new(false);
    const BLOCKS: u64 = 300_000;
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut before) = (0, 0);
            while !done.load(Ordering::Acquire) {
                let run = times.whole_run();
                assert!(run.blocks() >= before, "{} after {before}", run.blocks());
                before = run.blocks();
                let minute = times.last_minute();
                assert!(minute.blocks() <= 800, "{} blocks in 70 s of 100 ms each", minute.blocks());
                for read in [run, minute]
                    .iter()
                    .filter(|read| read.blocks() > 0 && read.max() > Some(Duration::ZERO))
                {
                    assert!((1..=1088).contains(&(ns(read.quantile(0.5)) / 1000)));
                    assert!(read.max() <= Some(Duration::from_millis(1)));
                }
                reads += 1;
            }
            reads
        });
        for block in 0..BLOCKS {
            times.record(Duration::from_micros(1 + block % 1000));
        }
        done.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(times.whole_run().blocks(), BLOCKS);
    assert_eq!(times.whole_run().sum(), Duration::from_micros(BLOCKS / 1000 * 500_500));
}
