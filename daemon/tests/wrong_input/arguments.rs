//! The command line.

use std::{collections::BTreeSet, process::Command};

use crate::{
    habitatd::habitatd,
    site::{expect, said},
};

fn with(arguments: &[&str]) -> Command {
    let mut command = habitatd();
    command.args(arguments);
    command
}

/// The commands that `--help` lists.
fn commands() -> BTreeSet<String> {
    let help = said(&expect(0, with(&["--help"]), b""));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_help_with_an_example() {
    let commands = commands();
    for known in ["run", "demo", "check", "devices", "events", "outbox", "data", "privacy"] {
        assert!(commands.contains(known), "{known} is not in {commands:?}");
    }
    for command in &commands {
        for way in [["help", command], [command, "--help"]] {
            let output = expect(0, with(&way), b"");
            let help = String::from_utf8(output.stdout).unwrap();
            assert!(help.contains("Example"), "{way:?}:\n{help}");
            assert!(help.contains(&format!("habitatd {command}")), "{way:?}:\n{help}");
        }
    }
    assert!(said(&expect(0, with(&["--help"]), b"")).contains("Example"));
}

#[test]
fn wrong_arguments_are_refused_with_what_would_be_right() {
    for (arguments, right) in [
        (&[][..], "Usage"),
        (&["runn"], "'run'"),
        (&["run"], "--config"),
        (&["run", "--config"], "--config"),
        (&["run", "--confg", "x"], "'--config'"),
        (&["run", "--config", "a", "--config", "b"], "--config"),
        (&["run", "--config", "a", "b"], "b"),
        (&["demo", "--port", "65536"], "65535"),
        (&["demo", "--port", "eight"], "--port"),
        (&["events", "--config", "a", "--since", "yesterday"], "--since"),
        (&["events", "--config", "a", "--format", "xml"], "csv"),
        (&["privacy", "--format", "yaml"], "json"),
        (&["--frobnicate"], "--frobnicate"),
    ] {
        let output = expect(64, with(arguments), b"");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(right), "{arguments:?} does not say {right}:\n{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_version_is_printed_when_asked_for() {
    let text = said(&expect(0, with(&["--version"]), b""));
    assert_eq!(text.trim(), concat!("habitatd ", env!("CARGO_PKG_VERSION")));
}
