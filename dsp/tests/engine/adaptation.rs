//! How levels follow speech, and the account of their changes.

use habitat_dsp::{Base, Cause, Report, ZoneReport};

use crate::{
    site::{RATE, Run, parameters, setup},
    sounds::{noise, voice},
};

#[test]
fn speech_in_one_zone_raises_the_others_and_not_its_own() {
    let mut run = Run::new(&setup());
    // Background of about 35 dB(A), speech of about 53 dB(A) in zone 0.
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(15.0, 960, background);
    let before = run.zones();
    run.go(40.0, 960, |frame, channel| {
        background(frame, channel) + if channel == 0 { voice(frame, 0.005) } else { 0.0 }
    });
    let zones = run.zones();
    let spoken: Vec<_> = zones[before.len()..].iter().filter(|zone| zone.zone == 0).collect();
    let says_so = spoken.iter().filter(|zone| zone.speech_ratio >= 0.5 && zone.talker).count();
    assert!(says_so * 10 >= spoken.len() * 9, "{says_so} of {}", spoken.len());
    let masking = |zone: u32, list: &[ZoneReport]| list.iter().rfind(|z| z.zone == zone).unwrap().masking_db;
    let speech = spoken.last().unwrap().speech_laeq_db.unwrap();
    for zone in 0..3 {
        let rise = masking(zone, &zones) - masking(zone, &before);
        if zone == 0 {
            assert!(rise < 0.02, "the talker's own zone rose by {rise} dB");
        } else {
            assert!(rise > 0.3, "zone {zone} rose by {rise} dB only, for speech of {speech} dB");
        }
    }
    let causes: Vec<_> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Adaptation(change) if change.zone > 0 && change.end_frame > 20 * u64::from(RATE) => Some(change),
            _ => None,
        })
        .collect();
    run.engine.finish(&mut Vec::new());
    assert!(
        causes
            .iter()
            .all(|change| change.cause == Cause::Speech && change.evidence.is_some_and(|(_, from)| from == 0)),
        "{causes:?}"
    );
}

#[test]
fn levels_start_at_the_fixed_level_and_every_change_is_on_record() {
    let mut run = Run::new(&setup());
    run.go(180.0, 4800, |frame, channel| 0.0001 * noise(frame, channel));
    run.engine.finish(&mut run.reports);
    let ramped = run
        .zones()
        .into_iter()
        .find(|zone| zone.zone == 1 && zone.end_frame == 11 * u64::from(RATE))
        .unwrap();
    assert!((ramped.masking_db - 43.0).abs() < 0.05, "{}", ramped.masking_db);
    for zone in 0..3 {
        let mut level = 0.0;
        for report in &run.reports {
            if let Report::Adaptation(change) = report
                && change.zone == zone
            {
                assert!(
                    (change.from_db - level).abs() < 1e-9,
                    "a change of zone {zone} is missing: {level} -> {change:?}"
                );
                level = change.to_db;
            }
        }
        let last = run.zones().into_iter().rfind(|z| z.zone == zone).unwrap();
        assert!((f64::from(last.masking_db) - level).abs() < 0.01);
        assert!(
            (level - 40.0).abs() < 0.01,
            "a quiet office falls to its lowest level: {level}"
        );
    }
}

#[test]
fn a_base_that_changes_at_rest_in_the_middle_of_a_second_moves_the_level_because_of_the_schedule() {
    let mut run = Run::new(&setup());
    run.go(150.3, 4800, |frame, channel| 0.0001 * noise(frame, channel));
    let before = run.reports.len();
    let mut changed = parameters();
    changed.zones.iter_mut().for_each(|zone| zone.base = Base::Level(42.0));
    run.engine.set_parameters(&changed);
    run.go(60.0, 4800, |frame, channel| 0.0001 * noise(frame, channel));
    for zone in 0..3 {
        let own = run.reports[before..].iter().filter_map(|report| match report {
            Report::Adaptation(change) if change.zone == zone => Some(change),
            _ => None,
        });
        let own: Vec<_> = own.collect();
        let scheduled = own.iter().filter(|change| change.cause == Cause::Schedule);
        let rise_db: f64 = scheduled.map(|change| change.to_db - change.from_db).sum();
        // The last hundredth of a decibel counts as reached.
        assert!((rise_db - 2.0).abs() < 0.02, "{own:?}");
        assert!(own.last().is_some_and(|last| (last.to_db - 42.0).abs() < 0.02), "{own:?}");
    }
}
