//! Real speech through the pipe: six microphones, two voices in two zones, from standard input to standard output and events.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

const RATE: usize = 48_000;
const ZONES: [&str; 6] = ["north-west", "north", "north-east", "south-west", "south", "south-east"];
/// Talker's zone and one that does not rise for it: 16 m away, beyond the coffee corner in the south, which is not masked for its own
/// sake and so does not lift what lies behind it.
const TOO_FAR: (&str, &str) = ("south-east", "south-west");
const LAYOUT: &str = include_str!("../src/demo/office/layout.toml");

/// Seconds in which each voice talks, its zone, and the voice.
const TALKS: [(usize, usize, usize, &str); 2] = [(40, 80, 0, "en-gb+m3"), (120, 160, 5, "en-us+f2")];
const SECONDS: usize = 200;

const TEXT: &str = "Good morning everybody. I would like to go through the plan for this week. First we look at the open orders, then at \
    the schedule of the northern site, and after that we have ten minutes for questions. The supplier called yesterday and said that the \
    delivery will be two days late. Please tell your teams, so that nobody waits in vain. Are there any other points for today?";

fn habitat_toml() -> String {
    r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "test"
name = "Test"
[audio]
backend = "pipe"
[audio.pipe]
start = "2026-01-05T08:00:00+02:00"
[adaptation]
slew_up_db_per_min = 3.0
slew_down_db_per_min = 1.5
acknowledge_noticeable = true
startup_ramp_s = 10
[event_log]
path = "events.jsonl"
"#
    .to_owned()
}

fn site(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("layout.toml"), LAYOUT).unwrap();
    let config = folder.join("habitat.toml");
    fs::write(&config, habitat_toml()).unwrap();
    config
}

/// Speech by espeak-ng at the given RMS level re full scale, 48 kHz.
fn speech(folder: &Path, voice: &str, rms_dbfs: f64) -> Vec<f32> {
    let (wav, raw) = (folder.join(format!("{voice}.wav")), folder.join(format!("{voice}.f32")));
    let ran = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    ran(Command::new("espeak-ng").args(["-v", voice, "-w"]).arg(&wav).arg(TEXT));
    ran(Command::new("sox")
        .arg(&wav)
        .args(["-r", "48000", "-c", "1", "-e", "floating-point", "-b", "32", "-t", "raw"])
        .arg(&raw));
    let bytes = fs::read(raw).unwrap();
    let samples: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    let rms = (samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64).sqrt();
    let gain = (10f64.powf(rms_dbfs / 20.0) / rms) as f32;
    samples.iter().map(|x| x * gain).collect()
}

/// Reproducible white noise.
fn noise(state: &mut u64) -> f32 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Six channels: a quiet room everywhere, and the voices: in their own zone at about 56 dB, elsewhere 14 dB softer.
fn six_microphones(folder: &Path) -> Vec<u8> {
    // With a sensitivity of -26 dBFS, 94 dB SPL: 56 dB is -64 dBFS (AES17), -67 dB re full-scale RMS.
    let voices: Vec<Vec<f32>> = TALKS.iter().map(|(_, _, _, voice)| speech(folder, voice, -67.0)).collect();
    let mut state = 1;
    let mut bytes = Vec::with_capacity(SECONDS * RATE * ZONES.len() * 4);
    for frame in 0..SECONDS * RATE {
        for channel in 0..ZONES.len() {
            let mut sample = 5e-5 * noise(&mut state);
            for ((from, to, zone, _), voice) in TALKS.iter().zip(&voices) {
                if (from * RATE..to * RATE).contains(&frame) {
                    let gain = if channel == *zone { 1.0 } else { 0.2 };
                    sample += gain * voice[(frame - from * RATE) % voice.len()];
                }
            }
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
    }
    bytes
}

struct Run {
    output: Vec<u8>,
    events: Vec<u8>,
}

fn run(folder: &Path, input: &[u8]) -> Run {
    let config = site(folder);
    let mut child = Command::new(env!("CARGO_BIN_EXE_habitatd"))
        .args(["run", "--config"])
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut output = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    });
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    Run {
        output,
        events: fs::read(folder.join("events.jsonl")).unwrap(),
    }
}

/// Measurements per zone, one per second, and the other events.
fn parse(events: &[u8]) -> (BTreeMap<String, Vec<Value>>, Vec<Value>) {
    let (mut zones, mut others) = (BTreeMap::<String, Vec<Value>>::new(), Vec::new());
    for line in std::str::from_utf8(events).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["type"] == "habitat.zone.measurement.v1" {
            zones
                .entry(event["subject"].as_str().unwrap().to_owned())
                .or_default()
                .push(event["data"].clone());
        } else {
            others.push(event);
        }
    }
    (zones, others)
}

