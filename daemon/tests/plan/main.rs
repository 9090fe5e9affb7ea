//! `habitatd plan` and `habitatd import` as people run them, and the page in a real browser.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../console/chromium.rs"]
#[allow(dead_code, reason = "the console's tests use the rest")]
mod chromium;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use chromium::Chromium;
use tempfile::TempDir;

const LAYOUT: &str = include_str!("../../src/demo/office/layout.toml");
/// A name that would be a picture with a script if it were taken for markup.
const WICKED_NAME: &str = "<img src=x onerror=document.title='taken'>";

/// The demonstration's office, with a wicked name.
fn office() -> TempDir {
    let folder = TempDir::new().unwrap();
    let layout = LAYOUT.replace("name = \"Kitchen corner\"", &format!("name = \"{WICKED_NAME}\""));
    fs::write(folder.path().join("layout.toml"), layout).unwrap();
    let site = format!("[site]\nid = \"demo\"\nname = \"Head office {WICKED_NAME}\"\n[audio]\nbackend = \"virtual\"\n");
    fs::write(folder.path().join("habitat.toml"), site).unwrap();
    folder
}

fn habitatd(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitatd"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_text_compares_three_kinds_of_masking_and_says_that_it_is_a_prediction() {
    let folder = office();
    let output = habitatd(folder.path(), &["plan", "--config", "habitat.toml"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for word in [
        "no masking",
        "fixed",
        "adaptive",
        "D2,S",
        "rD",
        "Predicted from the plan, not measured",
        "north-west",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn wrong_configuration_and_arguments_end_with_64_and_a_folder_that_is_not_there_with_69() {
    let folder = office();
    let code = |arguments: &[&str]| habitatd(folder.path(), arguments).status.code();
    assert_eq!(code(&["plan", "--config", "nothing.toml"]), Some(64));
    assert_eq!(
        code(&["plan", "--config", "habitat.toml", "--background-db", "900"]),
        Some(64)
    );
    assert_eq!(code(&["plan", "--config", "habitat.toml", "--origin", "north"]), Some(64));
    assert_eq!(
        code(&["plan", "--config", "habitat.toml", "--html", "nowhere/plan.html"]),
        Some(69)
    );
    assert_eq!(code(&["import", "habitat.toml"]), Some(64));
}

#[test]
fn the_page_and_the_drawing_load_nothing() {
    let folder = office();
    let output = habitatd(
        folder.path(),
        &["plan", "--config", "habitat.toml", "--html", "plan.html", "--svg", "plan.svg"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for file in ["plan.html", "plan.svg"] {
        let content = fs::read_to_string(folder.path().join(file)).unwrap();
        // The name of a vocabulary is no address to load from.
        let content = content.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "@import", "url(", "<link rel=\"stylesheet\"", "<img"] {
            assert!(!content.contains(word), "{word} in {file}");
        }
    }
}

#[test]
fn a_browser_shows_the_page_without_a_complaint_and_one_talker_on_the_maps_when_a_zone_is_chosen() {
    let folder = office();
    habitatd(
        folder.path(),
        &["plan", "--config", "habitat.toml", "--html", "plan.html", "--svg", "plan.svg"],
    );
    let url = format!("file://{}", folder.path().join("plan.html").display());
    let mut browser = Chromium::open(&url, (1400, 900));
    let title = browser.evaluate("document.title");
    assert!(title.as_str().unwrap().contains("predicted"), "{title}");
    assert_eq!(
        browser.evaluate("document.querySelectorAll('.sti-map .heat path').length > 3"),
        true
    );
    assert_eq!(browser.evaluate("document.querySelectorAll('.sti-map .talker').length"), 0);
    let shapes = "[...document.querySelectorAll('.sti-map .heat')].map(heat => heat.innerHTML).join()";
    let before = browser.evaluate(shapes);
    let click =
        "document.querySelector('.sti-map .zone[data-zone=\"south\"]').dispatchEvent(new MouseEvent('click', { bubbles: true }))";
    browser.evaluate(click);
    assert_eq!(browser.evaluate("document.querySelectorAll('.sti-map .talker').length"), 3);
    assert_eq!(browser.evaluate("document.querySelector('[data-talker]').value"), "south");
    assert!(browser.evaluate(shapes) != before, "the maps stay the same");
    // The cells of a talker's map lie where those of the first maps lay: inside the floor.
    let inside = "[...document.querySelectorAll('.sti-map')].every(map => { const heat = map.querySelector('.heat').getBBox(); \
                  const floor = map.querySelector('polygon.floor').getBBox(); return heat.x >= floor.x - 0.01 && \
                  heat.y >= floor.y - 0.01 && heat.x + heat.width <= floor.x + floor.width + 0.01 && \
                  heat.y + heat.height <= floor.y + floor.height + 0.01; })";
    assert_eq!(browser.evaluate(inside), true);
    browser.evaluate(click);
    assert_eq!(browser.evaluate("document.querySelectorAll('.sti-map .talker').length"), 0);
    assert!(browser.evaluate(shapes) == before, "the first maps do not come back");
    assert_eq!(
        browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
        true
    );
    assert!(browser.problems().is_empty(), "{:?}", browser.problems());
    drop(browser);

    // A browser that cannot parse an SVG shows an error page instead.
    let url = format!("file://{}", folder.path().join("plan.svg").display());
    let mut browser = Chromium::open(&url, (1400, 900));
    assert_eq!(browser.evaluate("document.documentElement.tagName"), "svg");
    assert_eq!(browser.evaluate("document.querySelectorAll('parsererror').length"), 0);
    assert_eq!(browser.evaluate("document.querySelectorAll('svg svg').length"), 3);
    assert!(browser.problems().is_empty(), "{:?}", browser.problems());
}

#[test]
fn an_exported_plan_comes_back_as_a_layout_that_passes_the_check() {
    let folder = office();
    let arguments = [
        "plan",
        "--config",
        "habitat.toml",
        "--geojson",
        "plan.geojson",
        "--origin",
        "24.938,60.17",
    ];
    assert_eq!(habitatd(folder.path(), &arguments).status.code(), Some(0));
    let imported = habitatd(folder.path(), &["import", "plan.geojson"]);
    assert_eq!((imported.status.code(), text(&imported.stderr).as_str()), (Some(0), ""));
    fs::write(folder.path().join("layout.toml"), &imported.stdout).unwrap();
    let checked = habitatd(folder.path(), &["check", "--config", "habitat.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    assert!(text(&checked.stdout).contains("6 zones, 6 microphones, 24 loudspeakers"));
}
