//! `device` of microphones and loudspeakers, from the layout to the plan and to GeoJSON.

mod common;

use common::{GOOD_LAYOUT, errors, load_texts, problems_of};
use habitat_config::exchange::{Origin, to_geojson};

/// A site that has devices.
const SITE: &str = "[site]\nid = \"hq-3\"\n[audio]\nbackend = \"cpal\"\n";

/// The layout with this line in each of its first two microphones.
fn layout(first: &str, second: &str) -> String {
    let mut lines = [first, second].into_iter();
    let pieces = GOOD_LAYOUT.split("[[microphone]]\n");
    let mut text = String::new();
    for (index, piece) in pieces.enumerate() {
        if index > 0 {
            text.push_str("[[microphone]]\n");
            text.push_str(lines.next().unwrap_or_default());
        }
        text.push_str(piece);
    }
    text
}

#[test]
fn a_device_has_one_meaning_in_all_its_spellings() {
    let site = load_texts(SITE, layout("device = \"hw:USB\"\n", "device = \"jack\"\n"))
        .expect("a good site")
        .site;
    let names: Vec<_> = site.plan.microphones.iter().map(|it| it.device.clone()).collect();
    assert_eq!(names[0], Some("alsa:hw:CARD=USB,DEV=0".parse().expect("a name")));
    assert_eq!(names[1], Some("jack".parse().expect("a name")));
    let geojson = to_geojson(&site, Origin::default());
    assert!(
        geojson.contains("\"alsa:hw:CARD=USB,DEV=0\"") && geojson.contains("\"jack\""),
        "{geojson}"
    );
}

#[test]
fn a_channel_is_used_twice_however_its_device_is_written() {
    let same = |text: String| text.replace("channel = 2", "channel = 1");
    for (first, second) in [
        ("", "device = \"alsa:default\"\n"),
        ("device = \"hw:USB,0\"\n", "device = \"alsa:hw:CARD=USB,DEV=0\"\n"),
    ] {
        let problems = problems_of(SITE, same(layout(first, second)));
        let twice = errors(&problems)
            .iter()
            .any(|problem| problem.message.contains("is used twice"));
        assert!(twice, "{problems}");
    }
}
