//! The daemon on a real JACK server: every sample arrives as it was played, and a server that dies comes back without a hand on it.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod habitatd;
#[path = "../support/jackd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod jackd;
#[path = "../support/pulseaudio.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod pulseaudio;
mod room;

use std::{
    fmt::Write as _,
    fs,
    io::{BufReader, Read, Write},
    process::Command,
    time::{Duration, Instant},
};

use habitatd::{Daemon, Site, free_port};
use jackd::Jackd;
use pulseaudio::PulseAudio;
use room::{Room, level_db};
use serde_json::Value;

const RATE: u32 = 48_000;
const BLOCK: u32 = 1024;

/// Microphones, and as many loudspeakers and zones.
const CHANNELS: usize = 32;

/// Levels that nothing can change, so that what is played does not depend on what is heard.
const LEVELS: &str = "[adaptation]\nlevel_min_db = 43.0\nlevel_fixed_db = 43.0\nlevel_max_db = 43.0\nstartup_ramp_s = 10\n";
const RAMP_S: usize = 10;

fn habitat(audio: &str, rest: &str) -> String {
    format!(
        "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"test\"\n[audio]\n{audio}\n{LEVELS}{rest}\
         [event_log]\npath = \"events.jsonl\"\n"
    )
}

fn layout(zones: usize, device: &str) -> String {
    const WIDE: usize = 8;
    let mut text = format!(
        "[[floor]]\nid = \"1\"\noutline = [[0,0],[32,0],[32,{0}],[0,{0}]]\nheight_m = 2.8\n",
        4 * zones.div_ceil(WIDE)
    );
    for zone in 0..zones {
        let (x, y, channel) = (4 * (zone % WIDE), 4 * (zone / WIDE), zone + 1);
        write!(
            text,
            "[[zone]]\nid = \"z{zone}\"\nfloor = \"1\"\nkind = \"focus\"\noutline = [[{x},{y}],[{x1},{y}],[{x1},{y1}],[{x},{y1}]]\n\
             [[microphone]]\nid = \"m{zone}\"\nzone = \"z{zone}\"\nposition = [{x}.5,{y}.5,2.7]\n{device}channel = {channel}\n\
             sensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s{zone}\"\nzone = \"z{zone}\"\nposition = [{x}.9,{y}.9,2.75]\n{device}channel = {channel}\n\
             output_db_spl = 94.0\n",
            x1 = x + 4,
            y1 = y + 4,
        )
        .unwrap();
    }
    text
}

/// What the daemon plays on a pipe: the same, for its noise and its ramp are the site's own.
fn reference(seconds: usize) -> [Vec<f32>; 2] {
    let audio = "backend = \"pipe\"\n[audio.pipe]\nstart = \"2026-01-05T08:00:00Z\"";
    let site = Site::new(&habitat(audio, ""), &layout(CHANNELS, ""));
    let blocks = seconds * RATE as usize / BLOCK as usize;
    let mut daemon = Daemon::start(site.command("run"));
    let (mut stdin, stdout) = daemon.streams();
    let mut played = [Vec::new(), Vec::new()];
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let silence = vec![0u8; BLOCK as usize * CHANNELS * 4];
            (0..blocks).for_each(|_| stdin.write_all(&silence).unwrap());
        });
        let mut frames = BufReader::new(stdout);
        let mut frame = [0u8; 4 * CHANNELS];
        while frames.read_exact(&mut frame).is_ok() {
            let samples = frame.as_chunks().0;
            played[0].push(f32::from_le_bytes(samples[0]));
            played[1].push(f32::from_le_bytes(samples[CHANNELS - 1]));
        }
    });
    assert!(daemon.wait().success());
    played
}

struct Running {
    site: Site,
    daemon: Daemon,
    port: u16,
}

fn start(server: &Jackd, channels: usize) -> Running {
    start_on(&layout(channels, "device = \"jack\"\n"), |command| server.serve(command))
}

fn start_on(layout: &str, serve: impl FnOnce(&mut Command)) -> Running {
    let port = free_port();
    let console = format!("[console]\nlisten = \"127.0.0.1:{port}\"\n");
    let site = Site::new(&habitat("backend = \"cpal\"", &console), layout);
    let mut command = site.command("run");
    serve(&mut command);
    let daemon = Daemon::start(command);
    Running { site, daemon, port }
}

impl Running {
    fn health(&self) -> Value {
        let url = format!("http://127.0.0.1:{}/api/v1/health", self.port);
        let output = Command::new("curl").args(["-s", "--noproxy", "*", &url]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {output:?}"))
    }

    fn events(&self, kind: &str) -> Vec<Value> {
        let log = fs::read_to_string(self.site.path("events.jsonl")).unwrap_or_default();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["type"] == kind).collect()
    }

    /// Frames that went through one direction of a device, and those that were lost.
    fn moved(&self, device: &str, direction: &str) -> (u64, u64) {
        let health = self.health();
        let all = health["device_counters"].as_array().unwrap();
        let found = all
            .iter()
            .find(|counts| counts["device"] == device && counts["direction"] == direction);
        let count = |key: &str| found.unwrap()[key].as_u64().unwrap();
        (count("frames"), count("frames_lost"))
    }

