//! Schedules over the pipe.

use jiff::Timestamp;

use crate::{
    habitatd::Site,
    office::{Office, layout},
};

/// At 09:00 the first zone gets a level, and the third is off for three minutes; for the second nothing changes.
const TABLES: &str = r#"
[[schedule]]
zones = ["zone-1"]
days = ["fri"]
from = "09:00"
to = "18:00"
level_db = 42.0
[[schedule]]
zones = ["zone-3"]
from = "09:00"
to = "09:03"
off = true
"#;

/// Five minutes before, on a Friday.
const START: &str = "2026-03-27T08:55:00+02:00";
const BOUNDARY_S: usize = 300;

#[test]
fn ten_minutes_across_a_boundary_change_the_levels_for_that_reason_and_every_time_alike() {
    let run = Office::new().hear(START, 600, "", TABLES);
    let boundary: Timestamp = "2026-03-27T09:00:00+02:00".parse().unwrap();

    let masking_db = run.masking_db(0);
    assert_eq!(masking_db.len(), 600);
    assert!(
        (masking_db[BOUNDARY_S - 1] - 40.0).abs() < 0.05,
        "{}",
        masking_db[BOUNDARY_S - 1]
    );
    let rise_db = masking_db[BOUNDARY_S + 2] - masking_db[BOUNDARY_S - 1];
    assert!(rise_db > 0.3, "it has set out within three seconds: {rise_db} dB");
    assert!(
        (masking_db[BOUNDARY_S + 30] - 42.0).abs() < 0.05,
        "{}",
        masking_db[BOUNDARY_S + 30]
    );

    let changes = run.changes(0);
    let after: Vec<_> = changes.iter().filter(|(time, _)| *time > boundary).collect();
    let (time, rise) = after[0];
    assert_eq!((&rise["cause"], &rise["direction"]), (&"schedule".into(), &"increase".into()));
    assert!((rise["from_db"].as_f64().unwrap() - 40.0).abs() < 0.05 && (rise["to_db"].as_f64().unwrap() - 42.0).abs() < 0.05);
    let begin_s = time.duration_since(boundary).as_secs_f64() - rise["duration_s"].as_f64().unwrap();
    assert!(
        (0.0..1.5).contains(&begin_s),
        "the rise begins {begin_s} s after the boundary"
    );
    assert!(
        changes
            .iter()
            .filter(|(time, _)| *time < boundary)
            .all(|(_, change)| change["cause"] != "schedule")
    );

    let again = Office::new().hear(START, 600, "", TABLES);
    assert!(run.events == again.events, "the events of two runs differ");
    assert!(run.output == again.output, "the output of two runs differs");
}

#[test]
fn off_fades_out_slowly_and_comes_back_as_at_the_start() {
    let run = Office::new().hear(START, 540, "", TABLES);
    let before = run.played(2, BOUNDARY_S - 10..BOUNDARY_S);
    assert!(before > 0.0);
    // 12 dB a minute are 2 dB in ten seconds, down to 20 dB below, and then silence.
    let fade: Vec<f64> = (0..9)
        .map(|step| BOUNDARY_S + 10 * step)
        .map(|second| 20.0 * (run.played(2, second..second + 10) / before).log10())
        .collect();
    for (step, pair) in fade.windows(2).enumerate() {
        assert!((-2.3..-1.7).contains(&(pair[1] - pair[0])), "step {step}: {fade:?}");
    }
    assert_eq!(run.played(2, BOUNDARY_S + 110..BOUNDARY_S + 178), 0.0);
    let rising = run.played(2, BOUNDARY_S + 182..BOUNDARY_S + 184);
    let open = run.played(2, BOUNDARY_S + 192..BOUNDARY_S + 196);
    assert!(rising > 0.0 && rising < 0.5 * open, "{rising} {open}");

    let boundary: Timestamp = "2026-03-27T09:00:00+02:00".parse().unwrap();
    let of_the_schedule = |change: &&(Timestamp, serde_json::Value)| change.0 > boundary && change.1["cause"] == "schedule";
    let changes = run.changes(2);
    let directions: Vec<&str> = changes
        .iter()
        .filter(of_the_schedule)
        .map(|(_, change)| change["direction"].as_str().unwrap())
        .collect();
    assert!(
        directions.contains(&"decrease") && directions.last() == Some(&"increase"),
        "{changes:?}"
    );
}

#[test]
fn what_holds_at_the_start_holds_from_the_first_block() {
    let run = Office::new().hear("2026-03-27T09:01:00+02:00", 20, "", TABLES);
    assert_eq!(run.played(2, 0..20), 0.0, "a zone that is off makes no sound at all");
    assert!(run.played(0, 15..20) > 0.0);
    let masking_db = run.masking_db(0);
    assert!((masking_db[19] - 42.0).abs() < 0.3, "{masking_db:?}");
}

#[test]
fn the_check_of_a_site_with_schedules_has_nothing_to_warn_about() {
    let site = Site::new(&format!("[site]\nid = \"x\"\n{TABLES}"), &layout());
    let output = site.command("check").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !text.contains("warning"), "{text}");
}
