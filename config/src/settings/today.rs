//! What holds in a zone today instead of its schedules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::{level, wrong_kind};
use crate::{limits, read::shown};

/// What the schedules give way to until the next midnight of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Today {
    /// To nothing: they hold.
    #[default]
    Schedule,
    /// As if there were none.
    On,
    /// Off.
    Off,
    /// This base level, dB(A).
    #[serde(untagged)]
    Level(f64),
}

/// The words for it.
pub(super) const WORDS: [(&str, Today); 3] = [("schedule", Today::Schedule), ("on", Today::On), ("off", Today::Off)];

impl Today {
    /// Understands the value of a key in a request.
    pub(super) fn from_value(key: &str, value: &Value) -> Result<Self, String> {
        match value {
            Value::String(word) => word_of(key, word),
            Value::Number(_) => Ok(Today::Level(level(key, value, &limits::LEVEL_RANGE_DB)?)),
            other => Err(wrong_kind(key, "\"schedule\", \"on\", \"off\" or a level in dB(A)", other)),
        }
    }

    /// Brought inside the levels of a zone, and whether that was needed.
    pub(super) fn within(self, level_min_db: f64, level_max_db: f64) -> (Self, bool) {
        match self {
            Today::Level(level_db) => {
                let within_db = level_db.clamp(level_min_db, level_max_db);
                (Today::Level(within_db), within_db != level_db)
            }
            word => (word, false),
        }
    }
}

fn word_of(key: &str, word: &str) -> Result<Today, String> {
    let known = WORDS.iter().find(|(known, _)| *known == word);
    known.map(|(_, today)| *today).ok_or_else(|| {
        format!(
            "`{key}` cannot be {}; write \"schedule\", \"on\", \"off\" or a level in dB(A)",
            shown(word)
        )
    })
}
