//! What stands where, so that dashboards can draw a floor and group its zones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One floor of the site, as its layout file says. The whole layout is one event per floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Floor id of the layout.
    pub floor: String,
    /// Ids of all floors of the site: one that is not here does not exist any more.
    pub floors: Vec<String>,
    /// Outer edge of the floor: corners `[x, y]` in metres of the layout file, to the east and to the north; the first is not
    /// repeated.
    pub outline_m: Vec<[f64; 2]>,
    /// Floor to ceiling, metres.
    pub height_m: f64,
    /// The zones of the floor.
    pub zones: Vec<LayoutZone>,
    /// Screens, walls and glazing.
    pub screens: Vec<LayoutScreen>,
}

/// A zone of a floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutZone {
    /// Zone id of the layout.
    pub zone: String,
    /// Name for people, as the layout file has it.
    pub name: String,
    /// What people do there.
    pub kind: ZoneKind,
    /// Outer edge of the zone, as that of the floor.
    pub outline_m: Vec<[f64; 2]>,
    /// Lowest masking level that is configured.
    pub level_min_db: f64,
    /// Masking level set at commissioning.
    pub level_fixed_db: f64,
    /// Highest masking level that is configured.
    pub level_max_db: f64,
    /// Number of places where somebody is taken to sit.
    pub listeners: u32,
    /// Its microphones.
    pub microphones: Vec<LayoutDevice>,
    /// Its loudspeakers.
    pub loudspeakers: Vec<LayoutDevice>,
}

/// What people do in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// Quiet, concentrated work.
    Focus,
    /// Work in teams that talk.
    Collaboration,
    /// A meeting room or corner.
    Meeting,
    /// Corridors and stairs.
    Circulation,
    /// Kitchen, lounge.
    Social,
}

impl ZoneKind {
    /// As in the layout file.
    pub fn word(self) -> &'static str {
        match self {
            ZoneKind::Focus => "focus",
            ZoneKind::Collaboration => "collaboration",
            ZoneKind::Meeting => "meeting",
            ZoneKind::Circulation => "circulation",
            ZoneKind::Social => "social",
        }
    }
}

/// A microphone or a loudspeaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutDevice {
    /// Device id of the layout.
    pub id: String,
    /// Where it hangs: `[x, y, z]`, metres; z up from the floor.
    pub position_m: [f64; 3],
}

/// A screen, wall or glazing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutScreen {
    /// One end, `[x, y]`, metres.
    pub from_m: [f64; 2],
    /// Other end, `[x, y]`, metres.
    pub to_m: [f64; 2],
    /// Height, metres; that of the floor makes it a wall.
    pub height_m: f64,
}
