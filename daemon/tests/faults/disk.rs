//! A full disk.

use std::process::Command;

use crate::office::Office;

/// From now on no file of the process may be written, as on a full disk; or every file again.
pub fn fill_disk(office: &Office, full: bool) {
    // The soft limit only, so that it can be lifted.
    let limit = if full { "--fsize=0:" } else { "--fsize=unlimited:" };
    let set = Command::new("prlimit")
        .args(["--pid", &office.id().to_string(), limit])
        .status();
    assert!(set.unwrap().success());
}

#[test]
fn an_event_log_on_a_full_disk_changes_no_sample_and_is_named() {
    let mut office = Office::open("[event_log]\npath = \"/dev/full\"\n");
    let problem = office.play_until("event_log", "degraded");
    assert!(
        problem.contains("/dev/full") && problem.contains("No space left"),
        "{problem}"
    );
    office.play(60);
    office.terminate();
}

#[test]
fn a_disk_that_takes_nothing_changes_no_sample_and_is_named_until_it_takes_something_again() {
    let mut office = Office::open("[event_log]\npath = \"events.jsonl\"\n");
    office.play_until("store", "ok");
    office.play_until("event_log", "ok");
    fill_disk(&office, true);
    // A minute of stream time brings events for the outbox.
    office.play(60);
    let problem = office.play_until("event_log", "degraded");
    assert!(problem.contains("events.jsonl"), "{problem}");
    let problem = office.play_until("store", "degraded");
    assert!(problem.contains("habitat.db"), "{problem}");
    fill_disk(&office, false);
    office.play_until("event_log", "ok");
    office.play_until("store", "ok");
    fill_disk(&office, true);
    office.play(60);
    office.terminate();
}
