//! How masking lies over the listeners, and what the loudspeakers have to give for it.

use std::collections::BTreeMap;

use super::{Assumptions, Grid};
use crate::acoustics::{BAND_COUNT, parallel};
use crate::nearby::{self, Nearby};
use crate::plan::{Plan, Position};
use crate::propagation::{MAX_PATH_M, Room};
use crate::spectrum::{a_weighted_sum_db, a_weighting_db, energy, level_db};

/// Rounds in which the drives of the zones are brought to their levels; they settle in a few dozen.
const ROUNDS: usize = 200;

/// Edge of the squares of cells that are computed together.
const TILE_CELLS: usize = 4;

/// Noise needs this much below a full-scale sine for its peaks, dB: 12 dB over its own level, 3 dB of which the sine
/// has too.
const PEAKS_DB: f64 = 9.0;

/// Masking in one zone while all play their fixed level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneCoverage {
    /// Energy mean over the listeners, dB(A): the fixed level where loudspeakers can give it.
    pub mean_db: f64,
    /// At the listener who gets least, dB(A).
    pub lowest_db: f64,
    /// At the listener who gets most, dB(A).
    pub highest_db: f64,
    /// How much lower the loudspeakers could play while all zones are at their highest level before noise clips, dB;
    /// negative: they do not reach it. `None` without loudspeakers.
    pub headroom_db: Option<f64>,
}

impl ZoneCoverage {
    /// Half of the range over the listeners, dB: the usual "±".
    pub fn uniformity_db(&self) -> f64 {
        (self.highest_db - self.lowest_db) / 2.0
    }
}

/// Masking over the whole plan while all zones play their fixed level.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// In the order of the plan.
    pub zones: Vec<ZoneCoverage>,
    /// Per zone and listener, dB(A).
    pub at_listeners_db: Vec<Vec<f64>>,
    /// Per floor and cell of its grid, dB(A); `NEG_INFINITY` where no zone is.
    pub on_grids_db: Vec<Vec<f32>>,
}

/// A-weighted energy of the masking of each zone at a place, per drive of 1.
type Gains = BTreeMap<usize, f64>;

impl Coverage {
    pub(super) fn of(plan: &Plan, rooms: &[Room], assumptions: &Assumptions, grids: &[Grid]) -> Self {
        let spread = Spread::of(plan, rooms, assumptions);
        let at_listeners: Vec<Vec<Gains>> = parallel::map(plan.zones.len(), |zone| {
            spread.gains(plan.zones[zone].floor, &plan.zones[zone].listeners)
        });
        let means: Vec<Gains> = at_listeners.iter().map(|gains| mean(gains)).collect();
        let target = |level_db: fn(&super::ZoneLimits) -> f64| -> Vec<f64> {
            assumptions.zones.iter().map(|zone| energy(level_db(zone))).collect()
        };
        let fixed = drives(&means, &target(|zone| zone.level_fixed_db));
        let highest = drives(&means, &target(|zone| zone.level_max_db));
        let levels_db = |gains: &Vec<Gains>| -> Vec<f64> { gains.iter().map(|gains| level_db(driven(gains, &fixed))).collect() };
        let at_listeners_db: Vec<Vec<f64>> = at_listeners.iter().map(levels_db).collect();
        let unweighted_db = -a_weighted_sum_db(&unweighted(&assumptions.masking_spectrum_db));
        let loudest_db = |zone: usize| level_db(highest[zone]) + unweighted_db;
        let mut headroom_db: Vec<Option<f64>> = vec![None; plan.zones.len()];
        for loudspeaker in &plan.loudspeakers {
            let left_db = loudspeaker.output_db_spl - PEAKS_DB - loudest_db(loudspeaker.zone);
            let least_db = headroom_db[loudspeaker.zone].get_or_insert(left_db);
            *least_db = least_db.min(left_db);
        }
        let zones = at_listeners_db.iter().enumerate().map(|(zone, levels_db)| ZoneCoverage {
            mean_db: level_db(driven(&means[zone], &fixed)),
            lowest_db: levels_db.iter().copied().fold(f64::INFINITY, f64::min),
            highest_db: levels_db.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            headroom_db: headroom_db[zone],
        });
        let zones = zones.collect();
        let on_grids_db = grids
            .iter()
            .enumerate()
            .map(|(floor, grid)| on_grid(&spread, floor, grid, &fixed))
            .collect();
        Self {
            zones,
            at_listeners_db,
            on_grids_db,
        }
    }

