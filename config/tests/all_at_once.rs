//! All problems of both files come at once, in order, with their lines, and without noise that follows from others.

mod common;

use common::{GOOD_LAYOUT, GOOD_SITE, errors, problems_of};

#[test]
fn problems_of_both_files_come_in_the_order_of_the_files_and_lines() {
    let site = GOOD_SITE
        .replace("backend = \"pipe\"", "backend = \"pip\"")
        .replace("slew_up_db_per_min = 0.2", "slew_up_db_per_min = 0.2\nslew_sideways = 1")
        .replace("home_assistant = true", "home_assistant_prefix = \"ha\"")
        .replace("interval_s = 30", "interval_s = \"30\"");
    let layout = GOOD_LAYOUT
        .replace("kind = \"focus\"", "kind = \"work\"")
        .replace("reduction_db = 18", "reduction_db = -18");
    let problems = problems_of(site, layout);
    let found: Vec<(String, usize)> = errors(&problems)
        .iter()
        .map(|problem| {
            let file = problem.file.file_name().expect("a file").to_string_lossy().into_owned();
            (file, problem.place.as_ref().expect("a place").line)
        })
        .collect();
    let expected = [
        ("habitat.toml", 11),
        ("habitat.toml", 29),
        ("habitat.toml", 64),
        ("layout.toml", 12),
        ("layout.toml", 57),
    ];
    assert_eq!(found, expected.map(|(file, line)| (file.to_owned(), line)), "{problems}");
    assert!(
        problems.to_string().ends_with("5 problems and 1 warning in 2 files"),
        "{problems}"
    );
}

#[test]
fn each_is_shown_with_its_place_its_line_carets_and_help() {
    let problems = problems_of("[site]\nid = \"x\"\n[audio]\nbackend = \"vitrual\"\n", GOOD_LAYOUT);
    let text = problems.to_string();
    assert!(text.contains("error: `backend` cannot be `vitrual`"), "{text}");
    assert!(text.contains("habitat.toml:4:11\n"), "{text}");
    assert!(text.contains("4 | backend = \"vitrual\"\n"), "{text}");
    assert!(text.contains("|           ^^^^^^^^^"), "{text}");
    assert!(text.contains("= help: did you mean \"virtual\"?"), "{text}");
    assert!(text.ends_with("1 problem in 1 file"), "{text}");
    assert!(!text.contains('\x1b'), "no colour unless asked for");
    assert!(problems.render(true).contains('\x1b'));
}

#[test]
fn several_syntax_errors_come_at_once_and_the_rest_is_still_checked() {
    let site = "[site]\nid = \"x\"\nname = Head office\n[masking]\nspectrum = minus5\n[audio]\nbackend = \"alsa\"\n";
    let problems = problems_of(site, GOOD_LAYOUT);
    let lines: Vec<usize> = errors(&problems)
        .iter()
        .filter_map(|problem| problem.place.as_ref().map(|place| place.line))
        .collect();
    assert_eq!(lines, [3, 5, 7], "{problems}");
}

#[test]
fn a_wrong_value_causes_no_second_complaint() {
    // The default highest level is 46, so 47 would be above it if the wrong value were taken for missing.
    let site = "[site]\nid = \"x\"\n[adaptation]\nlevel_fixed_db = 47\nlevel_max_db = \"48\"\n";
    assert_eq!(errors(&problems_of(site, GOOD_LAYOUT)).len(), 1);
    // All that stands on a wrong floor, or in a wrong zone, is left alone.
    for wrong in [
        ("height_m = 2.8", "height_m = \"2.8\""),
        ("kind = \"focus\"", "kind = \"work\""),
    ] {
        let problems = problems_of(GOOD_SITE, GOOD_LAYOUT.replace(wrong.0, wrong.1));
        assert_eq!(errors(&problems).len(), 1, "{problems}");
    }
    // The site's levels are not in order: its zones are not blamed.
    let site = "[site]\nid = \"x\"\n[adaptation]\nlevel_min_db = 45\nlevel_fixed_db = 43\n";
    assert_eq!(errors(&problems_of(site, GOOD_LAYOUT)).len(), 1);
}

#[test]
fn secrets_in_the_file_are_not_repeated_in_messages() {
    for line in [
        "[mqtt]\nhost = \"h\"\npassword = \"hunter2\"",
        "mqtt = { host = \"h\", password = \"hunter2\", colour = 1 }",
        "[mqtt]\nhost = \"h\"\npassword = hunter2",
        "[cloud]\nurl = \"https://me:hunter2@tenant.example\"",
        "[cloud]\nurl = \"https://t.example\"\ntoken = [\"hunter2\"]",
    ] {
        let text = problems_of(format!("{line}\n[site]\nid = \"x\"\n"), GOOD_LAYOUT).to_string();
        assert!(!text.contains("hunter2"), "{text}");
    }
}