    /// Kind, state and reason of every event of the JACK server so far.
    fn told(&self) -> Vec<String> {
        self.told_of("jack")
    }

    /// The same of any device.
    fn told_of(&self, device: &str) -> Vec<String> {
        let events = self.events("habitat.device.v1");
        let of_devices = events.iter().filter(|event| event["subject"] == device);
        let words = |data: &Value| ["kind", "state", "reason"].map(|key| data[key].as_str().unwrap_or_default().to_owned());
        of_devices.map(|event| words(&event["data"]).join(" ")).collect()
    }

    fn wait_for(&mut self, what: &str, longest: Duration, condition: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !condition(self) {
            assert!(!self.daemon.has_ended(), "the daemon ended");
            assert!(
                begun.elapsed() < longest,
                "no {what}: {:?} {}",
                self.events("habitat.device.v1"),
                self.health()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Follows a recording through the reference, and counts the frames of silence that were put between; anything else is a fault.
fn gaps(recorded: &[f32], reference: &[f32]) -> usize {
    let begin = reference.windows(64).position(|window| window == &recorded[..64]);
    let mut at = begin.expect("what was recorded was never played");
    let mut silent = 0;
    for (frame, sample) in recorded.iter().enumerate() {
        if at < reference.len() && *sample == reference[at] {
            at += 1;
        } else {
            assert!(*sample == 0.0, "frame {frame}: {sample} instead of {:?}", reference.get(at));
            silent += 1;
        }
    }
    silent
}

#[test]
fn thirty_two_channels_each_way_arrive_for_a_minute_as_they_were_played() {
    const SECONDS: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, CHANNELS);
    let mut room = Room::enter(&server, CHANNELS, folder.path());
    room.wait_for_sound();
    // How far the ramp has come when the first sample is asked for differs by a block.
    std::thread::sleep(Duration::from_secs(RAMP_S as u64 + 2));
    let before = running.health();
    std::thread::sleep(Duration::from_secs(SECONDS as u64));
    let after = running.health();
    let recorded = room.leave(folder.path());
    assert!(!running.daemon.has_ended());
    running.daemon.signal("TERM");
    assert!(running.daemon.wait().success());

    let recorded = recorded.each_ref().map(|channel| &channel[(RAMP_S + 2) * RATE as usize..]);
    let reference = reference(SECONDS + 2 * RAMP_S + 20);
    let seen = recorded.each_ref().map(|channel| channel.len() / RATE as usize);
    // A server without a card is slower than the clock on a busy machine.
    assert!(seen.iter().all(|seconds| *seconds >= SECONDS / 2), "{seen:?} s recorded");
    let gaps: Vec<usize> = recorded
        .iter()
        .zip(&reference)
        .map(|(recorded, reference)| gaps(recorded, reference))
        .collect();
    let count = |health: &Value, counter: &str| health["counters"][counter].as_u64().unwrap();
    let told = count(&after, "output_frames_missing") - count(&before, "output_frames_missing");
    println!("{seen:?} s, {gaps:?} frames of silence, {told} told, before {before}, after {after}");
    for gap in gaps {
        // What went missing between the two looks and the two ends of the recording is not known to the frame.
        assert!(
            gap as u64 >= told && gap as u64 <= told + u64::from(4 * BLOCK),
            "{gap} frames are missing, {told} are told"
        );
    }

    let measured = running.events("habitat.zone.measurement.v1");
    let mut seconds = vec![0; CHANNELS];
    for event in measured {
        let zone: usize = event["subject"].as_str().unwrap()[1..].parse().unwrap();
        if let Some(laeq_db) = event["data"]["laeq_db"].as_f64().filter(|db| *db > 50.0) {
            let off_db = (laeq_db - level_db(zone)).abs();
            seconds[zone] += 1;
            // The first second that is heard is not heard as a whole.
            assert!(
                off_db < 0.15 || seconds[zone] <= 2,
                "zone {zone}: {laeq_db} dB(A), {off_db} dB off"
            );
        }
    }
    assert!(seconds.iter().all(|seconds| *seconds >= SECONDS / 2), "{seconds:?}");
}

#[test]
fn a_server_that_dies_is_told_of_and_sound_is_back_two_seconds_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter(&server, 2, folder.path());
    room.wait_for_sound();
    std::thread::sleep(Duration::from_secs(3));
    for _ in 0..2 {
        let before = running.told().len();
        server.kill();
        drop(room);
        running.wait_for("loss", Duration::from_secs(5), |running| running.told().len() == before + 2);
        assert_eq!(running.health()["parts"]["audio"]["state"], "degraded");
        std::thread::sleep(Duration::from_secs(4));
        server.start_again();
        let back = Instant::now();
        room = Room::enter(&server, 2, folder.path());
        room.wait_for_sound();
        let silent = back.elapsed();
        println!("sound {silent:?} after the server");
        assert!(silent < Duration::from_secs(2), "{silent:?}");
        running.wait_for("recovery", Duration::from_secs(5), |running| {
            running.told().len() == before + 4
        });
        running.wait_for("health", Duration::from_secs(5), |running| {
            running.health()["parts"]["audio"]["state"] == "ok"
        });
    }
    let story = [
        "input fault lost",
        "output fault lost",
        "input recovered lost",
        "output recovered lost",
    ];
    let mut told = running.told();
    for life in told.chunks_mut(4) {
        life[..2].sort();
        life[2..].sort();
        assert_eq!(life, story);
    }
    assert_eq!(told.len(), 8);
    // Each zone lost its level, and has it again.
    running.wait_for("level", Duration::from_secs(10), |running| {
        let measured = running.events("habitat.zone.measurement.v1");
        let levels: Vec<bool> = measured
            .iter()
            .filter(|event| event["subject"] == "z1")
            .map(|event| event["data"]["laeq_db"].is_number())
            .collect();
        levels.contains(&false) && levels.last() == Some(&true)
    });
}

#[test]
fn a_server_that_hangs_without_a_word_is_told_of_and_sound_is_back_when_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start(&server, 2);
    let mut room = Room::enter(&server, 2, folder.path());
    room.wait_for_sound();
    server.signal("STOP");
    running.wait_for("stall", Duration::from_secs(10), |running| {
        let mut told = running.told();
        told.sort();
        told == ["input fault stalled", "output fault stalled"]
    });
    assert_eq!(running.health()["parts"]["audio"]["state"], "degraded");
    server.signal("CONT");
    running.wait_for("recovery", Duration::from_secs(15), |running| running.told().len() == 4);
    let before = running.moved("jack", "output").0;
    running.wait_for("sound", Duration::from_secs(5), |running| {
        running.moved("jack", "output").0 > before + u64::from(RATE)
    });
}

#[test]
fn two_servers_with_clocks_of_their_own_run_side_by_side_and_one_that_dies_leaves_the_other_alone() {
    let mut jack = Jackd::start(RATE, BLOCK);
    let pulse = PulseAudio::start(&[("hall", 2)]);
    // One zone on each server.
    let on = |device: &str| format!("device = \"{device}\"\n");
    let mut text = layout(2, &on("jack"));
    for (kind, device) in [("microphone", "pulseaudio:hall.monitor"), ("loudspeaker", "pulseaudio:hall")] {
        let begin = text.rfind(&format!("[[{kind}]]")).unwrap();
        let own = text[begin..].replacen(&on("jack"), &on(device), 1);
        text.replace_range(begin.., &own);
    }
    let mut running = start_on(&text, |command| {
        jack.serve(command);
        pulse.serve(command);
    });
    let moves = |running: &Running, device: &str| running.moved(device, "output").0 > 2 * u64::from(RATE);
    running.wait_for("sound on both", Duration::from_secs(30), |running| {
        running.health()["device_counters"].is_array() && moves(running, "jack") && moves(running, "pulseaudio:hall")
    });
    let health = running.health();
    let drift = |device: &str| {
        let all = health["device_counters"].as_array().unwrap();
        let of_output = all
            .iter()
            .find(|counts| counts["device"] == device && counts["direction"] == "output");
        of_output.unwrap()["drift_ppm"].clone()
    };
    assert!(
        drift("jack").is_null() && drift("pulseaudio:hall").is_number(),
        "the engine follows JACK: {health}"
    );

    jack.kill();
    running.wait_for("loss", Duration::from_secs(5), |running| running.told().len() == 2);
    let before = running.moved("pulseaudio:hall", "output");
    std::thread::sleep(Duration::from_secs(5));
    let after = running.moved("pulseaudio:hall", "output");
    println!("PulseAudio moved {before:?} and {after:?} while JACK was gone");
    assert!(after.0 - before.0 > 3 * u64::from(RATE), "{before:?} {after:?}");
    assert!(after.1 - before.1 <= u64::from(2 * BLOCK), "{before:?} {after:?}");
    assert_eq!(running.told_of("pulseaudio:hall"), [""; 0]);

    jack.start_again();
    running.wait_for("recovery", Duration::from_secs(5), |running| running.told().len() == 4);
    drop(pulse);
    running.wait_for("loss", Duration::from_secs(10), |running| {
        running.told_of("pulseaudio:hall") == ["output fault lost"]
            && running.told_of("pulseaudio:hall.monitor") == ["input fault lost"]
    });
    let before = running.moved("jack", "output");
    std::thread::sleep(Duration::from_secs(5));
    let after = running.moved("jack", "output");
    println!("JACK moved {before:?} and {after:?} while PulseAudio was gone");
    assert!(
        after.0 - before.0 > 3 * u64::from(RATE) && after.1 - before.1 <= u64::from(2 * BLOCK),
        "{before:?} {after:?}"
    );
    assert_eq!(running.told().len(), 4);
}
