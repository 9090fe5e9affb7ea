//! The levels that the adaptation may reach while somebody talks.

use std::collections::BTreeMap;

use super::{Assumptions, ZoneLimits};
use crate::acoustics::{STI_CURVE_DB, STI_CURVE_POINTS, SpeechPath};
use crate::plan::Plan;
use crate::spectrum::{MALE_SPEECH_LEVEL_DB, energy, level_db};

/// Masking levels of all zones per talker's zone.
pub(super) struct Law {
    fixed_db: Vec<f64>,
    /// What every zone holds while nobody talks.
    quiet_db: Vec<f64>,
    /// Per talker's zone: those that are above it.
    raised_db: Vec<BTreeMap<usize, f64>>,
}

impl Law {
    pub(super) fn of(plan: &Plan, assumptions: &Assumptions, neighbours: &[Vec<usize>], hearing: &[Vec<SpeechPath>]) -> Self {
        let limit_db = assumptions.neighbour_max_db;
        let quiet_db = assumptions.zones.iter().map(|zone| zone.level_min_db);
        let quiet_db = lifted(quiet_db.enumerate().collect(), neighbours, limit_db, |_| f64::NEG_INFINITY);
        let quiet_db: Vec<f64> = quiet_db.into_values().collect();
        let highest_db = reachable(assumptions, neighbours);
        // Talkers whom no microphone hears change nothing.
        let mut is_measured = vec![false; plan.zones.len()];
        for microphone in &plan.microphones {
            is_measured[microphone.zone] = true;
        }
        let mut wanted: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); plan.zones.len()];
        let works = |zone: &usize| plan.zones[*zone].kind.has_workplaces();
        for (zone, paths) in hearing.iter().enumerate().filter(|(zone, _)| works(zone)) {
            for path in paths.iter().filter(|path| is_measured[path.from_zone]) {
                let level_db = wanted_db(path, &assumptions.zones[zone], assumptions).min(highest_db[zone]);
                if level_db > quiet_db[zone] {
                    wanted[path.from_zone].insert(zone, level_db);
                }
            }
        }
        let raised_db = wanted
            .into_iter()
            .map(|wanted| lifted(wanted, neighbours, limit_db, |zone| quiet_db[zone]))
            .collect();
        Self {
            fixed_db: assumptions.zones.iter().map(|zone| zone.level_fixed_db).collect(),
            quiet_db,
            raised_db,
        }
    }

    /// Masking in a zone while somebody talks in another (or the same), in the order of [`Masking::ALL`](super::Masking).
    pub(super) fn masking(&self, talker: usize, zone: usize) -> [f64; 3] {
        [0.0, energy(self.fixed_db[zone]), energy(self.adaptive_db(talker, zone))]
    }

    /// Adaptive masking in a zone while somebody talks, dB(A).
    pub(super) fn adaptive_db(&self, talker: usize, zone: usize) -> f64 {
        self.raised_db[talker].get(&zone).copied().unwrap_or(self.quiet_db[zone])
    }
}

/// What a zone would want on its own while a talker of normal effort is heard over a path.
fn wanted_db(path: &SpeechPath, limits: &ZoneLimits, assumptions: &Assumptions) -> f64 {
    let speech_db = MALE_SPEECH_LEVEL_DB + path.to_listeners_db;
    let noise_db = |masking_db: f64| level_db(energy(masking_db) + energy(assumptions.background_db));
    let sti = |masking_db: f64| sti_at(&path.sti_curve, speech_db - noise_db(masking_db));
    if sti(limits.level_min_db) <= limits.sti_target
        || sti(limits.level_max_db) > limits.sti_target + assumptions.maskable_margin_sti
    {
        return limits.level_min_db;
    }
    if sti(limits.level_max_db) >= limits.sti_target {
        return limits.level_max_db;
    }
    let (mut low_db, mut high_db) = (limits.level_min_db, limits.level_max_db);
    while high_db - low_db > 0.05 {
        let middle_db = (low_db + high_db) / 2.0;
        if sti(middle_db) > limits.sti_target {
            low_db = middle_db;
        } else {
            high_db = middle_db;
        }
    }
    high_db
}

/// STI read off a curve at a speech-to-noise ratio.
pub(super) fn sti_at(curve: &[f32; STI_CURVE_POINTS], ratio_db: f64) -> f64 {
    let position = (ratio_db - f64::from(*STI_CURVE_DB.start())).clamp(0.0, (STI_CURVE_POINTS - 1) as f64);
    let index = (position as usize).min(STI_CURVE_POINTS - 2);
    let share = position - index as f64;
    f64::from(curve[index]) * (1.0 - share) + f64::from(curve[index + 1]) * share
}

