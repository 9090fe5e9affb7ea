//! The limits that hold for the files and for changes at run time alike, each with its reason.

use std::ops::RangeInclusive;

use crate::read::NumberRule;

/// Lowest masking level. Below it masking is under the ventilation of any office and only costs electricity.
pub const LEVEL_FLOOR_DB: f64 = 20.0;

/// Highest masking level, acknowledged or not: 12 dB above what people accept, and still far from harm.
pub const LEVEL_CEILING_DB: f64 = 60.0;

/// Above this level masking is itself a nuisance (WELL Building Standard v1, sound masking: at most 48 dB(A) in open
/// plan offices), so a site must acknowledge that it wants more.
pub const LOUD_ABOVE_DB: f64 = 48.0;

/// Change rates of 0.35-0.47 dB/min have been called too fast in use, so more must be acknowledged.
pub const NOTICEABLE_ABOVE_DB_PER_MIN: f64 = 0.35;

/// Fastest change even when acknowledged: everyone hears 0.2 dB per second, which is enough for a demonstration.
pub const SLEW_CEILING_DB_PER_MIN: f64 = 12.0;

/// How far an offset may move a zone at run time: 6 dB is the whole default range from `level_min_db` to
/// `level_max_db`.
pub const OFFSET_LIMIT_DB: f64 = 6.0;

/// Longest time for which a change may be limited: a week, in minutes. Longer belongs into the file.
pub const LONGEST_CHANGE_MINUTES: f64 = 7.0 * 24.0 * 60.0;

/// What a masking level may be.
pub const LEVEL_RANGE_DB: RangeInclusive<f64> = LEVEL_FLOOR_DB..=LEVEL_CEILING_DB;

/// The same as a rule for files.
pub(crate) const LEVEL: NumberRule = NumberRule {
    min: LEVEL_FLOOR_DB,
    max: LEVEL_CEILING_DB,
    unit: " dB",
    reason: "lower is inaudible, higher is a nuisance",
};
