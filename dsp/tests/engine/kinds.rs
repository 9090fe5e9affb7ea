//! Places where nobody works: not masked for their own sake, and lifted for those around them.

use habitat_dsp::{
    EngineSetup,
    adaptation::{FluctuationSignature, SiteLaw, ZoneHeard},
};

use crate::site::{BOUNDS, ZONES, setup};

/// Ambient level from which on people raise their voices steeply, dB(A) (Bottalico et al. 2017).
const VOICES_RISE_FROM_DB: f64 = 43.3;
const MASKING_DB: f64 = 41.0;

/// A row of three zones, of which that in the middle may have no workplaces.
fn row(middle_has_workplaces: bool) -> EngineSetup {
    let mut row = setup();
    row.zones[1].has_workplaces = middle_has_workplaces;
    row
}

/// The same far apart from each other: no limit between neighbours.
fn apart(middle_has_workplaces: bool) -> EngineSetup {
    let mut row = row(middle_has_workplaces);
    row.zones.iter_mut().for_each(|zone| zone.neighbours.clear());
    row
}

/// Goals after half a minute in which somebody talks in one zone, and the STI in the middle.
fn goals_db(setup: &EngineSetup, talker_in: usize) -> ([f64; ZONES], Option<f32>) {
    let mut law = SiteLaw::new(setup, 2.0, FluctuationSignature::of(16_000.0, |piece| piece.fill(0.1)));
    let zone = |talker: bool| ZoneHeard {
        hears: true,
        speech_db: talker.then_some(52.0),
        talker,
        fluctuation_db: None,
        background_power: 1e3,
        masking_db: MASKING_DB,
    };
    let heard: [ZoneHeard; ZONES] = core::array::from_fn(|index| zone(index == talker_in));
    for _ in 0..29 {
        law.decide(&heard, &[BOUNDS; ZONES]);
    }
    let goals = law.decide(&heard, &[BOUNDS; ZONES]);
    let goals = core::array::from_fn(|zone| goals[zone].level_db);
    (goals, law.zone(1).sti().map(|(sti, _)| sti))
}

#[test]
fn a_place_without_workplaces_pays_for_no_masking_but_says_what_is_understood_there() {
    let ([_, desks, _], at_desks) = goals_db(&apart(true), 0);
    let ([_, corridor, _], in_corridor) = goals_db(&apart(false), 0);
    assert!(desks > 42.0, "{desks} dB");
    assert_eq!(corridor, 40.0);
    assert!(at_desks.is_some());
    assert_eq!(at_desks, in_corridor);
}

#[test]
fn a_coffee_corner_is_lifted_for_its_neighbours_as_far_as_voices_hardly_rise() {
    let ([west, desks, east], _) = goals_db(&row(true), 1);
    assert!(desks <= MASKING_DB, "the talker's own zone: {desks} dB");
    assert!(west <= desks + 2.0 && east <= desks + 2.0);
    let ([west, corner, east], _) = goals_db(&row(false), 1);
    assert!(corner > MASKING_DB + 1.0 && corner < VOICES_RISE_FROM_DB, "{corner} dB");
    assert!(west > desks + 2.0 && east > desks + 2.0, "{west} and {east} dB");
}
