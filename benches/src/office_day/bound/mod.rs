//! What could be gained at most: levels chosen with full knowledge of the day, its future included ([`full_knowledge`]), or of its
//! present only ([`PresentKnowledge`]).
//!
//! Each distracted listener-second costs one; masking costs a price for its energy, and the price is moved until the energy
//! mean is the wanted one (Lagrange). For one zone, the levels of all others given, the best course of levels under the slew limit is
//! found exactly by dynamic programming on a grid of levels. The zones take turns; a step between neighbours that is
//! too large costs more from turn to turn. The courses found are then run like any controller, within the same limits
//! and in the full simulator.
//!
//! Since zones take turns, this is not a proof of optimality: a cleverer search could find a little more.

mod chances;
mod course;
mod present;

use chances::Chances;
pub use course::Replay;
pub use present::PresentKnowledge;

use super::day::Day;
use super::level::energy;
use super::limits::Limits;
use super::site::Site;
use course::{Cost, Slew, cheapest};

/// Distance of levels on the grid, dB.
const GRID_DB: f64 = 0.1;

/// Turns of all zones.
const TURNS: usize = 16;

/// Price of the energy of masking at [`PRICED_AT_DB`], distracted listener-seconds per zone and second, before it is moved, and how
/// far it moves after a turn, natural logarithm per dB that the mean is off.
const FIRST_PRICE: f64 = 0.4;
const PRICED_AT_DB: f64 = 43.0;
const PRICE_STEP: f64 = 0.6;

/// What a step between neighbours costs per second and squared dB beyond the limit, in the first and in the last turn.
const STEP_COST: (f64, f64) = (0.05, 100.0);

/// Levels that may change during the day as fast as the limits allow.
pub fn full_knowledge(site: &Site, day: &Day, limits: &Limits, mean_db: f64) -> Replay {
    let down_s = (60.0 * GRID_DB / limits.slew_down_db_per_min).round().max(1.0);
    let slew = Slew {
        up: (limits.slew_up_db_per_min / 60.0 * down_s / GRID_DB).round().max(1.0) as usize,
        down: 1,
    };
    search(site, day, limits, mean_db, down_s as usize, slew)
}

/// Levels that differ between zones but not in time.
pub fn best_constant(site: &Site, day: &Day, limits: &Limits, mean_db: f64) -> Replay {
    search(site, day, limits, mean_db, day.seconds(), Slew { up: 0, down: 0 })
}

/// All levels that the limits allow.
fn grid_db(limits: &Limits) -> Vec<f64> {
    let count = ((limits.level_max_db - limits.level_min_db) / GRID_DB).round() as usize + 1;
    (0..count).map(|level| limits.level_min_db + GRID_DB * level as f64).collect()
}

fn search(site: &Site, day: &Day, limits: &Limits, mean_db: f64, bin_s: usize, slew: Slew) -> Replay {
    let zones = site.zones.len();
    let levels_db = grid_db(limits);
    let count = levels_db.len();
    let energies: Vec<f64> = levels_db.iter().map(|level_db| energy(level_db - PRICED_AT_DB)).collect();
    let bins = day.seconds().div_ceil(bin_s);
    let start = (((mean_db - limits.level_min_db) / GRID_DB).round() as usize).min(count - 1);
    let mut chances = Chances::new(site, day, &levels_db, start, bin_s);
    let mut courses = vec![vec![start; bins]; zones];
    let mut price = FIRST_PRICE;
    let allowed = (limits.neighbour_max_db / GRID_DB).round() as usize;
    for turn in 0..TURNS {
        let progress = turn as f64 / (TURNS - 1) as f64;
        let step_cost = STEP_COST.0 * (STEP_COST.1 / STEP_COST.0).powf(progress);
        for zone in 0..zones {
            let mut cost = Cost::new(bins, count);
            chances.add_to(&mut cost, zone, &courses[zone]);
            cost.add_everywhere(|level| (price * bin_s as f64 * energies[level]) as f32);
            for other in site.neighbours(zone) {
                let penalty: Vec<f32> = (0..count)
                    .map(|steps| {
                        let excess_db = steps.saturating_sub(allowed) as f64 * GRID_DB;
                        (step_cost * bin_s as f64 * excess_db * excess_db) as f32
                    })
                    .collect();
                cost.add_distance(&courses[*other], &penalty);
            }
            let course = cheapest(&cost, slew);
            chances.move_zone(zone, &courses[zone], &course);
            courses[zone] = course;
        }
        let all = courses.iter().flatten();
        let mean = all.map(|level| energies[*level]).sum::<f64>() / (zones * bins) as f64;
        let off_db = 10.0 * mean.log10() + PRICED_AT_DB - mean_db;
        price *= (PRICE_STEP * off_db).exp();
    }
    let in_db = |course: &Vec<usize>| course.iter().map(|level| levels_db[*level]).collect();
    Replay::new(site.all_neighbours(), *limits, courses.iter().map(in_db).collect(), bin_s)
}