    /// How much more than its zone's mean a listener gets, as a factor of energy.
    pub(super) fn share(&self, zone: usize, listener: usize) -> f64 {
        let share = energy(self.at_listeners_db[zone][listener] - self.zones[zone].mean_db);
        if share.is_finite() { share } else { 0.0 }
    }
}

/// Levels of a spectrum of 0 dB in all, without any weighting.
fn unweighted(spectrum_db: &[f64; BAND_COUNT]) -> [f64; BAND_COUNT] {
    let sum_db = level_db(spectrum_db.iter().map(|level| energy(*level)).sum());
    spectrum_db.map(|level| level - sum_db)
}

fn on_grid(spread: &Spread, floor: usize, grid: &Grid, drives: &[f64]) -> Vec<f32> {
    // Tiles rather than rows: few loudspeakers and screens are near all of a tile.
    let tiles = [grid.columns.div_ceil(TILE_CELLS), grid.rows.div_ceil(TILE_CELLS)];
    let found = parallel::map(tiles[0] * tiles[1], |tile| {
        let [column, row] = [tile % tiles[0], tile / tiles[0]].map(|index| index * TILE_CELLS);
        let rows = row..(row + TILE_CELLS).min(grid.rows);
        let columns = column..(column + TILE_CELLS).min(grid.columns);
        let cells = rows.flat_map(|row| columns.clone().map(move |column| row * grid.columns + column));
        let cells: Vec<usize> = cells.filter(|cell| grid.zones[*cell].is_some()).collect();
        let places: Vec<Position> = cells.iter().map(|cell| grid.place(*cell)).collect();
        let gains = spread.gains(floor, &places);
        let levels = gains.iter().map(|gains| level_db(driven(gains, drives)) as f32);
        cells.into_iter().zip(levels).collect::<Vec<_>>()
    });
    let mut levels = vec![f32::NEG_INFINITY; grid.columns * grid.rows];
    for (cell, level) in found.into_iter().flatten() {
        levels[cell] = level;
    }
    levels
}

/// From loudspeakers to places.
struct Spread<'a> {
    plan: &'a Plan,
    rooms: &'a [Room],
    nearby: Nearby,
    /// A-weighted share of each band of the masking.
    weights: [f64; BAND_COUNT],
}

impl<'a> Spread<'a> {
    fn of(plan: &'a Plan, rooms: &'a [Room], assumptions: &Assumptions) -> Self {
        let sum_db = a_weighted_sum_db(&assumptions.masking_spectrum_db);
        let spectrum_db = assumptions.masking_spectrum_db;
        let loudspeakers = plan.loudspeakers.iter().enumerate().map(|(index, loudspeaker)| {
            let floor = plan.zones[loudspeaker.zone].floor;
            (floor, index, nearby::place(loudspeaker.position))
        });
        Self {
            plan,
            rooms,
            nearby: Nearby::of(plan.floors.len(), loudspeakers),
            weights: core::array::from_fn(|band| energy(spectrum_db[band] + a_weighting_db(band) - sum_db)),
        }
    }

