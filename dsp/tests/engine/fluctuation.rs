//! The second opinion on speech counts: who makes no level fluctuate raises no masking.

use habitat_dsp::adaptation::{FluctuationSignature, SiteLaw, ZoneHeard};

use crate::{
    site::{BOUNDS, ZONES, setup},
    sounds::noise,
};

/// Goal of the zone in the middle after half a minute in which somebody seems to talk in the first one, while the level there
/// fluctuates by so much.
fn goal_db(fluctuation_db: f64) -> f64 {
    let mut frame = 0;
    let signature = FluctuationSignature::of(16_000.0, |piece| {
        for sample in piece {
            *sample = noise(frame, 0);
            frame += 1;
        }
    });
    let mut law = SiteLaw::new(&setup(), 2.0, signature);
    let zone = |talker: bool| ZoneHeard {
        hears: true,
        speech_db: talker.then_some(50.0),
        talker,
        fluctuation_db: Some(fluctuation_db),
        background_power: 1e3,
        masking_db: 41.0,
    };
    let heard: Vec<ZoneHeard> = (0..ZONES).map(|index| zone(index == 0)).collect();
    let goals = (0..30).map(|_| law.decide(&heard, &[BOUNDS; ZONES])[1].level_db);
    goals.last().unwrap()
}

#[test]
fn speech_that_makes_no_level_fluctuate_is_not_answered() {
    assert_eq!(goal_db(0.5), 40.0);
    assert!(goal_db(6.0) > 41.0, "{}", goal_db(6.0));
}
