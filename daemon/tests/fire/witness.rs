//! The event log as a witness: another thread of the daemon writes it, second by second, to a pipe of ours, and it knows nothing of
//! the outbox.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::{BufRead, BufReader},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::Value;

use crate::{controller::Confirmation, stored::Stored};

/// When the first run begins, in stream time.
pub const FIRST: &str = "2026-01-05T00:00:00Z";
/// A run begins this long after the one before: longer than it can have lasted.
pub const RUN_S: u64 = 86_400;

/// What the levels of a minute may differ by, because those of its seconds are rounded.
const ROUNDING_DB: f64 = 0.02;

/// What it heard of one second.
#[derive(Clone, Copy)]
struct Second {
    laeq_db: f64,
    lafmax_db: f64,
    distraction_db_min: f64,
}

/// What it has heard so far.
#[derive(Default)]
struct Heard {
    /// Of each run and zone, from its first second on.
    seconds: BTreeMap<(u64, String), Vec<Second>>,
    /// Everything else: ids in their order, of each run, type and subject.
    others: BTreeMap<(u64, String, String), Vec<String>>,
}

/// Listens in the background.
pub struct Witness(Arc<Mutex<Heard>>);

impl Witness {
    /// Makes a named pipe, and takes what is written to it, whoever lives or dies at its other end.
    pub fn listen(path: &Path) -> Self {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        // Open for writing as well, so that it does not end with a daemon.
        let pipe = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let writing = heard.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                writing.lock().unwrap().note(&line);
            }
        });
        Witness(heard)
    }
}

impl Heard {
    fn note(&mut self, line: &str) {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let (run, second) = run_and_second(&event);
        let (kind, subject) = kind_and_subject(&event);
        if !is_measurement(&kind) {
            let id = event["id"].as_str().unwrap().to_owned();
            self.others.entry((run, kind, subject)).or_default().push(id);
            return;
        }
        let level = |name: &str| event["data"][name].as_f64().unwrap();
        let seconds = self.seconds.entry((run, subject)).or_default();
        seconds.push(Second {
            laeq_db: level("laeq_db"),
            lafmax_db: level("lafmax_db"),
            distraction_db_min: level("distraction_db_min"),
        });
        assert_eq!(seconds.len() as u64, second, "the witness has missed a second");
    }
}

impl Confirmation<'_> {
    /// What is stored of each run is what the witness heard, from the beginning on: all of it when the run ended in order, and at least
    /// nothing else when it was killed.
    pub fn assert_confirms(&self, stored: &Stored) {
        let heard = self.witness.0.lock().unwrap();
        let is_whole = |run: &u64| self.whole.contains(run);
        let none = Vec::new();
        let mut confirmed = 0;
        for ((run, zone), seconds) in &heard.seconds {
            let mut minutes = stored.minutes.get(&(*run, zone.clone())).unwrap_or(&none).clone();
            // After an outage newer ones may have come before older ones.
            minutes.sort_by_key(|minute| run_and_second(minute).1);
            for (number, (minute, seconds)) in minutes.iter().zip(seconds.chunks_exact(60)).enumerate() {
                let at = format!("run {run}, {zone}, minute {}", number + 1);
                assert_eq!(
                    run_and_second(minute).1,
                    60 * (number as u64 + 1),
                    "{at}: one is missing before"
                );
                assert_minute(&minute["data"], seconds, &at);
                confirmed += 1;
            }
            if is_whole(run) {
                assert_eq!(minutes.len(), seconds.len() / 60, "run {run}, {zone} ended in order");
            }
        }
        for ((run, kind, subject), ids) in &heard.others {
            let key = (*run, kind.clone(), subject.clone());
            let stored: BTreeSet<&String> = stored.others.get(&key).into_iter().flatten().collect();
            let both = ids.len().min(stored.len());
            let missing = ids[..both].iter().find(|id| !stored.contains(id));
            assert_eq!(missing, None, "run {run}, {kind} of {subject}: heard, and stored are others");
            confirmed += both;
            if is_whole(run) {
                assert_eq!(ids.len(), stored.len(), "run {run}, {kind} of {subject} ended in order");
            }
        }
        let runs = heard.seconds.keys().map(|(run, _)| run).collect::<BTreeSet<_>>();
        let seconds: usize = heard.seconds.values().map(Vec::len).sum();
        println!(
            "the event log has {seconds} seconds of zones in {} runs and confirms {confirmed} of {} stored events",
            runs.len(),
            stored.len()
        );
        // What it does not confirm is what was in the pipe of a daemon that was killed.
        assert!(confirmed * 10 > stored.len() * 9);
    }
}

/// The energy mean, the maximum and the sum of its seconds.
fn assert_minute(minute: &Value, seconds: &[Second], at: &str) {
    let close = |name: &str, expected: f64, tolerance: f64| {
        let stored = minute[name].as_f64().unwrap_or(f64::NAN);
        assert!(
            (stored - expected).abs() <= tolerance,
            "{at}: {name} is {stored}, not {expected}"
        );
    };
    let energy: f64 = seconds.iter().map(|second| 10f64.powf(second.laeq_db / 10.0)).sum();
    close("laeq_db", 10.0 * (energy / seconds.len() as f64).log10(), ROUNDING_DB);
    let highest = seconds.iter().map(|second| second.lafmax_db).fold(f64::MIN, f64::max);
    close("lafmax_db", highest, ROUNDING_DB);
    close(
        "distraction_db_min",
        seconds.iter().map(|second| second.distraction_db_min).sum(),
        0.005,
    );
}

/// In which run an event was, and at which second of it.
pub fn run_and_second(event: &Value) -> (u64, u64) {
    let first: jiff::Timestamp = FIRST.parse().unwrap();
    let time: jiff::Timestamp = event["time"].as_str().unwrap().parse().unwrap();
    let second = time.duration_since(first).as_secs().unsigned_abs();
    (second / RUN_S, second % RUN_S)
}

/// `type` and `subject`.
pub fn kind_and_subject(event: &Value) -> (String, String) {
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    (text("type"), text("subject"))
}

/// Whether a type is that of measurements.
pub fn is_measurement(kind: &str) -> bool {
    kind == "habitat.zone.measurement.v1"
}
