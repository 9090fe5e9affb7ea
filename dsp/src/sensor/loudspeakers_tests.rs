//! Swapped channels in a simulated ceiling.

use proptest::prelude::*;

use super::*;
use crate::units::db_to_power;

/// 24 loudspeakers 3 m apart in the ceiling and a microphone off every second one, 8 by 3.
const COLUMNS: usize = 8;
const LOUDSPEAKERS: usize = 24;
const MICROPHONES: usize = 12;

fn loudspeaker_at(index: usize) -> (f64, f64) {
    (3.0 * (index % COLUMNS) as f64, 3.0 * (index / COLUMNS) as f64)
}

/// Distance between two microphones.
fn apart_m(a: usize, b: usize) -> f64 {
    let ((ax, ay), (bx, by)) = (loudspeaker_at(2 * a), loudspeaker_at(2 * b));
    (ax - bx).hypot(ay - by)
}

/// Inverse square law with a diffuse field of an ordinary office, 15 dB below 1 m.
fn gain(microphone: usize, loudspeaker: usize) -> f64 {
    let ((x, y), (lx, ly)) = (loudspeaker_at(2 * microphone), loudspeaker_at(loudspeaker));
    let distance = (x + 0.8 - lx).hypot(y + 0.4 - ly).max(0.5);
    // Further than 12 m away a wall is in between.
    if distance > 12.0 {
        0.0
    } else {
        distance.powi(-2) + db_to_power(-25.0)
    }
}

fn map() -> LoudspeakerMap {
    LoudspeakerMap::new(LOUDSPEAKERS, (0..MICROPHONES).map(row))
}

fn row(microphone: usize) -> Vec<(usize, f64)> {
    (0..LOUDSPEAKERS).rev().map(|l| (l, gain(microphone, l))).collect()
}

/// What is heard at a place when loudspeaker l plays at `drives_db[l]`, with an error in each path.
fn heard_at(place: usize, drives_db: &[f64], errors_db: &[f64]) -> Vec<HeardLoudspeaker> {
    (0..LOUDSPEAKERS)
        .map(|loudspeaker| {
            let played = db_to_power(drives_db[loudspeaker]);
            HeardLoudspeaker {
                loudspeaker,
                played,
                heard: played * gain(place, loudspeaker) * db_to_power(errors_db[loudspeaker]),
            }
        })
        .collect()
}

/// Any place may be the right one.
fn anywhere(_: usize) -> bool {
    true
}

fn total(heard: &[HeardLoudspeaker]) -> f64 {
    heard.iter().map(|h| h.heard).sum()
}

proptest! {
    #[test]
    fn a_microphone_in_its_place_is_never_flagged(
        place in 0..MICROPHONES,
        drives_db in prop::collection::vec(40.0f64..48.0, LOUDSPEAKERS),
        errors_db in prop::collection::vec(-5.0f64..5.0, LOUDSPEAKERS),
    ) {
        let heard = heard_at(place, &drives_db, &errors_db);
        prop_assert_eq!(map().hears_others(place, &heard, (total(&heard), 0.0), anywhere), Some(false));
    }

    #[test]
    fn microphones_that_are_swapped_are_flagged(
        (place, other) in (0..MICROPHONES, 0..MICROPHONES).prop_filter("two loudspeakers apart", |(a, b)| apart_m(*a, *b) >= 6.0),
        drives_db in prop::collection::vec(40.0f64..48.0, LOUDSPEAKERS),
        errors_db in prop::collection::vec(-2.0f64..2.0, LOUDSPEAKERS),
    ) {
        let heard = heard_at(other, &drives_db, &errors_db);
        prop_assert_eq!(map().hears_others(place, &heard, (total(&heard), 0.0), anywhere), Some(true));
    }
}

