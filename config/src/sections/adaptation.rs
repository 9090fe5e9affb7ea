//! `[adaptation]`: how loud and how fast.

use super::levels::{Levels, read_levels};
use crate::{
    keys, limits,
    read::{NumberRule, Reading, Span, Table, WholeRule, flag, number, whole},
    site::Adaptation,
};

/// Slow enough that nobody notices: half of what has been called too fast in use.
const DEFAULT_SLEW_UP_DB_PER_MIN: f64 = 0.2;

/// Falling is slower than rising, as in the published method (Chanaud, Acoustics Today 2007).
const DEFAULT_SLEW_DOWN_DB_PER_MIN: f64 = 0.1;

/// A step of 2 dB between zones is not noticed by someone who walks through.
const DEFAULT_NEIGHBOUR_MAX_DB: f64 = 2.0;

/// Five minutes from silence to the fixed level, as installers do after power-up.
const DEFAULT_STARTUP_RAMP_S: f64 = 300.0;

/// In the middle: neither quiet nor privacy is preferred.
const DEFAULT_SPEECH_PRIVACY: f64 = 0.5;

/// What a place teaches are a few numbers about listeners, none about people, and masking is better with them.
const DEFAULT_PLACE_MEMORY: bool = true;
/// 40 dB(A), the lowest level of a usual site, begins at 34 dB(A): hardly more than the ventilation of a quiet office.
const DEFAULT_ACCLIMATISATION_FROM_DB: f64 = -6.0;

const SLEW: NumberRule = NumberRule {
    min: 0.01,
    max: limits::SLEW_CEILING_DB_PER_MIN,
    unit: " dB/min",
    reason: "slower never arrives, faster is a jump",
};

const NEIGHBOUR_MAX: NumberRule = NumberRule {
    min: 0.5,
    max: 3.0,
    unit: " dB",
    reason: "a larger step is heard by everyone who walks past, a smaller one keeps zones from differing at all",
};

const STARTUP_RAMP: NumberRule = NumberRule {
    min: 10.0,
    max: 3600.0,
    unit: " s",
    reason: "a quicker start is startling, and an hour is long enough for anyone",
};

const SPEECH_PRIVACY: NumberRule = NumberRule {
    min: 0.0,
    max: 1.0,
    unit: "",
    reason: "0 is quiet, 1 is private",
};

const ACCLIMATISATION_DAYS: WholeRule = WholeRule {
    min: 0,
    max: 90,
    reason: "people are used to masking after some weeks",
};

const ACCLIMATISATION_FROM: NumberRule = NumberRule {
    min: -12.0,
    max: 0.0,
    unit: " dB",
    reason: "it is added to every level; further below there is no masking to get used to",
};

/// `[adaptation]` before the zones take their levels from it.
pub(crate) struct DraftAdaptation {
    /// The checked part.
    pub(crate) law: Adaptation,
    /// Levels for zones without their own.
    pub(crate) levels: Levels,
    /// Whether levels above [`limits::LOUD_ABOVE_DB`] are wanted; true also when the key is wrong, to avoid noise.
    pub(crate) loud_acknowledged: bool,
}

/// Reads the table.
pub(crate) fn read(root: &Table) -> DraftAdaptation {
    let Some(table) = root.section("adaptation", &keys::ADAPTATION) else {
        return DraftAdaptation {
            law: Adaptation {
                slew_up_db_per_min: DEFAULT_SLEW_UP_DB_PER_MIN,
                slew_down_db_per_min: DEFAULT_SLEW_DOWN_DB_PER_MIN,
                neighbour_max_db: DEFAULT_NEIGHBOUR_MAX_DB,
                startup_ramp_s: DEFAULT_STARTUP_RAMP_S,
                speech_privacy: DEFAULT_SPEECH_PRIVACY,
                place_memory: DEFAULT_PLACE_MEMORY,
                acclimatisation_days: 0,
                acclimatisation_from_db: DEFAULT_ACCLIMATISATION_FROM_DB,
                learned_profile: false,
            },
            levels: Levels::ABSENT,
            loud_acknowledged: root.has("adaptation"),
        };
    };
    let noticeable = acknowledged(table.read("acknowledge_noticeable", flag));
    let up = table.read("slew_up_db_per_min", number(&SLEW));
    let down = table.read("slew_down_db_per_min", number(&SLEW));
    if !noticeable {
        check_noticeable(&table, "slew_up_db_per_min", up.as_written());
        check_noticeable(&table, "slew_down_db_per_min", down.as_written());
    }
    DraftAdaptation {
        law: Adaptation {
            slew_up_db_per_min: up.or(DEFAULT_SLEW_UP_DB_PER_MIN),
            slew_down_db_per_min: down.or(DEFAULT_SLEW_DOWN_DB_PER_MIN),
            neighbour_max_db: table
                .read("neighbour_max_db", number(&NEIGHBOUR_MAX))
                .or(DEFAULT_NEIGHBOUR_MAX_DB),
            startup_ramp_s: table.read("startup_ramp_s", number(&STARTUP_RAMP)).or(DEFAULT_STARTUP_RAMP_S),
            speech_privacy: table
                .read("speech_privacy", number(&SPEECH_PRIVACY))
                .or(DEFAULT_SPEECH_PRIVACY),
            place_memory: table.read("place_memory", flag).or(DEFAULT_PLACE_MEMORY),
            acclimatisation_days: table.read("acclimatisation_days", whole(&ACCLIMATISATION_DAYS)).or(0) as u32,
            acclimatisation_from_db: table
                .read("acclimatisation_from_db", number(&ACCLIMATISATION_FROM))
                .or(DEFAULT_ACCLIMATISATION_FROM_DB),
            learned_profile: table.read("learned_profile", flag).or(false),
        },
        levels: read_levels(&table),
        loud_acknowledged: acknowledged(table.read("acknowledge_loud", flag)),
    }
}

fn acknowledged(flag: Reading<bool>) -> bool {
    flag.effective(false).unwrap_or(true)
}

fn check_noticeable(table: &Table, key: &str, slew: Option<(&f64, &Span)>) {
    let limit = limits::NOTICEABLE_ABOVE_DB_PER_MIN;
    if let Some((slew, span)) = slew.filter(|(slew, _)| **slew > limit) {
        let message = format!("`{key}` = {slew} is fast enough to be noticed (above {limit} dB/min)");
        let help = "write a slower rate, or accept it with acknowledge_noticeable = true in [adaptation]";
        table.notes().error(span, message, help);
    }
}