    /// Per place of one floor: what each zone's loudspeakers give.
    fn gains(&self, floor: usize, places: &[Position]) -> Vec<Gains> {
        let mut gains = vec![Gains::new(); places.len()];
        let Some(around) = nearby::around(places.iter().map(|at| nearby::place(*at))) else {
            return gains;
        };
        let room = &self.rooms[floor];
        let mut near: Vec<usize> = self.nearby.within(floor, around, MAX_PATH_M).collect();
        near.sort_unstable();
        let sources = near.iter().map(|source| self.plan.loudspeakers[*source].position);
        let obstacles = room.obstacles().between(places.iter().copied().chain(sources));
        for source in near {
            let loudspeaker = &self.plan.loudspeakers[source];
            let obstacles = obstacles.between_groups(places, &[loudspeaker.position]);
            for (gains, place) in gains.iter_mut().zip(places) {
                if let Some(path) = room.energies(loudspeaker.position, *place, &obstacles) {
                    let heard: f64 = path.iter().zip(self.weights).map(|(path, weight)| path * weight).sum();
                    *gains.entry(loudspeaker.zone).or_default() += heard;
                }
            }
        }
        gains
    }
}

fn mean(gains: &[Gains]) -> Gains {
    let mut mean = Gains::new();
    for (zone, gain) in gains.iter().flatten() {
        *mean.entry(*zone).or_default() += gain / gains.len() as f64;
    }
    mean
}

fn driven(gains: &Gains, drives: &[f64]) -> f64 {
    gains.iter().map(|(zone, gain)| gain * drives[*zone]).sum()
}

/// Drives of all zones, none negative, that bring each zone's mean as near to its target as leaks from others allow.
///
/// Multiplicative updates (expectation maximisation, Richardson and Lucy) never leave the positive and always
/// come nearer.
fn drives(means: &[Gains], targets: &[f64]) -> Vec<f64> {
    let mut drives = vec![0.0; means.len()];
    let mut sums = vec![0.0; means.len()];
    for (zone, gains) in means.iter().enumerate() {
        for (from, gain) in gains {
            sums[*from] += gain;
            if *from == zone {
                drives[zone] = targets[zone] / gain;
            }
        }
    }
    for _ in 0..ROUNDS {
        let mut corrections = vec![0.0; means.len()];
        for (gains, target) in means.iter().zip(targets) {
            let now = driven(gains, &drives);
            for (from, gain) in gains {
                corrections[*from] += gain * target / now.max(f64::MIN_POSITIVE);
            }
        }
        for ((drive, correction), sum) in drives.iter_mut().zip(corrections).zip(&sums) {
            if *sum > 0.0 {
                *drive *= correction / sum;
            }
        }
    }
    drives
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn drives_that_leak_into_each_other_still_give_each_zone_its_level() {
        let means = [
            Gains::from([(0, 1.0), (1, 0.3)]),
            Gains::from([(0, 0.3), (1, 1.0), (2, 0.3)]),
            Gains::from([(1, 0.3), (2, 1.0)]),
        ];
        let targets = [1.0, 1.2, 0.9];
        let drives = drives(&means, &targets);
        for (gains, target) in means.iter().zip(targets) {
            let found = driven(gains, &drives);
            assert!((level_db(found) - level_db(target)).abs() < 0.05, "{found} for {target}");
        }
    }

    proptest! {
        #[test]
        fn drives_are_never_negative_and_a_zone_without_loudspeakers_only_gets_what_leaks(
            gains in prop::array::uniform3(prop::array::uniform3(0.0..1.0f64)),
            levels_db in prop::array::uniform3(-6.0..6.0f64),
        ) {
            let means: Vec<Gains> = gains.iter()
                .map(|row| row.iter().copied().enumerate().filter(|(from, gain)| *from != 1 && *gain > 0.05).collect())
                .collect();
            let drives = drives(&means, &levels_db.map(energy));
            prop_assert!(drives.iter().all(|drive| drive.is_finite() && *drive >= 0.0), "{drives:?}");
            prop_assert_eq!(drives[1], 0.0);
        }
    }
}