#[test]
fn two_voices_in_two_zones_raise_the_others_and_two_runs_are_identical() {
    let folder = tempfile::tempdir().unwrap();
    let input = six_microphones(folder.path());
    let first = run(&folder.path().join("first"), &input);
    let second = run(&folder.path().join("second"), &input);

    let loudspeakers = 24;
    let frames_in = input.len() / 4 / ZONES.len();
    let whole_blocks = frames_in / 1024 * 1024;
    assert_eq!(
        first.output.len(),
        whole_blocks * loudspeakers * 4,
        "a block out for every block in"
    );
    assert!(first.output == second.output, "the output of two runs differs");
    assert!(first.events == second.events, "the events of two runs differ");

    let (zones, others) = parse(&first.events);
    for zone in ZONES {
        assert_eq!(zones[zone].len(), SECONDS, "{zone}");
    }
    let masking = |zone: &str, second: usize| zones[zone][second]["masking_db"].as_f64().unwrap();
    for (from, to, talker_zone, voice) in TALKS {
        let own = ZONES[talker_zone];
        let during = &zones[own][from..to];
        let says_so = during
            .iter()
            .filter(|m| m["speech_ratio"].as_f64().unwrap() >= 0.5 && m["talker"] == true)
            .count();
        println!("{voice}: {own} says so in {says_so} of {} seconds", to - from);
        assert!(says_so * 10 >= (to - from) * 9);
        let own_rise = masking(own, to - 1) - masking(own, from - 1);
        assert!(own_rise < 0.05, "the talker's own zone {own} rose by {own_rise} dB");
        for zone in ZONES.iter().filter(|zone| **zone != own) {
            let rise = masking(zone, to - 1) - masking(zone, from - 1);
            println!("{voice} in {own}: {zone} {:+.2} dB", rise);
            let should_rise = (own, *zone) != TOO_FAR;
            assert_eq!(rise > 0.1, should_rise, "{zone} for {voice}: {rise} dB");
            let strangers = zones[*zone][from + 1..to].iter().filter(|m| m["talker"] == true).count();
            assert!(
                strangers * 10 <= to - from,
                "{zone} claims the talker of {own} in {strangers} seconds"
            );
        }
    }
    for zone in ZONES {
        for (second, measurement) in zones[zone].iter().enumerate() {
            let quiet = !TALKS.iter().any(|(from, to, ..)| (*from..to + 1).contains(&second));
            assert!(
                !quiet || measurement["speech_ratio"].as_f64().unwrap() < 0.5 || second < 2,
                "{zone}, second {second}: {measurement}"
            );
            let has_level = !measurement["speech_laeq_db"].is_null();
            assert_eq!(has_level, measurement["speech_ratio"].as_f64().unwrap() >= 0.5);
        }
    }
    let speech_changes = others
        .iter()
        .filter(|e| e["type"] == "habitat.zone.adaptation.v1" && e["data"]["cause"] == "speech");
    let heard: Vec<_> = speech_changes
        .map(|e| e["data"]["evidence"]["from_zone"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        heard.iter().any(|zone| zone == ZONES[0]) && heard.iter().any(|zone| zone == ZONES[5]),
        "{heard:?}"
    );
}

#[test]
fn masking_never_moves_faster_than_the_slew_and_neighbours_stay_close() {
    let folder = tempfile::tempdir().unwrap();
    let input = six_microphones(folder.path());
    let (zones, _) = parse(&run(&folder.path().join("site"), &input).events);
    let masking: BTreeMap<&str, Vec<f64>> = zones
        .iter()
        .map(|(zone, list)| {
            (
                zone.as_str(),
                list.iter().map(|m| m["masking_db"].as_f64().unwrap()).collect(),
            )
        })
        .collect();
    for (zone, levels) in &masking {
        for (second, pair) in levels.windows(2).enumerate().skip(12) {
            let step = pair[1] - pair[0];
            // 3 dB/min up and 1.5 dB/min down, given to 0.001 dB.
            assert!((-0.0262..=0.0512).contains(&step), "{zone}, second {second}: {step} dB");
            assert!((39.99..=46.01).contains(&pair[1]), "{zone}, second {second}: {} dB", pair[1]);
        }
    }
    for (a, b) in [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)] {
        let pairs = masking[ZONES[a]].iter().zip(&masking[ZONES[b]]);
        for (second, (a_db, b_db)) in pairs.enumerate().skip(12) {
            let apart = (a_db - b_db).abs();
            assert!(
                apart <= 2.01,
                "{} and {}, second {second}: {apart} dB apart",
                ZONES[a],
                ZONES[b]
            );
        }
    }
}

#[test]
fn a_tone_at_the_sensitivity_reads_94_db_plus_the_a_weighting() {
    let folder = tempfile::tempdir().unwrap();
    let amplitude = 10f64.powf(-26.0 / 20.0);
    let bytes: Vec<u8> = (0..5 * RATE)
        .flat_map(|frame| {
            let tone = amplitude * (std::f64::consts::TAU * 440.0 * frame as f64 / RATE as f64).sin();
            (0..ZONES.len()).flat_map(move |channel| (if channel == 2 { tone as f32 } else { 0.0 }).to_le_bytes())
        })
        .collect();
    let (zones, _) = parse(&run(folder.path(), &bytes).events);
    let level = zones["north-east"][4]["laeq_db"].as_f64().unwrap();
    // IEC 61672-1:2013, Annex E: -4.1 dB at 440 Hz.
    assert!((level - (94.0 - 4.1)).abs() < 0.2, "{level} dB");
}
