//! Microphones that cannot be believed.

use habitat_dsp::{MicrophoneFault, Report};

use crate::{
    site::{RATE, Run, setup},
    sounds::noise,
};

#[test]
fn what_is_not_a_number_is_no_level_and_nobody_elses_problem() {
    let mut run = Run::new(&setup());
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(12.0, 960, background);
    run.go(1.0, 960, |frame, channel| match (channel, frame % 7) {
        (1, 0) => f32::NAN,
        (1, 1) => f32::INFINITY,
        (1, 2) => 3e38,
        _ => background(frame, channel),
    });
    run.go(14.0, 960, background);
    let zones = run.zones();
    let second = |zone: u32, second: u64| {
        *zones
            .iter()
            .find(|z| z.zone == zone && z.end_frame == second * u64::from(RATE))
            .unwrap()
    };
    assert_eq!(second(1, 13).laeq_db, None);
    let (clean, other) = (second(1, 15).laeq_db.unwrap(), second(0, 13).laeq_db.unwrap());
    assert!((clean - second(1, 12).laeq_db.unwrap()).abs() < 0.5 && (other - second(0, 12).laeq_db.unwrap()).abs() < 0.5);
    assert!(
        zones
            .iter()
            .all(|z| z.laeq_db.is_none_or(f32::is_finite) && z.masking_db.is_finite())
    );
    let faults: Vec<bool> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Microphone {
                microphone: 1, fault, ..
            } => Some(fault.is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(faults, [true, false]);
    assert!(run.output.iter().all(|sample| sample.is_finite()));
}

#[test]
fn a_dead_microphone_is_told_within_5_seconds_and_called_healthy_after_10_good_ones() {
    let mut run = Run::new(&setup());
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(12.0, 960, background);
    run.go(
        8.0,
        960,
        |frame, channel| if channel == 1 { 0.0 } else { background(frame, channel) },
    );
    run.go(12.0, 960, background);
    let told: Vec<_> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Microphone {
                microphone,
                end_frame,
                fault,
            } => Some((*microphone, end_frame / u64::from(RATE), *fault)),
            _ => None,
        })
        .collect();
    let [(1, begins, Some(MicrophoneFault::Dead)), (1, ends, None)] = told[..] else {
        panic!("{told:?}");
    };
    assert!((13..=17).contains(&begins), "told in second {begins}");
    assert_eq!(ends, 30);
    let zones = run.zones();
    let silent = zones.iter().filter(|zone| zone.zone == 1 && zone.laeq_db.is_none()).count() as u64;
    assert_eq!(silent, ends - begins, "a faulty microphone has no level");
    assert!(zones.iter().all(|zone| zone.zone == 1 || zone.laeq_db.is_some()));
}

#[test]
fn a_microphone_whose_device_is_lost_has_no_level_and_no_fault_of_its_own() {
    let mut run = Run::new(&setup());
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(12.0, 960, background);
    run.engine.set_present(1, false);
    // Digital silence fills its place, which would be a fault of a microphone that is there.
    run.go(
        8.0,
        960,
        |frame, channel| if channel == 1 { 0.0 } else { background(frame, channel) },
    );
    run.engine.set_present(1, true);
    run.go(4.0, 960, background);
    let laeq_db = |zone: u32, second: u64| {
        let end_frame = second * u64::from(RATE);
        let zones = run.zones();
        let report = zones.iter().find(|z| z.zone == zone && z.end_frame == end_frame);
        report.unwrap().laeq_db
    };
    assert!(laeq_db(1, 11).is_some());
    for second in 13..=20 {
        assert_eq!(laeq_db(1, second), None, "second {second}");
        assert!(laeq_db(0, second).is_some(), "second {second}");
    }
    let (before, after) = (laeq_db(1, 11).unwrap(), laeq_db(1, 22).unwrap());
    assert!((after - before).abs() < 0.5, "{before} before, {after} after");
    assert!(!run.reports.iter().any(|report| matches!(report, Report::Microphone { .. })));
}
