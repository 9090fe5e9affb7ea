//! What holds in a zone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SettingsRequest, Today};
use crate::{
    limits,
    site::{Soundscape, ZoneLevels},
};

/// The settings of a zone that can change at run time; stored, and published as `effective`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneSettings {
    /// Whether the zone adapts; otherwise it holds its fixed level.
    pub enabled: bool,
    /// Added to the level that adaptation chooses, within the limits.
    #[schemars(range(min = -limits::OFFSET_LIMIT_DB, max = limits::OFFSET_LIMIT_DB))]
    pub offset_db: f64,
    /// Lowest masking level, never below the file's.
    #[schemars(range(min = limits::LEVEL_FLOOR_DB, max = limits::LEVEL_CEILING_DB))]
    pub level_min_db: f64,
    /// Highest masking level, never above the file's.
    #[schemars(range(min = limits::LEVEL_FLOOR_DB, max = limits::LEVEL_CEILING_DB))]
    pub level_max_db: f64,
    /// What plays.
    pub soundscape: Soundscape,
    /// What holds instead of the schedules until midnight, within these levels. Absent in what earlier versions stored.
    #[serde(default)]
    pub today: Today,
}

impl ZoneSettings {
    /// What the file says.
    pub fn default_for(levels: &ZoneLevels) -> Self {
        Self {
            enabled: true,
            offset_db: 0.0,
            level_min_db: levels.level_min_db,
            level_max_db: levels.level_max_db,
            soundscape: levels.soundscape,
            today: Today::Schedule,
        }
    }

    /// These settings with the changes that are asked for, and the keys whose values had to be clamped.
    ///
    /// Both levels are clamped to the range that the file gives, the offset to ±[`limits::OFFSET_LIMIT_DB`], and the level of
    /// today to the range that comes of it. An empty request brings stored settings back within a file that has changed since. `id`,
    /// `for_minutes` and midnight are the caller's matter.
    ///
    /// # Errors
    /// A sentence, when the lowest level would be above the highest.
    pub fn apply(&self, request: &SettingsRequest, file: &ZoneLevels) -> Result<(ZoneSettings, Vec<&'static str>), Vec<String>> {
        let defaults = Self::default_for(file);
        let before = if request.reset { &defaults } else { self };
        let mut clamped = Vec::new();
        let mut clamp = |key, value: f64, lowest: f64, highest: f64| {
            let within = value.clamp(lowest, highest);
            if within != value {
                clamped.push(key);
            }
            within
        };
        let (lowest, highest) = (file.level_min_db, file.level_max_db);
        let mut settings = ZoneSettings {
            enabled: request.enabled.unwrap_or(before.enabled),
            offset_db: clamp(
                "offset_db",
                request.offset_db.unwrap_or(before.offset_db),
                -limits::OFFSET_LIMIT_DB,
                limits::OFFSET_LIMIT_DB,
            ),
            level_min_db: clamp(
                "level_min_db",
                request.level_min_db.unwrap_or(before.level_min_db),
                lowest,
                highest,
            ),
            level_max_db: clamp(
                "level_max_db",
                request.level_max_db.unwrap_or(before.level_max_db),
                lowest,
                highest,
            ),
            soundscape: request.soundscape.unwrap_or(before.soundscape),
            today: request.today.unwrap_or(before.today),
        };
        if settings.level_min_db > settings.level_max_db {
            let (min, max) = (settings.level_min_db, settings.level_max_db);
            return Err(vec![format!(
                "`level_min_db` ({min}) would be above `level_max_db` ({max}) of this zone"
            )]);
        }
        let (today, is_clamped) = settings.today.within(settings.level_min_db, settings.level_max_db);
        settings.today = today;
        clamped.extend(is_clamped.then_some("today"));
        Ok((settings, clamped))
    }
}
