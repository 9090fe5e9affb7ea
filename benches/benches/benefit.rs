//! What adaptive masking gains over fixed masking of the same energy mean: distracted listener-seconds, in per cent fewer.
//!
//! Without arguments, the references (full knowledge of the day, and of its present only; best constant levels) are computed for
//! the ordinary offices of up to twelve zones. `-- no-references` leaves them out, `-- all-references` computes them everywhere,
//! which takes much longer. `-- assumptions` shows instead what twelve zones gain when something else is assumed of people,
//! `-- one-voice` what offices gain by the figures of ISO 3382-3, which know one voice only. A
//! number means so many offices of each kind, `"only=12 zones, ordinary"` those offices whose title has these words.

use std::{thread, time::Instant};

use habitat_benches::office_day::{
    bound::{PresentKnowledge, best_constant, full_knowledge},
    compare::{CONTENDERS, Comparison, Days, compare, compare_measured},
    limits::{BRISK, DEFAULT, Limits},
    room,
    site::{Scenario, Site},
};

/// Offices of each kind.
const SEEDS: u64 = 5;

/// The references are given this energy mean, dB(A): the commissioned level. Where more masking helps nobody they use less.
const REFERENCE_MEAN_DB: f64 = 43.0;

/// Largest office in which the references are computed without being asked for.
const MOST_ZONES: usize = 12;

fn main() {
    let begin = Instant::now();
    let told = |word: &str| std::env::args().any(|argument| argument == word);
    let seeds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(SEEDS);
    let only = std::env::args().find_map(|argument| argument.strip_prefix("only=").map(str::to_owned));
    let only = only.unwrap_or_default();
    println!("distracted listener-seconds, per cent fewer than with fixed masking of the same energy mean; {seeds} offices each");
    println!("limits   controller         mean  (least  to  most)  deviation   dB(A)  distracted  with fixed   range of levels");
    let scenarios = if told("assumptions") {
        Scenario::assumptions()
    } else if told("one-voice") {
        Scenario::one_voice()
    } else {
        Scenario::all()
    };
    for scenario in scenarios {
        let ordinary = scenario.room.name != room::DRY.name && scenario.room.name != room::REVERBERANT.name;
        let references = told("all-references") || !told("no-references") && ordinary && scenario.size.zones() <= MOST_ZONES;
        let title = title(&scenario);
        if !title.contains(&only) {
            continue;
        }
        println!("{title}");
        // One thread for each office.
        let offices: Vec<Vec<(String, Comparison)>> = thread::scope(|scope| {
            let started: Vec<_> = (1..=seeds)
                .map(|seed| scope.spawn(move || judge(&scenario, seed, references)))
                .collect();
            started
                .into_iter()
                .map(|office| office.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for (line, (name, _)) in offices[0].iter().enumerate() {
            let results: Vec<&Comparison> = offices.iter().map(|office| &office[line].1).collect();
            println!("{name:<27} {}", row(&results));
        }
    }
    println!("took {:.0} s", begin.elapsed().as_secs_f64());
}

fn title(scenario: &Scenario) -> String {
    format!(
        "{} zones, {}, desks {:?}{}, talkers {:?}, assumptions {}",
        scenario.size.zones(),
        scenario.room.name,
        scenario.size.desks,
        if scenario.size.places_to_meet {
            ", places to meet"
        } else {
            ""
        },
        scenario.spread,
        scenario.assumptions.name
    )
}

/// All controllers in one office.
fn judge(scenario: &Scenario, seed: u64, references: bool) -> Vec<(String, Comparison)> {
    let site = Site::new(scenario, seed);
    let days = Days::of(&site);
    let mut results = Vec::new();
    for limits in [BRISK, DEFAULT] {
        let name = |controller: &str| format!("{:<8} {controller}", limits.name);
        for contender in CONTENDERS {
            let mut policy = (contender.build)(&site.zones, limits);
            results.push((name(contender.name), compare(&site, &days, policy.as_mut())));
        }
        if references {
            let mut policy = full_knowledge(&site, &days.measured, &limits, REFERENCE_MEAN_DB);
            let result = compare_measured(&site, &days.measured, &mut policy);
            results.push((name("full knowledge"), result));
            let mut policy = PresentKnowledge::new(&site, &days.measured, limits);
            let result = compare_measured(&site, &days.measured, &mut policy);
            results.push((name("of the present"), result));
        }
    }
    if references {
        let limits: &Limits = &DEFAULT;
        let mut policy = best_constant(&site, &days.measured, limits, REFERENCE_MEAN_DB);
        let result = compare_measured(&site, &days.measured, &mut policy);
        results.push((format!("{:<8} best constant", "-"), result));
    }
    results
}

fn row(results: &[&Comparison]) -> String {
    let mean =
        |value: &dyn Fn(&Comparison) -> f64| results.iter().map(|result| value(result)).sum::<f64>() / results.len() as f64;
    let extreme = |value: &dyn Fn(&Comparison) -> f64, of: fn(f64, f64) -> f64| {
        results.iter().map(|result| value(result)).reduce(of).unwrap_or(f64::NAN)
    };
    let percent = |result: &Comparison| 100.0 * result.fewer();
    let average = mean(&percent);
    let deviation = mean(&|result| (percent(result) - average).powi(2)).sqrt();
    format!(
        "{average:>5.1}  ({:>5.1}  to {:>5.1})  {deviation:>9.1}   {:>5.1}  {:>8.1} %  {:>8.1} %   {:.1} to {:.1}",
        extreme(&percent, f64::min),
        extreme(&percent, f64::max),
        mean(&|result| result.adaptive.mean_db),
        mean(&|result| 100.0 * result.adaptive.distracted_share()),
        mean(&|result| 100.0 * result.fixed.distracted_share()),
        extreme(&|result| result.adaptive.range_db.0, f64::min),
        extreme(&|result| result.adaptive.range_db.1, f64::max),
    )
}
