//! What a place teaches: used and reported where it is to be remembered, and forgotten when asked to.

use habitat_dsp::{
    Report,
    adaptation::{Law, LevelSum, PLACE_LEVELS, PLACE_MEMORY_S, PlaceMemory, Situation},
};

use crate::{
    site::{Run, parameters, setup},
    sounds::{noise, voice},
};

/// Everybody is distracted below 45 dB(A) and nobody above, and has been for weeks.
fn taught() -> PlaceMemory {
    PlaceMemory {
        known_s: PLACE_MEMORY_S,
        shares: core::array::from_fn(|index| if PlaceMemory::level_db(index) < 45.0 { 1.0 } else { 0.0 }),
    }
}

/// The level of a zone in an office where somebody talks whom nobody here can hear.
fn level_db(law: &mut Law) -> f64 {
    let situation = Situation {
        masking_db: 40.0,
        ambient_power: 0.0,
        has_workplaces: true,
        own_talker: false,
        office_talks: true,
        base_db: 40.0,
        level_max_db: 48.0,
        offset_db: 0.0,
    };
    law.decide(&LevelSum::tabulated(), &situation, core::iter::empty()).level_db
}

#[test]
fn what_is_known_of_a_place_counts_where_it_is_to_be_remembered_and_until_it_is_forgotten() {
    let mut law = Law::new(0.01, 0.2, Some(taught()));
    assert!(level_db(&mut law) > 43.0, "{} dB", level_db(&mut law));
    law.forget_place();
    assert_eq!(level_db(&mut law), 40.0);
    assert_eq!(law.place().map(|place| place.known_s), Some(1.0), "it learns again");
    let mut without = Law::new(0.01, 0.2, None);
    assert_eq!(level_db(&mut without), 40.0);
    without.forget_place();
    assert_eq!(
        without.place(),
        None,
        "what is not to be remembered is not begun by forgetting it"
    );
}

#[test]
fn a_zone_in_which_somebody_talks_rises_only_as_far_as_voices_hardly_rise_with_it() {
    // Ventilation of 34 dB(A) and masking of 42.76 dB(A) are 43.3 dB(A) together. A level above that is held.
    for (masking_db, expected_db) in [(40.0, 42.76), (44.0, 44.0)] {
        let situation = Situation {
            masking_db,
            ambient_power: 10f64.powf(3.4),
            has_workplaces: true,
            own_talker: true,
            office_talks: true,
            base_db: 40.0,
            level_max_db: 48.0,
            offset_db: 0.0,
        };
        let mut law = Law::new(0.01, 0.2, Some(taught()));
        let goal = law.decide(&LevelSum::tabulated(), &situation, core::iter::empty());
        assert!((goal.level_db - expected_db).abs() < 0.01, "{} dB", goal.level_db);
    }
}

/// Per zone what was reported since the last time: what is known, and what it has forgotten before.
fn places(run: &mut Run) -> [Option<(PlaceMemory, u32)>; 3] {
    let mut places = [None; 3];
    for report in run.reports.drain(..) {
        if let Report::Place {
            zone,
            place,
            places_forgotten,
        } = report
        {
            places[zone as usize] = Some((place, places_forgotten));
        }
    }
    places
}

#[test]
fn at_the_end_each_zone_that_remembers_reports_what_it_has_learnt_and_how_often_it_forgot() {
    let mut setup = setup();
    setup.zones[1].place = Some(taught());
    setup.zones[2].place = None;
    let mut run = Run::new(&setup);
    // Somebody talks in zone 0 and is heard in the others.
    let talk = |frame, channel| 0.0001 * noise(frame, channel) + if channel == 0 { voice(frame, 0.005) } else { 0.0 };
    run.go(20.0, 960, talk);
    let mut forgetful = parameters();
    forgetful.zones[1].places_forgotten = 1;
    run.engine.set_parameters(&forgetful);
    run.go(10.0, 960, talk);
    run.engine.finish(&mut run.reports);
    let [Some((first, 0)), Some((second, 1)), None] = places(&mut run) else {
        panic!("not what the zones remember")
    };
    assert!(first.known_s > 20.0, "{first:?}");
    assert!(
        (5.0..13.0).contains(&second.known_s),
        "only what came after it was told to forget: {second:?}"
    );
    assert!(second.shares[0] > 0.5, "the talker is heard: {second:?}");
    assert!(second.shares[PLACE_LEVELS - 1] < second.shares[0], "{second:?}");
}
