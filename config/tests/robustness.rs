//! No file makes the reader panic, and whatever it lets through keeps its promises.

mod common;

use common::{GOOD_LAYOUT, GOOD_SITE, load_texts};
use habitat_config::{Problems, Site, settings::SettingsRequest};
use proptest::prelude::*;

/// Renders every problem too: places must lie inside their lines.
fn survives(site: impl AsRef<[u8]>, layout: impl AsRef<[u8]>) {
    match load_texts(site, layout) {
        Ok(loaded) => keeps_its_promises(&loaded.site, &loaded.warnings),
        Err(problems) => {
            assert!(problems.has_errors(), "a site is only refused with a reason");
            assert!(!problems.render(true).is_empty());
        }
    }
}

fn keeps_its_promises(site: &Site, warnings: &Problems) {
    assert!(!warnings.has_errors());
    assert_eq!(site.zones.len(), site.plan.zones.len());
    for zone in &site.zones {
        assert!(20.0 <= zone.level_min_db && zone.level_min_db <= zone.level_fixed_db);
        assert!(zone.level_fixed_db <= zone.level_max_db && zone.level_max_db <= 60.0);
        assert!((0.1..=0.9).contains(&zone.sti_target));
    }
    assert!(
        site.plan
            .zones
            .iter()
            .all(|zone| zone.floor < site.plan.floors.len() && !zone.listeners.is_empty())
    );
    assert!(site.plan.microphones.iter().all(|item| item.zone < site.plan.zones.len()));
    assert!(site.plan.loudspeakers.iter().all(|item| item.zone < site.plan.zones.len()));
    assert!(site.audio.sample_rate_hz.is_multiple_of(50));
}

/// Pieces that parsers dislike.
const PIECES: [&str; 24] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'''",
    "\n",
    ".",
    ",",
    "#",
    "nan",
    "-inf",
    "1e999",
    "0x",
    "é",
    "\u{0}",
    "[zone]",
    "[[zone]]",
    "99999999999999999999999",
    "2026-13-45",
    "[[floor]]\n[floor.x]",
];

/// One change to a text: at about this place, remove some characters and put a piece.
fn changed(text: &str, (place, removed, piece): (usize, usize, usize)) -> String {
    let start = text.floor_char_boundary(place % (text.len() + 1));
    let end = text.ceil_char_boundary((start + removed).min(text.len()));
    format!("{}{}{}", &text[..start], PIECES[piece], &text[end..])
}

fn changes() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0usize..10_000, 0usize..30, 0..PIECES.len()), 1..5)
}

/// Another number in place of one of a text.
fn renumbered(text: &str, which: usize, number: &str) -> String {
    let digits: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).collect();
    let at = digits[which % digits.len()].0;
    let end = text[at..]
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(text.len(), |length| at + length);
    format!("{}{number}{}", &text[..at], &text[end..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes, GOOD_LAYOUT);
        survives(GOOD_SITE, &bytes);
    }

    #[test]
    fn random_text_is_refused_without_a_panic(text in "[\\[\\]{}=\"'a-z0-9.,#\n \u{e9}-]{0,200}") {
        survives(&text, GOOD_LAYOUT);
        survives(GOOD_SITE, &text);
    }

    #[test]
    fn changed_good_files_are_read_or_refused_without_a_panic(site in changes(), layout in changes()) {
        let bad_site = site.into_iter().fold(GOOD_SITE.to_owned(), |text, change| changed(&text, change));
        let bad_layout = layout.into_iter().fold(GOOD_LAYOUT.to_owned(), |text, change| changed(&text, change));
        survives(&bad_site, GOOD_LAYOUT);
        survives(GOOD_SITE, &bad_layout);
        survives(&bad_site, &bad_layout);
    }

    #[test]
    fn other_numbers_are_read_or_refused_without_a_panic(which in 0usize..500, number in any::<f64>(), small in -100.0..100f64) {
        for number in [format!("{number:?}"), format!("{small:.3}"), format!("{}", small as i64)] {
            survives(renumbered(GOOD_SITE, which, &number), GOOD_LAYOUT);
            survives(GOOD_SITE, renumbered(GOOD_LAYOUT, which, &number));
        }
    }

    #[test]
    fn outlines_of_any_shape_are_read_or_refused_without_a_panic(
        corners in prop::collection::vec((-5i32..30, -5i32..20), 0..9),
    ) {
        let points: Vec<String> = corners.iter().map(|(x, y)| format!("[{x}, {y}]")).collect();
        let outline = format!("[{}]", points.join(", "));
        survives(GOOD_SITE, GOOD_LAYOUT.replace("[[16, 8], [24, 8], [24, 16], [16, 16]]", &outline));
        survives(GOOD_SITE, GOOD_LAYOUT.replace("[[0, 0], [24, 0], [24, 16], [0, 16]]", &outline));
    }

    #[test]
    fn any_request_is_understood_or_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(errors) = SettingsRequest::from_json(&bytes) {
            prop_assert!(!errors.is_empty());
        }
    }
}
