//! Standard output that nobody reads, or that takes nothing.

use std::{fs::File, io::Write, process::Command};

use crate::{
    habitatd::{Daemon, habitatd},
    pipe::encoded,
    room::{RATE_HZ, Room},
    site::{ZONES, good},
};

/// Runs a command into this; its exit code and log.
fn into(target: impl Into<std::process::Stdio>, mut command: Command) -> (Option<i32>, String) {
    let output = command.stdout(target).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The end of a pipe that nobody reads.
fn nobody() -> std::io::PipeWriter {
    std::io::pipe().unwrap().1
}

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_run_whose_output_is_closed_ends_as_unavailable() {
    let site = good();
    let mut daemon = Daemon::start(site.command("run"));
    let (mut stdin, stdout) = daemon.streams();
    drop(stdout);
    let sound = encoded(&Room::new(ZONES).listen(30 * RATE_HZ));
    let feeding = std::thread::spawn(move || stdin.write_all(&sound));
    assert_eq!(daemon.wait().code(), Some(69), "{}", daemon.log());
    assert!(daemon.log().contains("standard output was closed"), "{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    assert!(
        feeding.join().unwrap().is_err(),
        "it has read all of the input although nobody reads the output"
    );
}

#[test]
fn what_nobody_reads_is_no_failure_and_what_cannot_be_written_is_one() {
    let site = good();
    assert!(
        site.command("run")
            .stdin(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    let privacy = |format: &str| {
        let mut command = habitatd();
        command.args(["privacy", "--format", format]);
        command
    };
    let commands: [&dyn Fn() -> Command; 6] = [
        &|| site.command("events"),
        &|| site.command("check"),
        &|| privacy("json"),
        &|| privacy("text"),
        &|| privacy("html"),
        &|| privacy("markdown"),
    ];
    for command in commands {
        for (target, expected) in [(std::process::Stdio::from(nobody()), 0), (full_disk().into(), 69)] {
            let (code, log) = into(target, command());
            assert_eq!(code, Some(expected), "{:?}:\n{log}", command());
            assert!(!log.contains("panicked"), "{log}");
        }
    }
    site.write("layout.toml", "# nothing\n");
    let (code, log) = into(nobody(), site.command("check"));
    assert_eq!(code, Some(64), "{log}");
}
