//! People raise their voices in noise, and masking answers voices: together they must settle.

use habitat_dsp::{
    HearingSetup,
    adaptation::{HeardSpeech, Law, LevelSum, Reach, Situation},
};

/// Rise per second: 6 dB/min, the fastest that a site may ask for.
const STEP_DB: f64 = 0.1;

/// Voice at the talker's microphone in noise, dB(A): 0.24 dB/dB below 43.3 dB(A), 0.65 dB/dB above (Bottalico et al. 2017).
fn voice_db(quiet_db: f64, noise_db: f64, lombard: f64) -> f64 {
    let above_db = noise_db - 43.3;
    quiet_db + lombard * above_db * if above_db > 0.0 { 0.65 } else { 0.24 }
}

/// An hour with a talker next door who hears the same masking: the level at the end, and how much it moved in the last ten minutes.
fn after_an_hour(quiet_db: f64, spread_db: f32, lombard: f64) -> (f64, f64) {
    let to_each_listener_db: Vec<f32> = (0..6).map(|seat| -4.0 - spread_db * seat as f32).collect();
    let path = HearingSetup {
        from_zone: 1,
        to_listeners_db: -4.0,
        to_each_listener_db,
        to_microphones_db: None,
        sti_curve: core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0)),
    };
    let reach = Reach::new(&path, 0.5);
    let (mut law, sum) = (Law::new(0.05, 6.0, None), LevelSum::tabulated());
    let mut level_db = 43.0;
    let (mut low_db, mut high_db) = (f64::INFINITY, f64::NEG_INFINITY);
    for second in 0..3600 {
        let situation = Situation {
            masking_db: level_db,
            ambient_power: 10f64.powf(3.4),
            has_workplaces: true,
            own_talker: false,
            office_talks: true,
            base_db: 38.0,
            level_max_db: 50.0,
            offset_db: 0.0,
        };
        let speech = HeardSpeech {
            from_zone: 1,
            level_db: voice_db(quiet_db, level_db, lombard),
            normal_voice_db: 50.0,
            reach: &reach,
            to_listeners_db: path.to_listeners_db,
            sti_curve: &path.sti_curve,
        };
        let goal = law.decide(&sum, &situation, core::iter::once(speech));
        level_db += (goal.level_db - level_db).clamp(-STEP_DB, STEP_DB);
        if second >= 3000 {
            low_db = low_db.min(level_db);
            high_db = high_db.max(level_db);
        }
    }
    (level_db, high_db - low_db)
}

#[test]
fn masking_and_raised_voices_settle_and_answer_each_other_by_at_most_half() {
    for quiet_db in (40..66).map(f64::from) {
        for spread_db in [0.5, 1.5, 3.0] {
            let (calm_db, calm_moves_db) = after_an_hour(quiet_db, spread_db, 0.0);
            let (raised_db, moves_db) = after_an_hour(quiet_db, spread_db, 1.0);
            // Where masking is just worth its price, raised voices may make it not worth it: it hovers there, by less than anybody
            // hears, and the slower the less.
            assert!(
                calm_moves_db < 0.01 && moves_db < 0.5,
                "{quiet_db} dB, {spread_db} dB: {calm_moves_db}, {moves_db}"
            );
            let raised_voice_db = voice_db(quiet_db, raised_db, 1.0) - quiet_db;
            // One step of the grid is no answer, and what voices that were not raised change amplifies nothing.
            let answer_db = raised_db - calm_db - 0.5;
            assert!(
                raised_voice_db <= 0.0 || answer_db <= 0.5 * raised_voice_db,
                "{quiet_db} dB, {spread_db} dB: voices {raised_voice_db:+} dB, masking {calm_db} to {raised_db} dB(A)"
            );
        }
    }
}
