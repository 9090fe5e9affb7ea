//! How much of its time the engine needs, as shares of the time that a block lasts.

use std::time::Duration;

use habitat_engine::{BlockTimes, BlockTimesRead};
use serde::Serialize;

/// Block times; shares above 1 were too late.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct BlockTimeView {
    /// How long a block lasts.
    block_period_ms: f64,
    /// Since the start.
    whole_run: Option<Shares>,
    /// The last 60 to 70 s of sound.
    last_minute: Option<Shares>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Shares {
    blocks: u64,
    p50_share_of_period: f64,
    p99_share_of_period: f64,
    p999_share_of_period: f64,
    max_share_of_period: f64,
}

/// Describes them; `None` before the engine has started.
pub(super) fn view(times: &BlockTimes) -> Option<BlockTimeView> {
    let period = times.block_period()?;
    Some(BlockTimeView {
        block_period_ms: round(period.as_secs_f64() * 1e3),
        whole_run: shares(&times.whole_run(), period),
        last_minute: shares(&times.last_minute(), period),
    })
}

fn shares(times: &BlockTimesRead, period: Duration) -> Option<Shares> {
    let share = |time: Duration| round(time.div_duration_f64(period));
    Some(Shares {
        blocks: times.blocks(),
        p50_share_of_period: share(times.quantile(0.5)?),
        p99_share_of_period: share(times.quantile(0.99)?),
        p999_share_of_period: share(times.quantile(0.999)?),
        max_share_of_period: share(times.max()?),
    })
}

/// To a ten thousandth: the buckets are far wider.
fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shares_of_a_block() {
        let times = BlockTimes::default();
        assert_eq!(view(&times), None);
        times.set_block_period(Duration::from_millis(20));
        let nothing = view(&times).unwrap();
        assert_eq!((nothing.block_period_ms, nothing.whole_run), (20.0, None));
        (0..99).for_each(|_| times.record(Duration::from_millis(2)));
        times.record(Duration::from_millis(25));
        let told = view(&times).unwrap();
        let run = told.whole_run.unwrap();
        assert_eq!(
            (run.blocks, run.max_share_of_period, told.last_minute),
            (100, 1.25, Some(run))
        );
        for share in [run.p50_share_of_period, run.p99_share_of_period] {
            assert!((0.1..=0.1 * 17.0 / 16.0).contains(&share), "{share}");
        }
        assert_eq!(run.p999_share_of_period, 1.25);
    }
}
