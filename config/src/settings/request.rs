//! What someone asks for.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{json::Members, today::Today};
use crate::{
    limits,
    read::{nearest, shown},
    site::Soundscape,
};

/// Larger requests are refused unread.
pub const LARGEST_REQUEST_BYTES: usize = 64 * 1024;

/// Ids are repeated in answers and events, so they stay short.
const LONGEST_ID: usize = 128;

/// More members than this are no request; without the limit the answer could be far longer than the question.
const MOST_MEMBERS: usize = 32;

const KEYS: [&str; 11] = [
    "reset",
    "scene",
    "enabled",
    "offset_db",
    "level_min_db",
    "level_max_db",
    "soundscape",
    "today",
    "for_minutes",
    "by",
    "id",
];

/// A change to a zone; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsRequest {
    /// Begins with what the file says instead of what holds.
    pub reset: bool,
    /// The scene that says what to set.
    pub scene: Option<String>,
    /// Whether the zone adapts; otherwise it holds its fixed level.
    pub enabled: Option<bool>,
    /// Added to the level that adaptation chooses.
    pub offset_db: Option<f64>,
    /// Lowest masking level.
    pub level_min_db: Option<f64>,
    /// Highest masking level.
    pub level_max_db: Option<f64>,
    /// What plays.
    pub soundscape: Option<Soundscape>,
    /// What holds instead of the schedules until midnight.
    pub today: Option<Today>,
    /// After this time the settings from before hold again.
    pub for_minutes: Option<f64>,
    /// Who asks; the site has to know the name ([`super::known_operator`]).
    pub by: Option<String>,
    /// Repeated in the answer.
    pub id: Option<String>,
}

impl SettingsRequest {
    /// Understands a JSON object such as `{"offset_db": -1.5, "for_minutes": 60, "id": "abc"}`.
    ///
    /// # Errors
    /// All that is wrong with it, a sentence each.
    pub fn from_json(json: &[u8]) -> Result<Self, Vec<String>> {
        if json.len() > LARGEST_REQUEST_BYTES {
            return Err(vec![format!(
                "the request has {} bytes; at most {LARGEST_REQUEST_BYTES} are read",
                json.len()
            )]);
        }
        let Members(members) =
            serde_json::from_slice(json).map_err(|error| vec![format!("the request is not a JSON object: {error}")])?;
        if members.len() > MOST_MEMBERS {
            return Err(vec![format!(
                "the request has {} members; at most {MOST_MEMBERS} are read",
                members.len()
            )]);
        }
        let mut request = Self::default();
        let mut errors = Vec::new();
        for (index, (key, value)) in members.iter().enumerate() {
            if members[..index].iter().any(|(earlier, _)| earlier == key) {
                errors.push(format!("{} stands twice", shown(key)));
            } else if let Err(error) = request.set(key, value) {
                errors.push(error);
            }
        }
        if let (Some(min), Some(max)) = (request.level_min_db, request.level_max_db)
            && min > max
        {
            errors.push(format!("`level_min_db` ({min}) is above `level_max_db` ({max})"));
        }
        let alone = ["scene", "for_minutes", "by", "id"];
        if request.scene.is_some()
            && let Some((key, _)) = members.iter().find(|(key, _)| !alone.contains(&key.as_str()))
        {
            errors.push(format!("`scene` says what to set, so {} cannot be set with it", shown(key)));
        }
        if errors.is_empty() { Ok(request) } else { Err(errors) }
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match key {
            "reset" => match value {
                Value::Bool(true) => self.reset = true,
                Value::Bool(false) => return Err("`reset` can only be true; leave it out to keep what holds".into()),
                other => return Err(wrong_kind(key, "true", other)),
            },
            "scene" => self.scene = Some(text(key, value)?.to_owned()),
            "enabled" => {
                let enabled = value.as_bool();
                self.enabled = Some(enabled.ok_or_else(|| wrong_kind(key, "true or false", value))?);
            }
            "offset_db" => self.offset_db = Some(number(key, value)?),
            "level_min_db" => self.level_min_db = Some(number_in(key, value, limits::LEVEL_RANGE_DB)?),
            "level_max_db" => self.level_max_db = Some(number_in(key, value, limits::LEVEL_RANGE_DB)?),
            "soundscape" => self.soundscape = Some(soundscape(key, value)?),
            "today" => self.today = Some(Today::from_value(key, value)?),
            "for_minutes" => self.for_minutes = Some(minutes(key, value)?),
            "by" => self.by = Some(text(key, value)?.to_owned()),
            "id" => self.id = Some(id(key, value)?),
            unknown => return Err(unknown_key(unknown)),
        }
        Ok(())
    }
}

fn unknown_key(key: &str) -> String {
    match nearest(key, KEYS) {
        Some(near) => format!("{} is not a setting; did you mean `{near}`?", shown(key)),
        None => format!("{} is not a setting; the settings are {}", shown(key), KEYS.join(", ")),
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

pub(super) fn number_in(key: &str, value: &Value, range: RangeInclusive<f64>) -> Result<f64, String> {
    let number = number(key, value)?;
    if range.contains(&number) {
        return Ok(number);
    }
    Err(format!(
        "`{key}` must be from {} to {} dB, but is {number}",
        range.start(),
        range.end()
    ))
}

fn minutes(key: &str, value: &Value) -> Result<f64, String> {
    let minutes = number(key, value)?;
    if minutes > 0.0 && minutes <= limits::LONGEST_CHANGE_MINUTES {
        return Ok(minutes);
    }
    let longest = limits::LONGEST_CHANGE_MINUTES;
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

fn id(key: &str, value: &Value) -> Result<String, String> {
    let id = text(key, value)?;
    let length = id.chars().count();
    if length > LONGEST_ID {
        return Err(format!("`{key}` has {length} characters; at most {LONGEST_ID} are allowed"));
    }
    Ok(id.to_owned())
}
