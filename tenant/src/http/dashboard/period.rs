//! From when to when.

use jiff::Timestamp;

use crate::{
    dashboard::{DAY_US, QUARTER_US, floor_to},
    http::parameters::{Parameters, in_order},
};

/// Longest period of a ranking or of changes, days.
const DAYS_MAX: i64 = 92;
/// The period when only its end is known.
const USUAL_US: i64 = 7 * DAY_US;

/// From a time to before another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub since_us: i64,
    pub until_us: i64,
}

impl Period {
    /// What `since` and `until` say; without an end now, without a beginning as long as usual.
    pub fn of(parameters: &Parameters, usual_us: i64, days_max: i64) -> Result<Self, String> {
        let (since, until) = (parameters.time_us("since")?, parameters.time_us("until")?);
        in_order(since, until)?;
        let until_us = until.unwrap_or_else(|| Timestamp::now().as_microsecond());
        let since_us = since.unwrap_or(until_us.saturating_sub(usual_us));
        if since_us >= until_us {
            return Err("parameter since is in the future; right would be a time that has been, or until besides".to_owned());
        }
        if until_us.saturating_sub(since_us) > days_max * DAY_US {
            return Err(format!(
                "parameter since is more than {days_max} days before until; right would be a period of at most {days_max} days"
            ));
        }
        Ok(Period { since_us, until_us })
    }

    /// The usual limits.
    pub fn of_weeks(parameters: &Parameters) -> Result<Self, String> {
        Self::of(parameters, USUAL_US, DAYS_MAX)
    }

    /// The full quarters of an hour that it touches.
    pub fn in_quarters(self) -> Self {
        Period {
            since_us: floor_to(self.since_us, QUARTER_US),
            until_us: floor_to(self.until_us + QUARTER_US - 1, QUARTER_US),
        }
    }

    /// Its beginning, in words.
    pub fn since(self) -> String {
        written(self.since_us)
    }

    /// Its end.
    pub fn until(self) -> String {
        written(self.until_us)
    }
}

fn written(time_us: i64) -> String {
    Timestamp::from_microsecond(time_us).unwrap_or_default().to_string()
}
