//! What adaptive masking gains over fixed masking of the same energy mean: distracted listener-seconds, in per cent fewer.

use std::time::Instant;

use habitat_benches::office_day::{
    compare::{CONTENDERS, Comparison, Days, compare},
    limits::{BRISK, DEFAULT},
    site::{Scenario, Site},
};

/// Offices of each kind.
const SEEDS: u64 = 5;

fn main() {
    let begin = Instant::now();
    println!("distracted listener-seconds, per cent fewer than with fixed masking of the same energy mean: mean (least to most)");
    for scenario in Scenario::all() {
        let sites: Vec<(Site, Days)> = (1..=SEEDS)
            .map(|seed| {
                let site = Site::new(&scenario, seed);
                let days = Days::of(&site);
                (site, days)
            })
            .collect();
        println!(
            "{:>2} zones, {}, {:?}",
            scenario.size.zones(),
            scenario.room.name,
            scenario.spread
        );
        for limits in [BRISK, DEFAULT] {
            for contender in CONTENDERS {
                let results: Vec<Comparison> = sites
                    .iter()
                    .map(|(site, days)| compare(site, days, (contender.build)(&site.zones, limits).as_mut()))
                    .collect();
                println!("  {:>8} {:<12} {}", limits.name, contender.name, row(&results));
            }
        }
    }
    println!("took {:.0} s", begin.elapsed().as_secs_f64());
}

fn row(results: &[Comparison]) -> String {
    let percent: Vec<f64> = results.iter().map(|result| 100.0 * result.fewer()).collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / results.len() as f64;
    format!(
        "{:>5.1} ({:>5.1} to {:>5.1})   mean {:.1} dB(A), distracted {:.1} % of the time, fixed {:.1} %",
        mean(&mut percent.iter().copied()),
        percent.iter().copied().fold(f64::INFINITY, f64::min),
        percent.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        mean(&mut results.iter().map(|result| result.adaptive.mean_db)),
        100.0 * mean(&mut results.iter().map(|result| result.adaptive.distracted_share())),
        100.0 * mean(&mut results.iter().map(|result| result.fixed.distracted_share())),
    )
}
