//! Sound through cpal's ALSA host, without a sound card: ALSA's own file plugin plays to a pipe and records from one.
//!
//! The test paces both like a sound card would, so that the engine runs as it does on real devices.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/one_room.rs"]
mod one_room;

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

const RATE: usize = 48_000;
const BLOCK: usize = 1024;
const SECONDS: usize = 16;

const HABITAT: &str = r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "test"
name = "Test"
[audio]
backend = "cpal"
[adaptation]
startup_ramp_s = 10
[event_log]
path = "events.jsonl"
"#;

/// An ALSA configuration whose default device records from and plays to files that the test owns.
fn write_site(folder: &Path) {
    fs::write(folder.join("layout.toml"), one_room::layout(2, "")).unwrap();
    fs::write(folder.join("habitat.toml"), HABITAT).unwrap();
    let path = folder.display();
    let alsa = format!(
        r#"</usr/share/alsa/alsa.conf>
pcm.!default {{
    type asym
    capture.pcm {{ type plug slave {{ pcm {{ type file slave.pcm {{ type null }} file "/dev/null" infile "{path}/microphones" format raw }} format FLOAT_LE rate {RATE} channels 2 }} }}
    playback.pcm {{ type plug slave {{ pcm {{ type file slave.pcm {{ type null }} file "{path}/loudspeakers" format raw }} format FLOAT_LE rate {RATE} channels 2 }} }}
}}
"#
    );
    fs::write(folder.join("asound.conf"), alsa).unwrap();
    for fifo in ["microphones", "loudspeakers"] {
        assert!(Command::new("mkfifo").arg(folder.join(fifo)).status().unwrap().success());
    }
}

fn start(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_habitatd"))
        .args(["run", "--config"])
        .arg(folder.join("habitat.toml"))
        .env("ALSA_CONFIG_PATH", folder.join("asound.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Keeps the pace of a sound card, one block each 21 ms, until the other side is gone or for far too long.
fn each_block(mut step: impl FnMut(usize) -> bool) {
    let begin = Instant::now();
    for block in 0..4 * SECONDS * RATE / BLOCK {
        if !step(block) {
            return;
        }
        let due = begin + Duration::from_secs_f64((block + 1) as f64 * BLOCK as f64 / RATE as f64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

fn terminate(daemon: &mut Child) {
    assert!(
        Command::new("kill")
            .args(["-TERM", &daemon.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn the_default_devices_are_opened_measured_and_played() {
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    let mut daemon = start(folder.path());
    let (input, output) = (folder.path().join("microphones"), folder.path().join("loudspeakers"));
    let played = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut input: File = OpenOptions::new().write(true).open(input).unwrap();
            let amplitude = 10f64.powf(-46.0 / 20.0);
            each_block(|block| {
                let frames = block * BLOCK..(block + 1) * BLOCK;
                let bytes: Vec<u8> = frames
                    .flat_map(|frame| {
                        let tone = amplitude * (std::f64::consts::TAU * 1000.0 * frame as f64 / RATE as f64).sin();
                        [0f32, tone as f32].into_iter().flat_map(f32::to_le_bytes)
                    })
                    .collect();
                // The daemon closes its end when it stops.
                input.write_all(&bytes).is_ok()
            });
        });
        let played = scope.spawn(move || {
            let mut output = File::open(output).unwrap();
            let mut played = Vec::new();
            let mut bytes = vec![0u8; BLOCK * 8];
            each_block(|_| {
                let whole = output.read_exact(&mut bytes).is_ok();
                if whole {
                    played.extend(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
                }
                whole
            });
            played
        });
        std::thread::sleep(Duration::from_secs(SECONDS as u64));
        terminate(&mut daemon);
        played.join().unwrap()
    });

    // Masking on the second channel after the ramp, silence on the first.
    let (other, used): (Vec<f32>, Vec<f32>) = played.chunks_exact(2).map(|frame| (frame[0], frame[1])).unzip();
    let rms = |samples: &[f32]| (samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len().max(1) as f64).sqrt();
    let full = &used[12 * RATE..14 * RATE];
    assert!(rms(full) > 1e-4, "nothing was played: {}", rms(full));
    assert!(rms(&used[used.len() - 256..]) < rms(full) / 10.0, "it ended without a fade");
    assert_eq!(rms(&other), 0.0);

    // A 1 kHz tone at -46 dBFS is 74 dB.
    let events = fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let levels: Vec<f64> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["type"] == "habitat.zone.measurement.v1")
        .filter_map(|event| event["data"]["laeq_db"].as_f64())
        .collect();
    let right = levels.iter().filter(|level| (**level - 74.0).abs() < 0.2).count();
    assert!(
        right >= SECONDS / 2,
        "74 dB in {right} of {} seconds: {levels:?}",
        levels.len()
    );
}

#[test]
fn a_machine_without_devices_says_so_and_exits_with_69() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("layout.toml"), one_room::layout(2, "")).unwrap();
    fs::write(folder.path().join("habitat.toml"), HABITAT).unwrap();
    fs::write(folder.path().join("asound.conf"), "pcm.none { type null }\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_habitatd"))
        .args(["run", "--config"])
        .arg(folder.path().join("habitat.toml"))
        .env("ALSA_CONFIG_PATH", folder.path().join("asound.conf"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("device"), "{message}");
}
