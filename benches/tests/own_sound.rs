//! How much of our own sound is removed, in three rooms, and under what may disturb it.

use habitat_benches::{
    echo_scene::{EchoScene, Erle, Situation},
    remover_run::RemoverRun,
    rooms::RoomKind,
};
use habitat_dsp::{Removal, RemovalSetup};

/// Blocks per second.
const PER_S: usize = 5;

struct Run {
    scene: EchoScene,
    run: RemoverRun,
    erle: Erle,
    removal: Removal,
}

impl Run {
    fn new(kind: RoomKind, seed: u64) -> Self {
        Run {
            scene: EchoScene::new(kind, seed),
            run: RemoverRun::new(RemovalSetup::default().tail_s),
            erle: Erle::default(),
            removal: Removal::Power,
        }
    }

    /// Goes on for some seconds and gives the enhancement over them, dB.
    fn go(&mut self, seconds: usize, situation: Situation) -> f64 {
        for _ in 0..seconds * PER_S {
            let block = self.scene.block(&situation);
            let (residual, removed) = self.run.block(&block);
            self.erle.count(&block, &residual);
            self.removal = removed.removal;
        }
        self.erle.take_db()
    }
}

fn quiet() -> Situation {
    Situation::default()
}

fn talking(speech_db: f64) -> Situation {
    Situation {
        speech_db: Some(speech_db),
        ..Situation::default()
    }
}

/// Quiet for a minute, then talk, a changed room, and quiet until ten minutes have passed.
fn table(kind: RoomKind, after_60_s: f64, after_10_min: f64) {
    let mut run = Run::new(kind, 1);
    run.go(55, quiet());
    let minute = run.go(5, quiet());
    let soft = run.go(15, talking(45.0));
    let loud = run.go(15, talking(52.0));
    run.go(505, quiet());
    let ten_minutes = run.go(5, quiet());
    run.scene.move_furniture(0.5, 3);
    let changed = run.go(1, quiet());
    let mut recovered_s = 1;
    while run.go(1, quiet()) < 15.0 && recovered_s < 90 {
        recovered_s += 1;
    }
    println!(
        "{}: {minute:.1} dB after 60 s, {soft:.1} and {loud:.1} dB while somebody talks, {ten_minutes:.1} dB after 10 min, \
         {changed:.1} dB after a change, 15 dB again in {recovered_s} s",
        kind.name()
    );
    assert!(minute >= after_60_s && ten_minutes >= after_10_min);
    assert!(soft >= minute - 2.0 && loud >= minute - 2.0);
    assert!(changed < 12.0, "the change was no change: {changed:.1} dB");
    assert!(recovered_s <= 60);
}

#[test]
fn own_sound_is_removed_in_a_dry_room() {
    table(RoomKind::Dry, 18.0, 24.0);
}

#[test]
fn own_sound_is_removed_in_a_typical_room() {
    table(RoomKind::Typical, 18.0, 24.0);
}

#[test]
fn own_sound_is_removed_in_a_reverberant_room() {
    table(RoomKind::Reverberant, 14.0, 20.0);
}

#[test]
fn people_who_talk_from_the_start_do_not_keep_it_from_learning() {
    let mut run = Run::new(RoomKind::Typical, 2);
    run.go(55, talking(48.0));
    let erle = run.go(5, quiet());
    println!("{erle:.1} dB after a minute of talk");
    assert!(erle > 15.0, "{erle:.1} dB");
}

#[test]
fn levels_that_change_and_loudspeakers_that_come_and_go_do_not_disturb_it() {
    let mut run = Run::new(RoomKind::Typical, 3);
    run.go(60, quiet());
    let gains = |gains: [f32; 6]| Situation {
        gains,
        ..Situation::default()
    };
    let softer = run.go(10, gains([0.5; 6]));
    let one_muted = run.go(20, gains([1.0, 0.0, 1.0, 1.0, 1.0, 1.0]));
    let back = run.go(5, quiet());
    let all_muted = run.go(10, gains([0.0; 6]));
    let again = run.go(5, quiet());
    println!("6 dB softer {softer:.1}, one muted {one_muted:.1}, back {back:.1}, (silence {all_muted:.1},) again {again:.1} dB");
    // What is softer by 6 dB lies so much nearer to the background.
    assert!(softer > 15.0 && one_muted > 18.0 && back > 18.0 && again > 18.0);
}

#[test]
fn clocks_that_differ_are_noticed_and_told() {
    for (ppm, cancels) in [
        (1.0, true),
        (10.0, true),
        (50.0, false),
        (-50.0, false),
        (200.0, false),
        (-200.0, false),
    ] {
        let mut run = Run::new(RoomKind::Typical, 4);
        let situation = Situation {
            drift_ppm: ppm,
            ..Situation::default()
        };
        run.go(60, situation);
        let erle = run.go(10, situation);
        let drift = run.run.remover.drift_ppm();
        println!("{ppm:+} ppm: {erle:.1} dB, {:?}, drift {drift:?}", run.removal);
        assert_eq!(run.removal == Removal::Waveform, cancels, "{ppm} ppm");
        if cancels {
            assert!(erle > 15.0, "{ppm} ppm: {erle:.1} dB");
        } else {
            let error = drift.map(|drift| (drift - ppm).abs());
            assert!(error.is_some_and(|error| error < ppm.abs() / 2.0), "{ppm} ppm: {drift:?}");
        }
    }
}

#[test]
fn clocks_that_agree_again_are_used_again() {
    let mut run = Run::new(RoomKind::Typical, 5);
    let apart = Situation {
        drift_ppm: 150.0,
        ..Situation::default()
    };
    run.go(60, apart);
    assert_eq!(run.removal, Removal::Power);
    // The drift so far has become a delay, which stays.
    run.go(150, quiet());
    let erle = run.go(10, quiet());
    println!("{erle:.1} dB, {:?}", run.removal);
    assert!(run.removal == Removal::Waveform && erle > 15.0);
}
