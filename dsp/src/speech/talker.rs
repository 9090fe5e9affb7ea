//! Who talks: the zones whose speech is louder than what the talkers of other zones explain.
//!
//! A talker is heard in the zones around, so the level of speech in a zone alone does not tell where the talker is. The margin
//! by which it exceeds what louder talkers send over does. Single seconds scatter by 1-2 dB; the margin is therefore averaged
//! over the last seconds, and has to fall further to end a talker than to begin one.

use crate::{
    setup::HearingSetup,
    units::{db_to_power, power_to_db},
};

/// Speech has to exceed what other talkers explain by this much to begin a talker, and a talker ends below this. Chosen with
/// the next two as the best mean F1 over the situations of the test below.
const BEGIN_DB: f64 = 4.0;
const END_DB: f64 = 2.5;

/// Weight of the last second in the mean margin.
const LAST_SECOND: f64 = 0.7;

/// Margins beyond these say no more, so that a talker who stops is not remembered for long.
const SMALLEST_MARGIN_DB: f64 = 0.0;
const LARGEST_MARGIN_DB: f64 = 6.0;

/// What is remembered of a zone from second to second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TalkerMemory {
    /// Mean margin, dB; 0 after a second without speech: only a clear margin makes a talker at once.
    margin_db: f64,
    /// Power of the zone's own talker in this second.
    own_power: f64,
    /// Somebody talks in the zone.
    talking: bool,
}

/// Marks the zones with a talker in this second.
///
/// `speech_db` holds the speech level of this second at the microphones of each zone, `None` without speech; `hearing[i]` lists
/// whose talkers zone i hears and how loud. The loudest zone has a talker; a softer one has its own if it is louder than the
/// talkers found so far make it. `order` is scratch space; all have one entry per zone.
pub fn find_talkers(
    speech_db: &[Option<f64>],
    hearing: &[Vec<HearingSetup>],
    memory: &mut [TalkerMemory],
    order: &mut [usize],
    talkers: &mut [bool],
) {
    order.iter_mut().enumerate().for_each(|(index, slot)| *slot = index);
    let level = |zone: usize| speech_db[zone].unwrap_or(f64::NEG_INFINITY);
    order.sort_unstable_by(|a, b| level(*b).total_cmp(&level(*a)).then(a.cmp(b)));
    memory.iter_mut().for_each(|zone| zone.own_power = 0.0);
    // A talker explains others by what is the talker's own, without what comes over from louder ones.
    for &zone in order.iter() {
        let Some(level_db) = speech_db[zone] else {
            memory[zone] = TalkerMemory::default();
            continue;
        };
        let explained = explained_power(zone, hearing, memory);
        let margin_db = (level_db - power_to_db(explained)).clamp(SMALLEST_MARGIN_DB, LARGEST_MARGIN_DB);
        let before_db = memory[zone].margin_db;
        let mean_db = before_db + LAST_SECOND * (margin_db - before_db);
        let talking = mean_db > if memory[zone].talking { END_DB } else { BEGIN_DB };
        memory[zone] = TalkerMemory {
            margin_db: mean_db,
            own_power: if talking {
                (db_to_power(level_db) - explained).max(0.0)
            } else {
                0.0
            },
            talking,
        };
    }
    for (talker, zone) in talkers.iter_mut().zip(memory) {
        *talker = zone.talking;
    }
}

