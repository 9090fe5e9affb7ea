//! What the tests share: sites in temporary folders.

#![allow(dead_code, reason = "each test uses its part")]

use std::{fs, path::Path};

use habitat_config::{Loaded, Problem, Problems, Severity, load};
use tempfile::TempDir;

/// The example of the documentation, completed.
pub const GOOD_SITE: &str = include_str!("../good/habitat.toml");

/// Its layout.
pub const GOOD_LAYOUT: &str = include_str!("../good/layout.toml");

/// Site for wrong layouts: a backend without devices.
pub const SITE_FOR_LAYOUTS: &str = "[site]\nid = \"hq-3\"\n[audio]\nbackend = \"virtual\"\n";

/// File without ending, line, column, part of the message, part of the help.
pub type Bad = (&'static str, usize, usize, &'static str, &'static str);

/// Loads a site from two texts.
pub fn load_texts(site: impl AsRef<[u8]>, layout: impl AsRef<[u8]>) -> Result<Loaded, Problems> {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("layout.toml"), layout).expect("writes the layout");
    let path = folder.path().join("habitat.toml");
    fs::write(&path, site).expect("writes the site");
    load(&path)
}

/// The problems of two texts that must have some.
pub fn problems_of(site: impl AsRef<[u8]>, layout: impl AsRef<[u8]>) -> Problems {
    load_texts(site, layout).expect_err("the files have problems")
}

/// Those that keep the site from being used.
pub fn errors(problems: &Problems) -> Vec<&Problem> {
    problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect()
}

/// Checks a table of wrong files against `tests/bad`, and that no file there is left out.
pub fn check_bad_files(prefix: &str, table: &[Bad]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut faults = Vec::new();
    for bad in table {
        let text = fs::read_to_string(folder.join(format!("{}.toml", bad.0))).expect("the wrong file");
        let loaded = match prefix {
            "site-" => load_texts(&text, GOOD_LAYOUT),
            _ => load_texts(SITE_FOR_LAYOUTS, &text),
        };
        let problems = loaded.err().unwrap_or_default();
        if let Some(fault) = differs(bad, &problems, prefix) {
            faults.push(format!("{}: {fault}; reported:\n{problems}\n", bad.0));
        }
    }
    let files = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name());
    let count = files.filter(|name| name.to_string_lossy().starts_with(prefix)).count();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(count, table.len(), "every wrong file stands in the table");
}

/// How what is reported differs from what is expected.
fn differs(&(_, line, column, message, help): &Bad, problems: &Problems, prefix: &str) -> Option<String> {
    let [problem] = errors(problems)[..] else {
        return Some(format!("{} errors instead of one", errors(problems).len()));
    };
    let file = if prefix == "site-" { "habitat.toml" } else { "layout.toml" };
    let place = problem.place.as_ref().map(|place| (place.line, place.column));
    if !problem.file.ends_with(file) {
        return Some(format!("in {} instead of {file}", problem.file.display()));
    }
    if place != Some((line, column)) {
        return Some(format!("at {place:?} instead of {:?}", (line, column)));
    }
    if !problem.message.contains(message) {
        return Some(format!("the message lacks {message:?}"));
    }
    (!problem.help.contains(help)).then(|| format!("the help lacks {help:?}: {:?}", problem.help))
}
