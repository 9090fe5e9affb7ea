//! Quarter hours of the week by a site's clock.

use jiff::{Timestamp, civil::date, tz::TimeZone};

/// Minutes of a quarter hour.
pub const QUARTER_MINUTES: i64 = 15;

/// Quarter hours of a week.
pub(super) const SLOTS: usize = 7 * 24 * 4;

/// A quarter hour of a certain week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Its week, from Monday to Sunday, counted from that of 5 January 1970.
    pub week: i64,
    /// Its place in the week: 0 begins on Monday at 00:00.
    pub slot: usize,
}

impl Quarter {
    /// The one that holds an instant.
    pub fn of(time_zone: &TimeZone, time: Timestamp) -> Self {
        let local = time_zone.to_datetime(time);
        let days = local.date().duration_since(date(1970, 1, 5)).as_hours().div_euclid(24);
        let minutes = days.rem_euclid(7) * 24 * 60 + i64::from(local.hour()) * 60 + i64::from(local.minute());
        Quarter {
            week: days.div_euclid(7),
            slot: (minutes / QUARTER_MINUTES) as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(time: &str) -> Quarter {
        Quarter::of(&TimeZone::get("Europe/Helsinki").unwrap(), time.parse().unwrap())
    }

    #[test]
    fn a_week_runs_from_monday_to_sunday_by_the_sites_clock() {
        let monday = quarter("2026-01-05T00:00:00+02:00");
        assert_eq!(monday.slot, 0);
        assert_eq!(quarter("2026-01-05T08:14:59+02:00").slot, 32);
        assert_eq!(quarter("2026-01-05T08:15:00+02:00").slot, 33);
        let sunday = quarter("2026-01-11T23:59:59+02:00");
        assert_eq!((sunday.slot, sunday.week), (SLOTS - 1, monday.week));
        assert_eq!(quarter("2026-01-12T00:00:00+02:00").week, monday.week + 1);
        assert_eq!(
            quarter("2026-07-06T08:15:00+03:00").slot,
            33,
            "in summer it is the same quarter hour"
        );
    }
}