/// What the talkers found so far send to a zone.
fn explained_power(zone: usize, hearing: &[Vec<HearingSetup>], memory: &[TalkerMemory]) -> f64 {
    hearing[zone]
        .iter()
        .filter_map(|path| Some(memory[path.from_zone].own_power * db_to_power(path.to_microphones_db?)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::STI_CURVE_POINTS;

    fn path(from_zone: usize, to_microphones_db: f64) -> HearingSetup {
        HearingSetup {
            from_zone,
            to_listeners_db: to_microphones_db,
            to_each_listener_db: Vec::new(),
            to_microphones_db: Some(to_microphones_db),
            sti_curve: [0.0; STI_CURVE_POINTS],
        }
    }

    fn talkers(speech_db: &[Option<f64>]) -> Vec<bool> {
        let zones = speech_db.len();
        let hear = |here: usize| {
            (0..zones)
                .filter(|there| *there != here)
                .map(|there| path(there, -8.0))
                .collect()
        };
        let hearing: Vec<Vec<HearingSetup>> = (0..zones).map(hear).collect();
        let mut found = vec![true; zones];
        let mut memory = vec![TalkerMemory::default(); zones];
        find_talkers(speech_db, &hearing, &mut memory, &mut vec![0; zones], &mut found);
        found
    }

    #[test]
    fn one_talker_is_in_the_loudest_zone_only() {
        assert_eq!(
            talkers(&[Some(44.0), Some(52.0), Some(45.0), None]),
            [false, true, false, false]
        );
    }

    #[test]
    fn two_talkers_are_told_apart() {
        assert_eq!(talkers(&[Some(52.0), Some(45.0), Some(51.0)]), [true, false, true]);
    }

    #[test]
    fn nobody_talks() {
        assert_eq!(talkers(&[None, None]), [false, false]);
    }

    /// Uniform in 0..1, reproducible.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1u64 << 53) as f64
        }

        /// Roughly normal with mean 0: the sum of twelve.
        fn scatter(&mut self, deviation: f64) -> f64 {
            ((0..12).map(|_| self.next()).sum::<f64>() - 6.0) * deviation
        }
    }

    /// F1 per zone and second: eight zones in a row, `talking_share` of which talk on average in turns of some seconds.
    fn simulate(seed: u64, talking_share: f64, noise_db: f64, nearest_db: f64) -> f64 {
        const ZONES: usize = 8;
        let mut chance = Chance(seed);
        let leak_db = |here: usize, there: usize| nearest_db - 4.0 * (here.abs_diff(there) as f64 - 1.0);
        let hear = |here: usize| {
            let others = (0..ZONES).filter(move |there| *there != here);
            others.map(|there| path(there, leak_db(here, there))).collect::<Vec<_>>()
        };
        let hearing: Vec<Vec<HearingSetup>> = (0..ZONES).map(hear).collect();
        // The layout knows the paths only roughly.
        let real_error: Vec<f64> = (0..ZONES * ZONES).map(|_| chance.scatter(1.0)).collect();
        let voice_db: Vec<f64> = (0..ZONES).map(|_| 52.0 + chance.scatter(2.5)).collect();
        let (mut talking, mut memory) = ([false; ZONES], [TalkerMemory::default(); ZONES]);
        let (mut order, mut found) = ([0; ZONES], [false; ZONES]);
        let (mut hits, mut errors) = (0.0, 0.0);
        for _ in 0..2000 {
            for talks in &mut talking {
                // Turns of six seconds.
                let change = if *talks {
                    1.0 / 6.0
                } else {
                    talking_share / (1.0 - talking_share) / 6.0
                };
                *talks ^= chance.next() < change;
            }
            let second_db: [f64; ZONES] = core::array::from_fn(|zone| voice_db[zone] + chance.scatter(2.0));
            let speech_db: [Option<f64>; ZONES] = core::array::from_fn(|here| {
                let power: f64 = (0..ZONES)
                    .filter(|there| talking[*there])
                    .map(|there| {
                        let lost_db = if here == there {
                            0.0
                        } else {
                            leak_db(here, there) + real_error[here * ZONES + there]
                        };
                        db_to_power(second_db[there] + lost_db)
                    })
                    .sum();
                let level_db = power_to_db(power) + chance.scatter(noise_db);
                (level_db > 32.0).then_some(level_db)
            });
            find_talkers(&speech_db, &hearing, &mut memory, &mut order, &mut found);
            for (found, talks) in found.iter().zip(&talking) {
                hits += if *found && *talks { 2.0 } else { 0.0 };
                errors += if found != talks { 1.0 } else { 0.0 };
            }
        }
        hits / (hits + errors)
    }

    #[test]
    fn talkers_are_found_with_noise_and_leaks_at_once_or_alone() {
        // With neighbours only 6 dB down, a softer talker between two louder ones cannot be told from their sum.
        for (nearest_db, noise_db, least) in [
            (-6.0, 1.0, [0.95, 0.92, 0.88]),
            (-6.0, 2.0, [0.85, 0.83, 0.8]),
            (-9.0, 1.5, [0.92, 0.92, 0.92]),
            (-12.0, 1.5, [0.92, 0.92, 0.92]),
        ] {
            for (talking_share, least) in [0.1, 0.25, 0.4].into_iter().zip(least) {
                let mean = (11..=15)
                    .map(|seed| simulate(seed, talking_share, noise_db, nearest_db))
                    .sum::<f64>()
                    / 5.0;
                println!("leak {nearest_db} dB, noise {noise_db} dB, {talking_share} talk: F1 {mean:.3}");
                assert!(
                    mean >= least,
                    "leak {nearest_db} dB, noise {noise_db} dB, {talking_share} talk: {mean:.3}"
                );
            }
        }
    }
}