#[test]
fn loudspeakers_that_are_swapped_are_flagged_where_they_are_heard() {
    let mut heard = heard_at(2, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    let (near, far) = (heard[4].heard, heard[9].heard);
    (heard[4].heard, heard[9].heard) = (far, near);
    assert_eq!(map().hears_others(2, &heard, (total(&heard), 0.0), anywhere), Some(true));
}

#[test]
fn a_second_microphone_in_the_same_place_is_no_better_one() {
    let twins = LoudspeakerMap::new(LOUDSPEAKERS, [row(3), row(3)]);
    let heard = heard_at(3, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    assert_eq!(twins.hears_others(0, &heard, (total(&heard), 0.0), anywhere), Some(false));
}

#[test]
fn nothing_is_said_while_the_loudspeakers_are_not_heard() {
    let heard = heard_at(3, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    assert_eq!(map().hears_others(7, &heard, (1000.0 * total(&heard), 0.0), anywhere), None);
    assert_eq!(
        map().hears_others(7, &[HeardLoudspeaker::default(); 5], (1.0, 0.0), anywhere),
        None
    );
    assert_eq!(map().hears_others(7, &[], (0.0, 0.0), anywhere), None);
}

#[test]
fn a_sensitivity_that_is_wrong_is_not_a_wrong_place() {
    let mut heard = heard_at(5, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    heard.iter_mut().for_each(|h| h.heard *= 100.0);
    assert_eq!(map().hears_others(5, &heard, (total(&heard), 0.0), anywhere), Some(false));
}

#[test]
fn a_place_explains_itself() {
    let heard = heard_at(5, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    assert!(map().own_deviation_db(5, &heard, 0.0) < 0.1);
    assert!(map().own_deviation_db(0, &heard, 0.0) > 5.0);
    assert_eq!(map().own_deviation_db(5, &[], 0.0), f64::INFINITY);
}

#[test]
fn nothing_is_said_of_what_is_no_louder_than_its_uncertainty() {
    let heard = heard_at(2, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    let all = total(&heard);
    assert_eq!(map().hears_others(9, &heard, (all, 0.03 * all), anywhere), Some(true));
    assert_eq!(map().hears_others(9, &heard, (all, all), anywhere), None);
}

#[test]
fn a_place_that_is_taken_is_not_where_the_microphone_is() {
    let heard = heard_at(1, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    let flagged = |taken: bool| map().hears_others(3, &heard, (total(&heard), 0.0), |_| !taken);
    assert_eq!(flagged(false), Some(true));
    assert_eq!(flagged(true), None);
}

#[test]
fn loudspeakers_that_are_unplugged_are_not_swapped() {
    let mut heard = heard_at(5, &[45.0; LOUDSPEAKERS], &[0.0; LOUDSPEAKERS]);
    for silent in [10, 11, 9, 2] {
        heard[silent].heard = 0.0;
        let told = map().hears_others(5, &heard, (total(&heard), 0.0), |place| place == 5);
        assert_ne!(told, Some(true), "{silent} and those before");
    }
}

#[test]
fn two_loudspeakers_of_one_place_that_are_exchanged_are_a_wrong_layout() {
    let row = |gains: [f64; 4]| gains.into_iter().enumerate().collect::<Vec<_>>();
    let map = LoudspeakerMap::new(4, [row([1.0, 0.1, 0.01, 0.01]), row([0.01, 0.01, 1.0, 0.1])]);
    let heard = |gains: [f64; 4]| {
        let heard = |(loudspeaker, heard)| HeardLoudspeaker {
            loudspeaker,
            played: 1.0,
            heard,
        };
        gains.into_iter().enumerate().map(heard).collect::<Vec<_>>()
    };
    let told = |gains| map.hears_others(0, &heard(gains), (1.2, 0.0), anywhere);
    assert_ne!(told([0.1, 1.0, 0.01, 0.01]), Some(true));
    assert_eq!(
        told([0.01, 0.1, 1.0, 0.01]),
        Some(true),
        "one of them and that of another place"
    );
}

#[test]
fn a_place_is_known_where_no_loudspeaker_is_a_fair_share_of_what_is_heard() {
    // Three loudspeakers of 43 are near each microphone, 6 dB above those in the reverberation.
    let gain = |place: usize, loudspeaker: usize| if loudspeaker / 3 == place { 1.0 } else { 0.25 };
    let row = |place: usize| (0..43).map(|l| (l, gain(place, l))).collect::<Vec<_>>();
    let map = LoudspeakerMap::new(43, (0..2).map(row));
    let heard: Vec<HeardLoudspeaker> = (0..43)
        .map(|loudspeaker| HeardLoudspeaker {
            loudspeaker,
            played: 1.0,
            heard: gain(1, loudspeaker),
        })
        .collect();
    assert_eq!(map.hears_others(0, &heard, (total(&heard), 0.0), anywhere), Some(true));
    assert_eq!(map.hears_others(1, &heard, (total(&heard), 0.0), anywhere), Some(false));
}
