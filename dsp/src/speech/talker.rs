//! Who talks: the zones whose speech is louder than what the talkers of other zones explain.

use crate::{
    setup::HearingSetup,
    units::{db_to_power, power_to_db},
};

/// Speech has to exceed what other talkers explain by this much to be a talker of its own: the scatter of a talker's level
/// over positions and orientations in a zone.
const MARGIN_DB: f64 = 3.0;

/// Marks the zones with a talker.
///
/// `speech_db` holds the speech level at the microphones of each zone, `None` without speech; `hearing[i]` lists whose
/// talkers zone i hears and how loud. The loudest zone has a talker; a softer one has its own if it is louder than the
/// talkers found so far make it. `order` is scratch space of the same length.
pub fn find_talkers(speech_db: &[Option<f64>], hearing: &[Vec<HearingSetup>], order: &mut [usize], talkers: &mut [bool]) {
    talkers.fill(false);
    order.iter_mut().enumerate().for_each(|(index, slot)| *slot = index);
    let level = |zone: usize| speech_db[zone].unwrap_or(f64::NEG_INFINITY);
    order.sort_unstable_by(|a, b| level(*b).total_cmp(&level(*a)).then(a.cmp(b)));
    for &zone in order.iter() {
        let Some(level_db) = speech_db[zone] else { break };
        let explained: f64 = hearing[zone]
            .iter()
            .filter(|path| talkers[path.from_zone])
            .filter_map(|path| Some(db_to_power(speech_db[path.from_zone]? + path.to_microphones_db?)))
            .sum();
        talkers[zone] = level_db > power_to_db(explained) + MARGIN_DB;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::STI_CURVE_POINTS;

    fn hearing(zones: usize, to_microphones_db: f64) -> Vec<Vec<HearingSetup>> {
        let path = |from_zone| HearingSetup {
            from_zone,
            to_listeners_db: to_microphones_db,
            to_microphones_db: Some(to_microphones_db),
            sti_curve: [0.0; STI_CURVE_POINTS],
        };
        (0..zones)
            .map(|here| (0..zones).filter(|there| *there != here).map(path).collect())
            .collect()
    }

    fn talkers(speech_db: &[Option<f64>]) -> Vec<bool> {
        let mut found = vec![true; speech_db.len()];
        find_talkers(
            speech_db,
            &hearing(speech_db.len(), -8.0),
            &mut vec![0; speech_db.len()],
            &mut found,
        );
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
}
