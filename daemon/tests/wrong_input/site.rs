//! A small site that is right, and what to expect of every answer.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{
    habitatd::{Site, run},
    room::{RATE_HZ, layout},
};

/// Zones, and so many microphones and loudspeakers.
pub const ZONES: usize = 2;
/// A block is a tenth of a second.
pub const BLOCK: usize = RATE_HZ / 10;

/// Configuration with these further tables.
pub fn habitat_toml(further: &str) -> String {
    format!(
        r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "test"
name = "Test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = {BLOCK}
[audio.pipe]
start = "2026-01-05T08:00:00+02:00"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
[event_log]
path = "events.jsonl"
{further}"#
    )
}

/// A site that is right.
pub fn good() -> Site {
    Site::new(&habitat_toml(""), &layout(ZONES))
}

/// Every event of the event log.
pub fn event_log(site: &Site) -> Vec<Value> {
    jsonl(&std::fs::read(site.path("events.jsonl")).unwrap())
}

/// One JSON document per line.
pub fn jsonl(text: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(text).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs a command and expects this exit code, without a panic.
pub fn expect(code: i32, command: Command, input: &[u8]) -> Output {
    let shown = format!("{command:?}");
    let output = run(command, input);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(code), "{shown}\n{text}");
    assert!(!text.contains("panicked"), "{shown}\n{text}");
    output
}

/// Everything that a command said, to whomever; not for commands whose output is sound.
pub fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|text| String::from_utf8_lossy(text))
        .concat()
}
