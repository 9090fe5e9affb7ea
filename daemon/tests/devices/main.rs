//! `habitatd devices` beside real sound servers, and what it prints, pasted into a layout.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod habitatd;
#[path = "../support/jackd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod jackd;
#[path = "../support/one_room.rs"]
mod one_room;
#[path = "../support/pulseaudio.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod pulseaudio;

use std::{path::Path, process::Command};

use habitatd::{Site, habitatd as program};
use jackd::Jackd;
use pulseaudio::PulseAudio;

const HABITAT: &str = "[site]\nid = \"test\"\n[audio]\nbackend = \"cpal\"\n";

/// An ALSA configuration with one device that is always there, and the rest of the system's.
fn alsa_configuration(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("asound.conf");
    std::fs::write(&path, "</usr/share/alsa/alsa.conf>\npcm.room { type null }\n").unwrap();
    path
}

/// `habitatd devices` where no server can be reached.
fn devices(folder: &Path) -> Command {
    let mut command = program();
    command.arg("devices").env("ALSA_CONFIG_PATH", alsa_configuration(folder));
    jackd::use_server(&mut command, &jackd::unused_name());
    command.env("PULSE_SERVER", format!("unix:{}", folder.join("nobody").display()));
    command.env_remove("XDG_RUNTIME_DIR").env_remove("PULSE_RUNTIME_PATH");
    command
}

/// What it prints; it must end well and say nothing else.
fn lines_of(mut command: Command) -> Vec<String> {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "", "noise on standard error");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The line of a device, by its name.
fn line<'a>(lines: &'a [String], name: &str) -> &'a str {
    let begin = format!("device = \"{name}\"   # ");
    let found = lines.iter().find(|line| line.starts_with(&begin));
    found.unwrap_or_else(|| panic!("no {name} in {lines:#?}"))
}

#[test]
fn devices_of_every_host_are_listed_and_each_line_passes_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let jack = Jackd::start(48_000, 256);
    let pulse = PulseAudio::start(&[("mic", 32), ("spk", 8)]);
    let mut command = devices(folder.path());
    jack.serve(&mut command);
    pulse.serve(&mut command);
    let lines = lines_of(command);

    let jack = "in: 1-64 ch, 48000 Hz, f32, periods of 256 frames; out: 1-64 ch, 48000 Hz, f32, periods of 256 frames";
    assert!(line(&lines, "jack").ends_with(jack), "{lines:#?}");
    for (name, offer) in [
        ("pulseaudio:mic", "# out: 32 ch, "),
        ("pulseaudio:mic.monitor", "# in: 32 ch, "),
        ("pulseaudio:spk", "# out: 8 ch, "),
        ("pulseaudio:spk.monitor", "# in: 8 ch, "),
    ] {
        assert!(line(&lines, name).contains(offer), "{lines:#?}");
    }
    assert!(line(&lines, "pulseaudio").contains("# the default, now "), "{lines:#?}");
    let room = line(&lines, "alsa:room");
    assert!(room.contains("# in: ") && room.contains("; out: "), "{room}");

    let mut pasted = 0;
    for line in &lines {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let site = Site::new(HABITAT, &one_room::layout(1, line));
        let checked = site.command("check").output().unwrap();
        assert!(
            checked.status.success(),
            "{line}\n{}",
            String::from_utf8_lossy(&checked.stdout)
        );
        pasted += 1;
    }
    assert!(pasted >= 7, "{lines:#?}");
}

#[test]
fn without_servers_the_list_says_what_does_not_run_and_how_to_start_it() {
    let folder = tempfile::tempdir().unwrap();
    let lines = lines_of(devices(folder.path()));
    for (server, start) in [("JACK", "jackd -d alsa"), ("PulseAudio", "pulseaudio --start")] {
        let begin = format!("# no {server} server answers: ");
        let found = lines.iter().any(|line| line.starts_with(&begin) && line.contains(start));
        assert!(found, "{lines:#?}");
    }
    line(&lines, "alsa:room");
}

#[test]
fn a_card_by_its_number_is_refused_with_its_place_and_the_form_that_lasts() {
    let site = Site::new(HABITAT, &one_room::layout(1, "device = \"plughw:1,0\""));
    let checked = site.command("check").output().unwrap();
    assert_eq!(checked.status.code(), Some(64));
    let said = String::from_utf8_lossy(&checked.stdout);
    for part in [
        "does not survive a restart",
        "plughw:CARD=ID,DEV=0",
        "habitatd devices",
        "layout.toml:14:10",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
}
