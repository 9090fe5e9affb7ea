//! What was hardly meant in a layout is warned about at its place, and the site is used all the same.

mod common;

use common::{GOOD_LAYOUT, GOOD_SITE, SITE_FOR_LAYOUTS, load_texts, problems_of};
use habitat_config::Problems;

/// A wall, and a screen that stands on both sides of it.
const THROUGH_WALL: &str = "
[[screen]]
floor = \"3\"
from = [8, 0]
to = [8, 8]
height_m = 2.8
reduction_db = 40

[[screen]]
floor = \"3\"
from = [4, 3]
to = [9.25, 3]
height_m = 1.6
reduction_db = 18
";

/// The example with edges of zones that do not touch.
fn apart() -> String {
    GOOD_LAYOUT.replace("[24, 8], [16, 8]]", "[24, 7.75], [16, 7.75]]")
}

fn warnings(layout: &str) -> Problems {
    load_texts(SITE_FOR_LAYOUTS, layout)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .warnings
}

/// The warnings as a person sees them, without the folder of the file.
fn shown(layout: &str) -> String {
    let warnings = warnings(layout);
    let folder = warnings.iter().next().and_then(|warning| warning.file.parent());
    let folder = folder.expect("a warning about a file").display().to_string();
    warnings.to_string().replace(&format!("{folder}/"), "")
}

#[test]
fn the_example_gives_no_warning() {
    assert!(warnings(GOOD_LAYOUT).is_empty(), "{}", warnings(GOOD_LAYOUT));
}

#[test]
fn a_screen_through_a_wall_is_shown_at_the_end_that_is_to_stop_there() {
    let expected = "\
warning: on floor \"3\" screen 3 goes through wall 2 at (8.00, 3.00) and ends 1.25 m behind it
  --> layout.toml:69:6
   |
69 | to = [9.25, 3]
   |      ^^^^^^^^^
   |
   = help: end it at the wall; if it stands on both sides, draw one screen for each; wall 2 is in line 59

1 warning in 1 file";
    assert_eq!(shown(&format!("{GOOD_LAYOUT}{THROUGH_WALL}")), expected);
}

#[test]
fn a_screen_on_another_is_shown_with_the_line_of_the_other() {
    let twice = "\n[[screen]]\nfloor = \"3\"\nfrom = [12, 9]\nto = [12, 4]\nheight_m = 1.8\nreduction_db = 20\n";
    let expected = "\
warning: on floor \"3\" screen 2 lies on screen 1 over 5.00 m around (12.00, 6.50)
  --> layout.toml:59:1
   |
59 | [[screen]]
   | ^^^^^^^^^^
   |
   = help: draw it once: leave one out, or move it to where it stands; screen 1 is in line 52

1 warning in 1 file";
    assert_eq!(shown(&format!("{GOOD_LAYOUT}{twice}")), expected);
}

#[test]
fn zones_that_do_not_quite_touch_are_shown_at_the_outline_of_the_later_one() {
    let expected = "\
warning: zone \"south-east\" and zone \"north-east\" are drawn up to 0.25 m apart over 8.0 m around (20.00, 7.88), \
with no wall between
  --> layout.toml:22:11
   |
22 | outline = [[16, 0], [24, 0], [24, 7.75], [16, 7.75]]
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: let them share an edge, or draw the wall as a [[screen]] of full height; zone \"north-east\" is in line 8

1 warning in 1 file";
    assert_eq!(shown(&apart()), expected);
}

#[test]
fn a_wall_that_could_not_be_read_leaves_no_gap() {
    let wall = "\n[[screen]]\nfloor = \"3\"\nfrom = [16, 7.9]\nto = [24, 7.9]\nheight_m = 2.8\nreduction_db = 40\n";
    assert!(warnings(&format!("{}{wall}", apart())).is_empty());
    let unreadable = wall.replace("2.8", "\"2.8\"");
    let problems = problems_of(GOOD_SITE, format!("{}{unreadable}", apart()));
    assert!(!problems.to_string().contains("apart"), "{problems}");
}
