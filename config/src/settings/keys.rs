//! What a request may say: one table, from which it is read and its schema is made.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{SettingsRequest, command_id, today::Today};
use crate::{
    limits,
    read::{nearest, shown},
    site::Soundscape,
};

/// A key, and where its value goes.
pub(super) struct Key {
    /// As it is written.
    pub name: &'static str,
    /// For whoever writes requests.
    pub what: &'static str,
    /// What stands after it.
    pub kind: Kind,
    /// Whether it may stand beside `scene`, which says by itself what to set.
    pub goes_with_scene: bool,
}

/// What stands after a key.
pub(super) enum Kind {
    /// `true`, and nothing else.
    True(fn(&mut SettingsRequest)),
    /// `true` or `false`.
    Flag(fn(&mut SettingsRequest, bool)),
    /// Any number.
    Number(fn(&mut SettingsRequest, f64)),
    /// A level in dB.
    Level(RangeInclusive<f64>, fn(&mut SettingsRequest, f64)),
    /// Above zero, and at most so many minutes.
    Minutes(f64, fn(&mut SettingsRequest, f64)),
    /// A name that the configuration has to know.
    Name(fn(&mut SettingsRequest, String)),
    /// The id of the command.
    Id(fn(&mut SettingsRequest, String)),
    /// The name of a soundscape.
    Soundscape(fn(&mut SettingsRequest, Soundscape)),
    /// What the schedules give way to.
    Today(fn(&mut SettingsRequest, Today)),
}

/// Every key there is.
pub(super) const KEYS: [Key; 11] = [
    Key {
        name: "reset",
        what: "Begins with what the configuration file says instead of what holds.",
        kind: Kind::True(|request| request.reset = true),
        goes_with_scene: false,
    },
    Key {
        name: "scene",
        what: "The scene of the configuration that says what to set.",
        kind: Kind::Name(|request, scene| request.scene = Some(scene)),
        goes_with_scene: true,
    },
    Key {
        name: "enabled",
        what: "Whether the zone adapts; otherwise it holds its fixed level.",
        kind: Kind::Flag(|request, enabled| request.enabled = Some(enabled)),
        goes_with_scene: false,
    },
    Key {
        name: "offset_db",
        what: "Added to the level that adaptation chooses; clamped to what the configuration allows.",
        kind: Kind::Number(|request, offset_db| request.offset_db = Some(offset_db)),
        goes_with_scene: false,
    },
    Key {
        name: "level_min_db",
        what: "Lowest masking level, dB(A); clamped to what the configuration allows.",
        kind: Kind::Level(limits::LEVEL_RANGE_DB, |request, level_db| {
            request.level_min_db = Some(level_db);
        }),
        goes_with_scene: false,
    },
    Key {
        name: "level_max_db",
        what: "Highest masking level, dB(A); clamped to what the configuration allows.",
        kind: Kind::Level(limits::LEVEL_RANGE_DB, |request, level_db| {
            request.level_max_db = Some(level_db);
        }),
        goes_with_scene: false,
    },
    Key {
        name: "soundscape",
        what: "What plays.",
        kind: Kind::Soundscape(|request, soundscape| request.soundscape = Some(soundscape)),
        goes_with_scene: false,
    },
    Key {
        name: "today",
        what: "What holds instead of the schedules until midnight: `on`, `off`, a base level in dB(A), clamped, or `schedule` again.",
        kind: Kind::Today(|request, today| request.today = Some(today)),
        goes_with_scene: false,
    },
    Key {
        name: "for_minutes",
        what: "After this time the settings from before hold again.",
        kind: Kind::Minutes(limits::LONGEST_CHANGE_MINUTES, |request, minutes| {
            request.for_minutes = Some(minutes);
        }),
        goes_with_scene: true,
    },
    Key {
        name: "by",
        what: "Who asks: one of the `operators` of the configuration.",
        kind: Kind::Name(|request, by| request.by = Some(by)),
        goes_with_scene: true,
    },
    Key {
        name: "id",
        what: "Comes back in the answer. A command with an id is carried out once.",
        kind: Kind::Id(|request, id| request.id = Some(id)),
        goes_with_scene: true,
    },
];

/// Puts the value of a key into a request.
///
/// # Errors
/// A sentence that says what would be right.
pub(super) fn set(request: &mut SettingsRequest, name: &str, value: &Value) -> Result<(), String> {
    let key = KEYS.iter().find(|key| key.name == name).ok_or_else(|| unknown(name))?;
    match &key.kind {
        Kind::True(set) => match value {
            Value::Bool(true) => set(request),
            Value::Bool(false) => return Err(format!("`{name}` can only be true; leave it out to keep what holds")),
            other => return Err(wrong_kind(name, "true", other)),
        },
        Kind::Flag(set) => set(
            request,
            value.as_bool().ok_or_else(|| wrong_kind(name, "true or false", value))?,
        ),
        Kind::Number(set) => set(request, number(name, value)?),
        Kind::Level(range, set) => set(request, level(name, value, range)?),
        Kind::Minutes(longest, set) => set(request, minutes(name, value, *longest)?),
        Kind::Name(set) => set(request, text(name, value)?.to_owned()),
        Kind::Id(set) => set(request, command_id::read(name, text(name, value)?)?),
        Kind::Soundscape(set) => set(request, soundscape(name, value)?),
        Kind::Today(set) => set(request, Today::from_value(name, value)?),
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    let names = || KEYS.iter().map(|key| key.name);
    match nearest(name, names()) {
        Some(near) => format!("{} is not a setting; did you mean `{near}`?", shown(name)),
        None => {
            let all: Vec<_> = names().collect();
            format!("{} is not a setting; the settings are {}", shown(name), all.join(", "))
        }
    }
}

pub(super) fn wrong_kind(key: &str, wanted: &str, value: &Value) -> String {
    let kind = match value {
        Value::Null => "null; leave the key out to keep what holds",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("`{key}` must be {wanted}, but is {kind}")
}

/// JSON has no infinite numbers and no NaN; a number that is too large for 64 bits is refused when it is parsed.
fn number(key: &str, value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .filter(|number| number.is_finite())
        .ok_or_else(|| wrong_kind(key, "a number", value))
}

pub(super) fn level(key: &str, value: &Value, range: &RangeInclusive<f64>) -> Result<f64, String> {
    let level_db = number(key, value)?;
    if range.contains(&level_db) {
        return Ok(level_db);
    }
    let (lowest, highest) = (range.start(), range.end());
    Err(format!("`{key}` must be from {lowest} to {highest} dB, but is {level_db}"))
}

fn minutes(key: &str, value: &Value, longest: f64) -> Result<f64, String> {
    let minutes = number(key, value)?;
    if minutes > 0.0 && minutes <= longest {
        return Ok(minutes);
    }
    Err(format!(
        "`{key}` must be above 0 and at most {longest} (a week), but is {minutes}"
    ))
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| wrong_kind(key, "text", value))
}

fn soundscape(key: &str, value: &Value) -> Result<Soundscape, String> {
    let name = text(key, value)?;
    Soundscape::from_name(name)
        .ok_or_else(|| format!("soundscape {} is not available in this version; use \"noise\"", shown(name)))
}
