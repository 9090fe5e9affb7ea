//! A site on real devices, and the daemon on it.

use std::{
    fmt::Write as _,
    fs,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    habitatd::{Daemon, Site, free_port},
    jackd::Jackd,
};

/// Frames per second, and of a period of the server, which is a block.
pub const RATE: u32 = 48_000;
pub const BLOCK: u32 = 1024;

/// Levels that nothing can change, so that what is played does not depend on what is heard.
pub const LEVELS: &str = "[adaptation]\nlevel_min_db = 43.0\nlevel_fixed_db = 43.0\nlevel_max_db = 43.0\nstartup_ramp_s = 10\n";
pub const RAMP_S: usize = 10;

pub fn habitat(audio: &str, rest: &str) -> String {
    format!(
        "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"test\"\n[audio]\n{audio}\n{LEVELS}{rest}\
         [event_log]\npath = \"events.jsonl\"\n"
    )
}

/// Microphones and loudspeakers in a row of zones, and the devices that they are on.
#[derive(Clone, Copy)]
pub struct On<'a> {
    pub microphones: &'a str,
    pub loudspeakers: &'a str,
    pub zones: usize,
}

impl<'a> On<'a> {
    /// All on the JACK server.
    pub fn jack(zones: usize) -> Self {
        On {
            microphones: "jack",
            loudspeakers: "jack",
            zones,
        }
    }
}

/// Zones side by side, with a microphone and a loudspeaker each.
pub fn layout(on: &[On]) -> String {
    const WIDE: usize = 8;
    let all = on.iter().map(|on| on.zones).sum::<usize>();
    let mut text = format!(
        "[[floor]]\nid = \"1\"\noutline = [[0,0],[32,0],[32,{0}],[0,{0}]]\nheight_m = 2.8\n",
        4 * all.div_ceil(WIDE)
    );
    let numbered = on.iter().flat_map(|on| (1..=on.zones).map(move |channel| (on, channel)));
    for (zone, (on, channel)) in numbered.enumerate() {
        let (x, y) = (4 * (zone % WIDE), 4 * (zone / WIDE));
        write!(
            text,
            "[[zone]]\nid = \"z{zone}\"\nfloor = \"1\"\nkind = \"focus\"\noutline = [[{x},{y}],[{x1},{y}],[{x1},{y1}],[{x},{y1}]]\n\
             [[microphone]]\nid = \"m{zone}\"\nzone = \"z{zone}\"\nposition = [{x}.5,{y}.5,2.7]\ndevice = \"{}\"\n\
             channel = {channel}\nsensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s{zone}\"\nzone = \"z{zone}\"\nposition = [{x}.9,{y}.9,2.75]\ndevice = \"{}\"\n\
             channel = {channel}\noutput_db_spl = 94.0\n",
            on.microphones,
            on.loudspeakers,
            x1 = x + 4,
            y1 = y + 4,
        )
        .unwrap();
    }
    text
}

/// The daemon on its devices.
pub struct Running {
    pub site: Site,
    pub daemon: Daemon,
    pub port: u16,
}

/// On a JACK server alone.
pub fn start(server: &Jackd, channels: usize) -> Running {
    start_on(&[On::jack(channels)], |command| server.serve(command))
}

/// On any devices, with what the daemon needs to find them.
pub fn start_on(on: &[On], serve: impl FnOnce(&mut Command)) -> Running {
    let port = free_port();
    let console = format!("[console]\nlisten = \"127.0.0.1:{port}\"\n");
    let site = Site::new(&habitat("backend = \"cpal\"", &console), &layout(on));
    let mut command = site.command("run");
    serve(&mut command);
    let daemon = Daemon::start(command);
    Running { site, daemon, port }
}

impl Running {
    pub fn health(&self) -> Value {
        self.answer().expect("the console answers")
    }

    /// The same, if the console answers soon.
    pub fn answer(&self) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}/api/v1/health", self.port);
        let arguments = ["-s", "--noproxy", "*", "--max-time", "3", &url];
        let output = Command::new("curl").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).ok()
    }

    pub fn events(&self, kind: &str) -> Vec<Value> {
        let log = fs::read_to_string(self.site.path("events.jsonl")).unwrap_or_default();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["type"] == kind).collect()
    }

    /// What went through one direction of a device.
    pub fn counters(&self, device: &str, direction: &str) -> Value {
        let health = self.health();
        let all = health["device_counters"].as_array().unwrap();
        let found = all
            .iter()
            .find(|counts| counts["device"] == device && counts["direction"] == direction);
        found.unwrap().clone()
    }

    /// Frames that went through one direction of a device, and those that were lost.
    pub fn moved(&self, device: &str, direction: &str) -> (u64, u64) {
        let counters = self.counters(device, direction);
        let count = |key: &str| counters[key].as_u64().unwrap();
        (count("frames"), count("frames_lost"))
    }

    /// Kind, state and reason of every event of the JACK server so far.
    pub fn told(&self) -> Vec<String> {
        self.told_of("jack")
    }

    /// The same of any device. Gaps are left out: what pauses on a busy machine is not the test's business.
    pub fn told_of(&self, device: &str) -> Vec<String> {
        let events = self.events("habitat.device.v1");
        let of_devices = events
            .iter()
            .filter(|event| event["subject"] == device && event["data"]["reason"] != "gaps");
        let words = |data: &Value| ["kind", "state", "reason"].map(|key| data[key].as_str().unwrap_or_default().to_owned());
        of_devices.map(|event| words(&event["data"]).join(" ")).collect()
    }

    pub fn wait_for(&mut self, what: &str, longest: Duration, condition: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !condition(self) {
            assert!(!self.daemon.has_ended(), "the daemon ended");
            assert!(
                begun.elapsed() < longest,
                "no {what}: {:?} {:?}",
                self.events("habitat.device.v1"),
                self.answer()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
