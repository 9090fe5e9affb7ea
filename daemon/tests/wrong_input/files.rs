//! Files that are no configuration.

use std::{fs, path::PathBuf};

use crate::{
    habitatd::Site,
    site::{expect, good, said},
};

const COMMANDS: [&str; 3] = ["check", "run", "events"];

/// Every command refuses the site, names the file, and says this.
fn refused(site: &Site, file: PathBuf, right: &str) {
    for command in COMMANDS {
        let text = said(&expect(64, site.command(command), b""));
        assert!(
            text.contains(&file.display().to_string()),
            "{command}: {file:?} is not named:\n{text}"
        );
        assert!(text.contains(right), "{command}: it does not say {right:?}:\n{text}");
        assert!(text.len() < 10_000, "{command} says too much:\n{text}");
    }
}

#[test]
fn a_good_site_passes_its_check() {
    let text = said(&expect(0, good().command("check"), b""));
    assert!(text.contains("2 zones, 2 microphones, 2 loudspeakers"), "{text}");
}

#[test]
fn an_empty_layout_is_refused_with_what_it_needs() {
    for content in ["", "\n\n", "# nothing yet\n"] {
        let site = good();
        site.write("layout.toml", content);
        let right = if content.trim().is_empty() {
            "the file is empty"
        } else {
            "[[zone]]"
        };
        refused(&site, site.path("layout.toml"), right);
    }
}

#[test]
fn a_file_of_10_mb_is_refused_without_being_read() {
    for name in ["habitat.toml", "layout.toml"] {
        let site = good();
        site.write(name, "# a line of a comment that is allowed in TOML\n".repeat(220_000));
        refused(&site, site.path(name), "at most 1048576 bytes (1 MiB) are read");
    }
}

#[test]
fn binary_garbage_is_refused_as_no_text() {
    let mut random = fastrand::Rng::with_seed(7);
    for name in ["habitat.toml", "layout.toml"] {
        let site = good();
        site.write(name, (0..5000).map(|_| random.u8(..)).collect::<Vec<u8>>());
        refused(&site, site.path(name), "is this the right file");
    }
}

#[test]
fn text_that_is_no_toml_is_refused_with_the_place() {
    for name in ["habitat.toml", "layout.toml"] {
        let site = good();
        site.write(name, "\u{0}\u{7}{{{{]]]] = = = \"\n");
        refused(&site, site.path(name), ":1:");
    }
}

#[test]
fn a_missing_file_is_named_with_the_path_that_was_tried() {
    let site = good();
    fs::remove_file(site.path("layout.toml")).unwrap();
    refused(
        &site,
        site.path("layout.toml"),
        "paths are relative to the folder of this file",
    );
    fs::remove_file(site.path("habitat.toml")).unwrap();
    refused(&site, site.path("habitat.toml"), "check the path");
}

#[test]
fn a_folder_in_place_of_a_file_is_refused() {
    for name in ["habitat.toml", "layout.toml"] {
        let site = good();
        fs::remove_file(site.path(name)).unwrap();
        fs::create_dir(site.path(name)).unwrap();
        refused(&site, site.path(name), "name the file, not its folder");
    }
}
