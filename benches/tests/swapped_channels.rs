#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]
use habitat_benches::{
    open_plan::{OpenPlan, Options},
    rooms::RoomKind,
};

fn explore(name: &str, options: Options) {
    let mut office = OpenPlan::new(options);
    office.go(400 + options.seed as usize * 3);
    println!("{name}: start {:?}", office.faults());
    let swap = office.time_s();
    office.exchange(0, 6);
    office.go(400);
    let f: Vec<_> = office.faults().into_iter().map(|(t, m, f)| (t - swap, m, f)).collect();
    println!("{name}: swapped {f:?}");
    office.reports.clear();
    let back = office.time_s();
    office.exchange(0, 6);
    office.go(200);
    let f: Vec<_> = office.faults().into_iter().map(|(t, m, f)| (t - back, m, f)).collect();
    println!("{name}: back {f:?}");
    office.reports.clear();
    let moved = office.time_s();
    office.connect(3, 8);
    office.exchange(1, 2);
    office.go(100);
    let f: Vec<_> = office.faults().into_iter().map(|(t, m, f)| (t - moved, m, f)).collect();
    println!("{name}: third place of 3, neighbours 1-2 {f:?}");
}

#[test]
fn explore_all() {
    for kind in RoomKind::ALL {
        for (e, seed) in [(1.5, 1), (3.0, 2)] {
            explore(
                &format!("{} {e}", kind.name()),
                Options {
                    kind,
                    layout_error_db: e,
                    seed,
                    ..Options::default()
                },
            );
        }
    }
}

#[test]
fn false_flags() {
    for kind in RoomKind::ALL {
        for (e, seed) in [(1.5, 1), (3.0, 2), (3.0, 3), (5.0, 4)] {
            let name = format!("{} {e}", kind.name());
            let mut office = OpenPlan::new(Options {
                kind,
                layout_error_db: e,
                seed,
                ..Options::default()
            });
            office.speech_db = Some(60.0);
            office.go(200);
            println!("{name}: start with talk {:?}", office.faults());
            office.speech_db = Some(70.0);
            office.go(100);
            println!("{name}: shouting {:?}", office.faults());
            office.speech_db = None;
            office.go(100);
            office.move_furniture(0.5, seed);
            office.go(100);
            println!("{name}: furniture {:?}", office.faults());
            office.unplugged[3] = true;
            office.go(200);
            println!("{name}: one unplugged {:?}", office.faults());
            office.unplugged[2] = true;
            office.go(200);
            println!("{name}: zone unplugged {:?}", office.faults());
            office.unplugged = [false; 16];
            office.mute([false, true, false, false, true, false, false, false]);
            office.go(150);
            office.mute([false; 8]);
            office.go(150);
            println!("{name}: mutes {:?}", office.faults());
        }
    }
}
