//! A quiet office of three zones, each on a floor of its own so that none hears another, from a given time on.

use std::{fmt::Write, fs, path::Path};

use serde_json::Value;

use crate::habitatd::{Site, run};

/// Zones, and so many microphones and loudspeakers.
pub const ZONES: usize = 3;

/// The lowest sample rate that there is: none of this is about sound.
const RATE_HZ: usize = 8000;

/// The layout file.
pub fn layout() -> String {
    let mut text = String::new();
    for zone in 1..=ZONES {
        write!(
            text,
            "[[floor]]\nid = \"{zone}\"\noutline = [[0, 0], [6, 0], [6, 6], [0, 6]]\nheight_m = 2.8\n\
             [[zone]]\nid = \"zone-{zone}\"\nfloor = \"{zone}\"\nkind = \"focus\"\noutline = [[0, 0], [6, 0], [6, 6], [0, 6]]\n\
             [[microphone]]\nid = \"m{zone}\"\nzone = \"zone-{zone}\"\nposition = [3.0, 3.0, 2.7]\nchannel = {zone}\n\
             sensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s{zone}\"\nzone = \"zone-{zone}\"\nposition = [3.5, 3.0, 2.75]\nchannel = {zone}\n\
             output_db_spl = 94.0\n"
        )
        .unwrap();
    }
    text
}

fn zone_id(zone: usize) -> String {
    format!("zone-{}", zone + 1)
}

/// What came of a run.
pub struct Run {
    /// Everything that was played.
    pub output: Vec<f32>,
    /// The event log of this run.
    pub events: String,
    /// What it said.
    pub log: String,
}

/// An office whose site is written anew before each run.
pub struct Office(Site);

impl Office {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Office(Site::new("", &layout()))
    }

    /// Where the daemon keeps what outlives it.
    pub fn state_dir(&self) -> std::path::PathBuf {
        self.0.path("state")
    }

    /// Another office with a copy of this one's state.
    pub fn copy(&self) -> Self {
        let copy = Office::new();
        copy_files(&self.state_dir(), &copy.state_dir());
        copy
    }

    /// Lets so many seconds pass from a time on, with these lines in `[adaptation]` and these further tables.
    pub fn hear(&self, start: &str, seconds: usize, adaptation: &str, tables: &str) -> Run {
        let habitat = format!(
            r#"state_dir = "state"
[site]
id = "test"
time_zone = "Europe/Helsinki"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = 1024
pipe.start = "{start}"
[own_sound]
method = "power"
[event_log]
path = "events.jsonl"
[adaptation]
slew_up_db_per_min = 12.0
slew_down_db_per_min = 12.0
acknowledge_noticeable = true
neighbour_max_db = 3.0
startup_ramp_s = 10
{adaptation}
{tables}
"#
        );
        self.0.write("habitat.toml", habitat);
        let _ = fs::remove_file(self.0.path("events.jsonl"));
        let run = run(self.0.command("run"), &quiet_room(seconds));
        let log = String::from_utf8(run.stderr).unwrap();
        assert!(run.status.success(), "{log}");
        Run {
            output: run.stdout.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            events: fs::read_to_string(self.0.path("events.jsonl")).unwrap(),
            log,
        }
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn quiet_room(seconds: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(1);
    let samples = (0..seconds * RATE_HZ * ZONES).map(|_| 5e-5 * (2.0 * random.f32() - 1.0));
    samples.flat_map(f32::to_le_bytes).collect()
}

impl Run {
    fn all(&self) -> impl Iterator<Item = Value> {
        self.events.lines().map(|line| serde_json::from_str(line).unwrap())
    }

    /// Masking level of a zone at the end of each second.
    pub fn masking_db(&self, zone: usize) -> Vec<f64> {
        let own = self
            .all()
            .filter(|event| event["type"] == "habitat.zone.measurement.v1" && event["subject"] == zone_id(zone).as_str());
        own.map(|event| event["data"]["masking_db"].as_f64().unwrap()).collect()
    }

    /// Changes of a zone's masking, each with the time of its end.
    pub fn changes(&self, zone: usize) -> Vec<(jiff::Timestamp, Value)> {
        let own = self
            .all()
            .filter(|event| event["type"] == "habitat.zone.adaptation.v1" && event["subject"] == zone_id(zone).as_str());
        own.map(|event| (event["time"].as_str().unwrap().parse().unwrap(), event["data"].clone()))
            .collect()
    }

    /// RMS of what a zone's loudspeaker plays over some seconds.
    pub fn played(&self, zone: usize, seconds: std::ops::Range<usize>) -> f64 {
        let frames = self
            .output
            .chunks_exact(ZONES)
            .skip(seconds.start * RATE_HZ)
            .take(seconds.len() * RATE_HZ);
        let (count, sum) = frames.fold((0u32, 0.0), |(count, sum), frame| {
            (count + 1, sum + f64::from(frame[zone]).powi(2))
        });
        (sum / f64::from(count)).sqrt()
    }
}
