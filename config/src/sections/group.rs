//! `[[group]]` and `[[scene]]`: what is commanded together.

use crate::{
    keys, limits,
    read::{NumberRule, Reading, Span, Table, flag, identifier, number},
    sections::{ZoneNames, read_soundscape, zone_names},
    settings::SettingsRequest,
};

const OFFSET: NumberRule = NumberRule {
    min: -limits::OFFSET_LIMIT_DB,
    max: limits::OFFSET_LIMIT_DB,
    unit: " dB",
    reason: "the limits of an offset at run time",
};

/// A group whose zones are still names.
pub(crate) struct DraftGroup {
    /// See [`crate::site::Group::id`], and where it stands.
    pub(crate) id: Reading<String>,
    /// Its zones.
    pub(crate) zones: ZoneNames,
}

/// One table of a scene, whose zones are still names.
pub(crate) struct DraftScene {
    /// See [`crate::site::Scene::id`], and where it stands.
    pub(crate) id: Reading<String>,
    /// Its zones; absent: all.
    pub(crate) zones: Option<ZoneNames>,
    /// What is set there.
    pub(crate) settings: SettingsRequest,
    /// Where the table stands.
    pub(crate) span: Span,
}

/// Reads `[[group]]`.
pub(crate) fn read_groups(root: &Table) -> Vec<DraftGroup> {
    let read = |table: &Table| DraftGroup {
        id: id(table, "\"window-side\""),
        zones: table.require("zones", "[\"north-east\"]", zone_names).or(Vec::new()),
    };
    root.list("group", &keys::GROUP).iter().map(read).collect()
}

/// Reads `[[scene]]`.
pub(crate) fn read_scenes(root: &Table) -> Vec<DraftScene> {
    root.list("scene", &keys::SCENE).iter().map(read_scene).collect()
}

fn read_scene(table: &Table) -> DraftScene {
    let settings = SettingsRequest {
        enabled: table.read("enabled", flag).written(),
        offset_db: table.read("offset_db", number(&OFFSET)).written(),
        level_min_db: table.read("level_min_db", number(&limits::LEVEL)).written(),
        level_max_db: table.read("level_max_db", number(&limits::LEVEL)).written(),
        soundscape: read_soundscape(table).written(),
        ..SettingsRequest::default()
    };
    let says_nothing = ["enabled", "offset_db", "level_min_db", "level_max_db", "soundscape"]
        .iter()
        .all(|key| !table.has(key));
    if says_nothing && !table.notes().has_bad_syntax() {
        table.notes().error(
            table.span(),
            "[[scene]] sets nothing",
            "add what it is to set, such as offset_db = -2.0",
        );
    }
    DraftScene {
        id: id(table, "\"all-hands\""),
        zones: table.read("zones", zone_names).written(),
        settings,
        span: table.span().clone(),
    }
}

fn id(table: &Table, example: &str) -> Reading<String> {
    table.require("id", example, identifier(is_id, "a-z, 0-9 and -"))
}

fn is_id(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}
