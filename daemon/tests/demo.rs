//! `habitatd demo`: what somebody sees who has nothing but the program.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "other tests change something")]
mod console;
#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    console::Console,
    habitatd::{Daemon, HANG, free_port, habitatd},
};

const ZONES: [&str; 6] = ["north", "north-east", "north-west", "south", "south-east", "south-west"];
/// What Ctrl-C may take here; the promise is 2 s on a machine that has nothing else to do.
const END: Duration = Duration::from_secs(10);

/// A running demonstration, and where it keeps its files.
struct Demo {
    daemon: Daemon,
    printed: Arc<Mutex<String>>,
    console: Console,
    folder: TempDir,
}

impl Demo {
    fn start(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = habitatd();
        command
            .args(["demo", "--port", &port.to_string()])
            .env("TMPDIR", folder.path());
        let mut daemon = Daemon::start(command);
        let (_, stdout) = daemon.streams();
        let printed = Arc::new(Mutex::new(String::new()));
        let text = printed.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let mut text = text.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        Demo {
            console: Console::of(&mut daemon, port),
            daemon,
            printed,
            folder,
        }
    }

    /// The command that it prints behind this word, without what the shell would take off.
    fn printed_command(&self, word: &str) -> Vec<String> {
        let line = wait_for(&format!("a line with {word:?}"), || {
            let printed = self.printed.lock().unwrap();
            printed
                .lines()
                .find(|line| line.trim_start().starts_with(word))
                .map(str::to_owned)
        });
        let (_, command) = line.trim_start().split_once(' ').unwrap();
        shell_words(command.trim())
    }

    fn interrupt(mut self) {
        let begun = Instant::now();
        self.daemon.signal("INT");
        let status = self.daemon.wait();
        println!("SIGINT took {:.2} s", begun.elapsed().as_secs_f64());
        assert_eq!(status.code(), Some(0), "{}", self.daemon.log());
        assert!(begun.elapsed() < END, "SIGINT took {:?}", begun.elapsed());
        let left: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
        assert!(left.is_empty(), "it leaves files behind: {left:?}");
        assert!(!self.daemon.log().contains("panicked"), "{}", self.daemon.log());
    }
}

/// Waits for something that is bound to come.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < HANG, "{what} does not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Words of a line for the shell with single quotes only.
fn shell_words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    quoted
        .flat_map(|(index, part)| match index % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

/// Runs a printed command with further arguments, to its end.
fn output_of(words: &[String], further: &[&str]) -> String {
    let output = Command::new(&words[0]).args(&words[1..]).args(further).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{words:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// States of zones from lines of `mosquitto_sub -v`.
fn zone_states(lines: &str) -> BTreeMap<String, Vec<Value>> {
    let mut zones = BTreeMap::<String, Vec<Value>>::new();
    for line in lines.lines() {
        let (topic, payload) = line.split_once(' ').unwrap();
        if let ["habitat", "demo", "zone", zone, "state"] = topic.split('/').collect::<Vec<_>>()[..] {
            zones
                .entry(zone.to_owned())
                .or_default()
                .push(serde_json::from_str(payload).unwrap());
        }
    }
    zones
}

fn masking(console: &Console) -> Option<BTreeMap<String, f64>> {
    let zones = console.get("/api/v1/zones");
    let zones = zones["zones"].as_array().unwrap().iter();
    zones
        .map(|zone| Some((zone["id"].as_str()?.to_owned(), zone["measurement"]["masking_db"].as_f64()?)))
        .collect()
}

#[test]
fn a_demonstration_shows_zones_that_move_on_every_printed_address_and_leaves_nothing_behind() {
    let begun = Instant::now();
    let demo = Demo::start(free_port());
    let zones: Value = serde_json::from_str(&output_of(&demo.printed_command("zones"), &[])).unwrap();
    let ids: BTreeSet<&str> = zones["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| zone["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, BTreeSet::from(ZONES));

    // After the start-up ramp of 10 s, a zone rises further because somebody talks elsewhere.
    let level = wait_for("the level after the ramp", || {
        let ramped = demo.console.get("/api/v1/events?limit=1000")["events"]
            .as_array()
            .unwrap()
            .iter()
            .any(|event| event["data"]["cause"] == "startup");
        masking(&demo.console).filter(|_| ramped)
    });
    let (zone, rise_db) = wait_for("a zone that rises", || {
        let now = masking(&demo.console)?;
        now.into_iter()
            .map(|(zone, db)| (zone.clone(), db - level[&zone]))
            .find(|(_, rise_db)| *rise_db > 0.3)
    });
    println!("{zone} rose by {rise_db:.2} dB within {:.0} s", begun.elapsed().as_secs_f64());

    let subscribe = demo.printed_command("MQTT");
    for version in ["mqttv311", "mqttv5"] {
        let states = zone_states(&output_of(&subscribe, &["-V", version, "-C", "60", "-W", "60"]));
        assert_eq!(
            states.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            BTreeSet::from(ZONES),
            "{version}"
        );
        for (zone, states) in &states {
            let levels: BTreeSet<String> = states.iter().map(|state| state["laeq_db"].to_string()).collect();
            assert!(levels.len() > 1, "{version}: {zone} does not change: {states:?}");
        }
    }

    let query = demo.printed_command("tenant");
    let events = wait_for("events at the tenant", || {
        let answer: Value = serde_json::from_str(&output_of(&query, &[])).unwrap();
        answer["events"].as_array().filter(|events| events.len() == 10).cloned()
    });
    assert_eq!(events[0]["type"], "habitat.controller.v1");
    assert!(
        events.iter().any(|event| event["type"] == "habitat.zone.adaptation.v1"),
        "{events:?}"
    );
    demo.interrupt();
}

#[test]
fn a_second_demonstration_takes_other_ports_but_not_the_console_of_the_first() {
    let port = free_port();
    let first = Demo::start(port);
    let second = Demo::start(free_port());
    let broker = |demo: &Demo| {
        let words = demo.printed_command("MQTT");
        words[words.iter().position(|word| word == "-p").unwrap() + 1].clone()
    };
    assert_ne!(broker(&first), broker(&second));
    for demo in [&first, &second] {
        let online = output_of(&demo.printed_command("MQTT"), &["-C", "1", "-W", "60"]);
        assert!(online.starts_with("habitat/demo/"), "{online}");
    }

    let folder = tempfile::tempdir().unwrap();
    let mut command = habitatd();
    command
        .args(["demo", "--port", &port.to_string()])
        .env("TMPDIR", folder.path());
    let third = habitatd::run(command, b"");
    let message = String::from_utf8(third.stderr).unwrap();
    assert_eq!(third.status.code(), Some(69), "{message}");
    assert!(
        message.contains(&format!("the console cannot listen on 127.0.0.1:{port}")),
        "{message}"
    );
    assert!(message.contains("in use"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves files behind");
    second.interrupt();
    first.interrupt();
}
