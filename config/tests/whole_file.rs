//! Files that cannot be read as a whole are refused with a sentence, whatever they hold.

mod common;

use std::fs;

use common::{GOOD_LAYOUT, GOOD_SITE, problems_of};
use habitat_config::load;

/// The only problem's file name, message and help.
fn only_problem(site: impl AsRef<[u8]>, layout: impl AsRef<[u8]>) -> (String, String, String) {
    let problems = problems_of(site, layout);
    let errors = common::errors(&problems);
    let [problem] = errors[..] else {
        panic!("one problem expected:\n{problems}")
    };
    let file = problem.file.file_name().expect("a file").to_string_lossy().into_owned();
    (file, problem.message.clone(), problem.help.clone())
}

#[test]
fn a_file_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let problems = load(&folder.path().join("habitat.toml")).expect_err("no file");
    assert!(
        problems.to_string().contains("cannot read the file: No such file"),
        "{problems}"
    );
    fs::write(
        folder.path().join("habitat.toml"),
        GOOD_SITE.replace("layout = \"layout.toml\"\n", ""),
    )
    .expect("writes");
    let problems = load(&folder.path().join("habitat.toml")).expect_err("no layout");
    let text = problems.to_string();
    assert!(text.contains("layout.toml") && text.contains("No such file"), "{text}");
}

#[test]
fn a_folder_instead_of_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let problems = load(folder.path()).expect_err("a folder");
    assert!(problems.to_string().contains("name the file, not its folder"), "{problems}");
}

#[test]
fn an_empty_file() {
    for text in ["", " \n\n\t"] {
        for (site, layout, file) in [
            (text, GOOD_LAYOUT, "habitat.toml"),
            (common::SITE_FOR_LAYOUTS, text, "layout.toml"),
        ] {
            let (named, message, _) = only_problem(site, layout);
            assert_eq!((named.as_str(), message.as_str()), (file, "the file is empty"));
        }
    }
}

#[test]
fn a_layout_without_zones() {
    for layout in ["# nothing yet\n", "zone = []\n"] {
        let (file, message, help) = only_problem(common::SITE_FOR_LAYOUTS, layout);
        assert_eq!((file.as_str(), message.as_str()), ("layout.toml", "the layout has no zones"));
        assert!(help.contains("[[zone]]"), "{help}");
    }
}

#[test]
fn a_file_of_ten_megabytes_is_refused_with_its_size_and_the_limit() {
    let (_, message, _) = only_problem(vec![b'#'; 10_000_000], GOOD_LAYOUT);
    assert!(message.contains("10000000 bytes") && message.contains("1048576"), "{message}");
}

#[test]
fn a_device_that_never_ends_is_refused() {
    let problems = load("/dev/zero".as_ref()).expect_err("endless");
    assert!(problems.to_string().contains("the file is too large"), "{problems}");
}

#[test]
fn bytes_that_are_no_text_are_named_by_offset_and_line() {
    let mut bytes = b"[site]\nid = \"".to_vec();
    bytes.push(0xff);
    let (_, message, _) = only_problem(bytes, GOOD_LAYOUT);
    assert_eq!(message, "the file is not UTF-8 text: byte 0xff at offset 13, in line 2");
}

#[test]
fn a_pipe_without_microphones_has_no_stream() {
    let site = "[site]\nid = \"x\"\n[audio]\nbackend = \"pipe\"\npipe.start = \"2026-01-05T08:00:00Z\"\n";
    let layout = GOOD_LAYOUT.split("[[microphone]]").next().expect("floors and zones");
    assert!(only_problem(site, layout).1.contains("needs at least one microphone"));
}

#[test]
fn a_file_full_of_mistakes_shows_the_first_thousand_and_counts_the_rest() {
    let mistakes: String = (0..5_000).map(|index| format!("x{index} = 1\n")).collect();
    let text = problems_of(format!("{mistakes}[site]\nid = \"x\"\n"), GOOD_LAYOUT).to_string();
    assert_eq!(text.matches("error: ").count(), 1000);
    assert!(text.ends_with("... and 4000 more\n5000 problems in 1 file"));
}

#[test]
fn tables_in_tables_without_end_are_refused() {
    let deep = format!("[site]\nid = \"x\"\nname = {}\n", "[".repeat(100_000));
    assert!(problems_of(deep, GOOD_LAYOUT).has_errors());
    let dotted = format!("[site]\nid = \"x\"\n{} = 1\n", vec!["a"; 100_000].join("."));
    assert!(problems_of(dotted, GOOD_LAYOUT).has_errors());
}
