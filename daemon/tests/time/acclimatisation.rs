//! The first days of a site, over restarts.

use crate::office::Office;

const TWENTY_DAYS: &str = "acclimatisation_days = 20\nacclimatisation_from_db = -6.0";

#[test]
fn levels_begin_below_and_rise_from_day_to_day_until_they_are_as_configured() {
    let office = Office::new();
    for (start, masking_db) in [
        ("2026-03-20T08:00:00+02:00", 34.0),
        ("2026-03-22T08:00:00+02:00", 34.5),
        // The clock was put forward meanwhile; days stay days.
        ("2026-03-30T09:00:00+03:00", 37.0),
        ("2026-04-09T09:00:00+03:00", 40.0),
        ("2026-07-01T09:00:00+03:00", 40.0),
    ] {
        let run = office.hear(start, 60, TWENTY_DAYS, "");
        let last_db = *run.masking_db(1).last().unwrap();
        assert!((last_db - masking_db).abs() < 0.05, "{start}: {last_db} dB");
        let is_told = run.log.contains("people get used to masking");
        assert_eq!(is_told, masking_db < 40.0, "{start}: {}", run.log);
    }
}

#[test]
fn a_site_that_has_long_been_running_does_not_begin_again_when_it_is_asked_for() {
    let office = Office::new();
    office.hear("2026-01-05T08:00:00+02:00", 1, "", "");
    let run = office.hear("2026-03-20T08:00:00+02:00", 60, TWENTY_DAYS, "");
    let last_db = *run.masking_db(1).last().unwrap();
    assert!((last_db - 40.0).abs() < 0.05, "{last_db} dB");
}
