//! A learned profile, from one week to the next.

use crate::office::Office;

const LEARN: &str = "learned_profile = true";

/// What makes the level of the first zone that is learnt.
const LEVEL: &str = "[[schedule]]\nzones = [\"zone-1\"]\nfrom = \"07:00\"\nto = \"09:00\"\nlevel_db = 42.0";

/// Monday from 07:58 to 08:18, so that 08:00 to 08:15 is learnt.
fn learnt() -> Office {
    let office = Office::new();
    office.hear("2026-01-05T07:58:00+02:00", 20 * 60, LEARN, LEVEL);
    office
}

/// The level of the first zone on the Monday after, a minute before and two minutes after a quarter to eight.
fn a_week_later(office: &Office) -> (f64, f64, String) {
    let run = office.hear("2026-01-12T07:43:00+02:00", 240, LEARN, "");
    let masking_db = run.masking_db(0);
    (masking_db[119], masking_db[239], run.events)
}

#[test]
fn the_level_of_a_quarter_hour_is_there_before_it_a_week_later_and_every_time_alike() {
    let office = learnt();
    let copy = office.copy();
    let (before_db, after_db, events) = a_week_later(&office);
    assert!((before_db - 40.0).abs() < 0.05, "{before_db} dB");
    assert!((after_db - 42.0).abs() < 0.05, "{after_db} dB");
    assert!(events.contains("\"cause\":\"schedule\""), "{events}");
    assert!(events == a_week_later(&copy).2, "the events of two runs differ");
}

#[test]
fn switched_off_it_is_not_used_and_erased() {
    let office = learnt();
    let run = office.hear("2026-01-12T07:43:00+02:00", 240, "", "");
    let last_db = *run.masking_db(0).last().unwrap();
    assert!((last_db - 40.0).abs() < 0.05, "{last_db} dB");
    assert!(run.log.contains("the learned profile is erased"), "{}", run.log);
    let (_, after_db, _) = a_week_later(&office);
    assert!((after_db - 40.0).abs() < 0.05, "{after_db} dB");
}
