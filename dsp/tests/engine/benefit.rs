//! What masking can do for a zone, and that it is not raised where it can do nothing.

use habitat_dsp::{
    Cause, HearingSetup,
    adaptation::{Benefit, HeardSpeech, Law, LevelSum, Reach, Situation},
};

/// Half a minute in a zone of which masking may have 40 to 48 dB(A), while somebody elsewhere is heard at these levels by its four
/// listeners, dB re 50 dB(A) at the talker's microphone. The goal, its cause, and what masking can do.
fn after_speech(to_each_listener_db: [f32; 4]) -> (f64, Cause, Benefit) {
    let path = HearingSetup {
        from_zone: 1,
        to_listeners_db: to_each_listener_db.into_iter().fold(f32::MIN, f32::max).into(),
        to_each_listener_db: to_each_listener_db.to_vec(),
        to_microphones_db: Some(-10.0),
        sti_curve: core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0)),
    };
    let reach = Reach::new(&path, 0.45);
    let situation = Situation {
        masking_db: 43.0,
        ambient_power: 0.0,
        has_workplaces: true,
        own_talker: false,
        office_talks: true,
        base_db: 40.0,
        level_max_db: 48.0,
        offset_db: 0.0,
    };
    let mut law = Law::new(0.01, 0.2, None);
    let heard = || HeardSpeech {
        from_zone: 1,
        level_db: 50.0,
        normal_voice_db: 50.0,
        reach: &reach,
        to_listeners_db: path.to_listeners_db,
        sti_curve: &path.sti_curve,
    };
    let goals = (0..30).map(|_| law.decide(&LevelSum::tabulated(), &situation, core::iter::once(heard())));
    let goal = goals.last().unwrap();
    (goal.level_db, goal.cause, law.benefit())
}

#[test]
fn masking_is_raised_where_it_helps_and_not_where_speech_stays_intelligible_at_any_level() {
    // Speech has to be softer than the masking by 1.5 dB not to be understood.
    let (level_db, cause, benefit) = after_speech([-8.0; 4]);
    assert_eq!((cause, benefit), (Cause::Speech, Benefit::Helps));
    assert!((42.0..48.0).contains(&level_db), "{level_db} dB");
    let (level_db, cause, benefit) = after_speech([5.0; 4]);
    assert_eq!((level_db, cause, benefit), (40.0, Cause::Quiet, Benefit::NotMaskable));
    let (level_db, cause, benefit) = after_speech([-30.0; 4]);
    assert_eq!((level_db, cause, benefit), (40.0, Cause::Quiet, Benefit::Quiet));
}

#[test]
fn one_listener_of_four_who_can_be_helped_is_worth_masking() {
    let (level_db, _, benefit) = after_speech([5.0, 5.0, 5.0, -8.0]);
    assert!(level_db > 40.0, "{level_db} dB");
    assert_eq!(benefit, Benefit::Helps);
}