/// The highest level of each zone that no zone around it has to exceed its own highest for.
fn reachable(assumptions: &Assumptions, neighbours: &[Vec<usize>]) -> Vec<f64> {
    let highest_db = assumptions.zones.iter().map(|zone| -zone.level_max_db).enumerate();
    let lowered = lifted(highest_db.collect(), neighbours, assumptions.neighbour_max_db, |_| {
        f64::NEG_INFINITY
    });
    lowered.into_values().map(|level_db| -level_db).collect()
}

/// Levels after raising every zone to within the limit of its neighbours; zones that stay at `otherwise` are left out.
fn lifted(
    mut levels_db: BTreeMap<usize, f64>,
    neighbours: &[Vec<usize>],
    limit_db: f64,
    otherwise: impl Fn(usize) -> f64,
) -> BTreeMap<usize, f64> {
    let mut changed: Vec<usize> = levels_db.keys().copied().collect();
    while let Some(zone) = changed.pop() {
        let least_db = levels_db[&zone] - limit_db;
        for neighbour in &neighbours[zone] {
            let level_db = levels_db.get(neighbour).copied().unwrap_or_else(|| otherwise(*neighbour));
            if level_db < least_db {
                levels_db.insert(*neighbour, least_db);
                changed.push(*neighbour);
            }
        }
    }
    levels_db
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of zones, each beside the next.
    fn row(count: usize) -> Vec<Vec<usize>> {
        let near = |zone: usize| [zone.checked_sub(1), Some(zone + 1).filter(|next| *next < count)];
        (0..count).map(|zone| near(zone).into_iter().flatten().collect()).collect()
    }

    #[test]
    fn a_raised_zone_lifts_those_around_it_by_two_decibels_less_per_step() {
        let lifted = lifted([(2, 46.0)].into(), &row(6), 2.0, |_| 40.0);
        let expected = [(0, 42.0), (1, 44.0), (2, 46.0), (3, 44.0), (4, 42.0)];
        assert_eq!(lifted, expected.into());
    }

    #[test]
    fn no_zone_is_raised_so_far_that_its_neighbour_would_exceed_its_own_highest_level() {
        let zone = |level_max_db| ZoneLimits {
            level_min_db: 38.0,
            level_fixed_db: 40.0,
            level_max_db,
            sti_target: 0.45,
        };
        let assumptions = Assumptions {
            background_db: 35.0,
            masking_spectrum_db: crate::spectrum::minus5_db(),
            zones: vec![zone(47.0), zone(46.0), zone(41.0)],
            neighbour_max_db: 2.0,
            maskable_margin_sti: 0.15,
        };
        assert_eq!(reachable(&assumptions, &row(3)), [45.0, 43.0, 41.0]);
    }

    #[test]
    fn speech_that_is_unclear_anyway_or_cannot_be_masked_asks_for_nothing_and_what_helps_is_paid_for() {
        let path = |to_listeners_db| SpeechPath {
            from_zone: 1,
            to_listeners_db,
            to_each_listener_db: Vec::new(),
            to_microphones_db: None,
            // STI without reverberation: (ratio + 15) / 30.
            sti_curve: core::array::from_fn(|point| ((point as f32 - 15.0) / 30.0).clamp(0.0, 1.0)),
        };
        let limits = ZoneLimits {
            level_min_db: 40.0,
            level_fixed_db: 43.0,
            level_max_db: 46.0,
            sti_target: 0.45,
        };
        let assumptions = Assumptions {
            background_db: f64::NEG_INFINITY,
            masking_spectrum_db: crate::spectrum::minus5_db(),
            zones: vec![limits],
            neighbour_max_db: 2.0,
            maskable_margin_sti: 0.15,
        };
        let wanted = |speech_db: f64| wanted_db(&path(speech_db - MALE_SPEECH_LEVEL_DB), &limits, &assumptions);
        assert_eq!(wanted(38.0), 40.0);
        // STI 0.45 at -1.5 dB.
        assert!((wanted(42.0) - 43.5).abs() < 0.06, "{}", wanted(42.0));
        assert_eq!(wanted(46.0), 46.0);
        assert_eq!(wanted(52.0), 40.0);
    }
}
