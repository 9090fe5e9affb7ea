//! The documentation says what the program does: every key in the chapter of its table, and its real default.

use toml::de::DeValue;

use crate::{
    keys::{self, LAYOUT_FILE, SITE_FILE, Section},
    load,
};

fn documentation() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
    std::fs::read_to_string(path).expect("the documentation")
}

/// The text from a table's heading to the next heading.
fn chapter<'d>(document: &'d str, section: &Section) -> &'d str {
    let heading = format!("## {}\n", section.heading);
    let start = document
        .find(&heading)
        .unwrap_or_else(|| panic!("no chapter {}", section.heading));
    let text = &document[start + heading.len()..];
    text.split("\n#").next().unwrap_or(text)
}

#[test]
fn every_key_is_described_in_the_chapter_of_its_table() {
    let document = documentation();
    let missing: Vec<String> = SITE_FILE
        .into_iter()
        .chain(LAYOUT_FILE)
        .flat_map(|section| section.keys.iter().map(move |key| (section, key)))
        .filter(|(section, key)| !chapter(&document, section).contains(&format!("`{key}`")))
        .map(|(section, key)| format!("{} {key}", section.heading))
        .collect();
    assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
}

#[test]
fn no_chapter_describes_a_key_that_does_not_exist() {
    let document = documentation();
    for section in SITE_FILE.into_iter().chain(LAYOUT_FILE) {
        let rows = chapter(&document, section).lines().filter(|line| line.starts_with("| `"));
        for cell in rows.filter_map(|row| row.split('|').nth(1)) {
            for key in cell.split('`').skip(1).step_by(2) {
                assert!(section.keys.contains(&key), "{} has no key {key}", section.heading);
            }
        }
    }
}

/// `key = default` for each row of a chapter whose default is a TOML value.
fn defaults(document: &str, section: &Section) -> Vec<String> {
    let rows = chapter(document, section).lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let mut cells = row.split('|').skip(1).map(|cell| cell.trim().trim_matches('`'));
        let (key, _, default) = (cells.next()?, cells.next()?, cells.next()?);
        DeValue::parse(default).ok().map(|_| format!("{key} = {default}\n"))
    })
    .collect()
}

#[test]
fn the_documented_defaults_are_the_real_ones() {
    let document = documentation();
    // What must be there anyway.
    let needed = [
        (&keys::SITE, "id = \"x\"\n"),
        (&keys::MQTT, "host = \"h\"\n"),
        (&keys::CLOUD, "url = \"https://t.example\"\n"),
    ];
    let chapters = [
        &keys::AUDIO,
        &keys::AUDIO_VIRTUAL,
        &keys::ADAPTATION,
        &keys::MASKING,
        &keys::OWN_SOUND,
        &keys::CONSOLE,
        &keys::SITE,
        &keys::MQTT,
        &keys::CLOUD,
    ];
    let (mut silent, mut explicit) = (String::new(), defaults(&document, &keys::ROOT).concat());
    let mut written = explicit.lines().count();
    for section in chapters {
        let needed = needed
            .iter()
            .find(|(owner, _)| owner.heading == section.heading)
            .map_or("", |(_, line)| *line);
        let defaults = defaults(&document, section);
        written += defaults.len();
        silent.push_str(&format!("{}\n{needed}", section.heading));
        explicit.push_str(&format!("{}\n{needed}{}", section.heading, defaults.concat()));
    }
    assert!(written >= 25, "the tables are read: {written} defaults");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("habitat.toml");
    let layout = include_str!("../tests/good/layout.toml");
    std::fs::write(folder.path().join("layout.toml"), layout).expect("writes the layout");
    let [silent, explicit] = [silent, explicit].map(|text| {
        std::fs::write(&path, text).expect("writes the site");
        format!("{:#?}", load(&path).unwrap_or_else(|problems| panic!("{problems}")).site)
    });
    assert_eq!(silent, explicit);
}
