//! Minutes, hours and days by the clock of a place.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{DAY_US, MINUTE_US};

/// A quarter of an hour in microseconds. Hours and days of every time zone begin at one.
pub(crate) const QUARTER_US: i64 = 900_000_000;

/// How long the steps of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interval {
    /// A minute.
    Minute,
    /// An hour of the clock.
    Hour,
    /// From midnight to midnight: 23, 24 or 25 hours.
    Day,
}

impl Interval {
    /// All of them.
    pub const ALL: [Interval; 3] = [Interval::Minute, Interval::Hour, Interval::Day];

    /// As it stands in a request.
    pub fn word(self) -> &'static str {
        match self {
            Interval::Minute => "minute",
            Interval::Hour => "hour",
            Interval::Day => "day",
        }
    }

    /// The longest period that may be asked for, days.
    pub fn days_max(self) -> i64 {
        match self {
            Interval::Minute => 7,
            Interval::Hour => 92,
            Interval::Day => 732,
        }
    }

    /// The period that is meant when only its end is known.
    pub fn usual_us(self) -> i64 {
        match self {
            Interval::Minute => 60 * MINUTE_US,
            Interval::Hour => DAY_US,
            Interval::Day => 30 * DAY_US,
        }
    }
}

/// A step of a series: from its start to before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub start_us: i64,
    pub end_us: i64,
}

/// The whole steps from the one that `since` falls in to the one that ends at or after `until`.
pub(super) fn buckets(interval: Interval, zone: &TimeZone, since_us: i64, until_us: i64) -> impl Iterator<Item = Bucket> {
    let mut start_us = start_of(interval, zone, since_us);
    std::iter::from_fn(move || {
        if start_us >= until_us {
            return None;
        }
        let end_us = end_of(interval, zone, start_us);
        let bucket = Bucket { start_us, end_us };
        start_us = end_us;
        Some(bucket)
    })
}

/// The start of the step that a time falls in.
fn start_of(interval: Interval, zone: &TimeZone, time_us: i64) -> i64 {
    if interval == Interval::Minute {
        return floor_to(time_us, MINUTE_US);
    }
    let mut start_us = floor_to(time_us, QUARTER_US);
    let step = step_of(interval, zone, start_us);
    while step_of(interval, zone, start_us - QUARTER_US) == step {
        start_us -= QUARTER_US;
    }
    start_us
}

fn end_of(interval: Interval, zone: &TimeZone, start_us: i64) -> i64 {
    if interval == Interval::Minute {
        return start_us + MINUTE_US;
    }
    let step = step_of(interval, zone, start_us);
    let mut end_us = start_us + QUARTER_US;
    while step_of(interval, zone, end_us) == step {
        end_us += QUARTER_US;
    }
    end_us
}

/// What all quarters of an hour of a step have in common: the date, and for hours the hour and the offset, because where clocks go back
/// an hour comes twice.
fn step_of(interval: Interval, zone: &TimeZone, time_us: i64) -> (civil::Date, Option<(i8, i32)>) {
    let time = Timestamp::from_microsecond(time_us).unwrap_or_default();
    let offset = zone.to_offset(time);
    let local = offset.to_datetime(time);
    let hour = (interval == Interval::Hour).then(|| (local.hour(), offset.seconds()));
    (local.date(), hour)
}

/// The last multiple of a length that is not after a time.
pub(crate) fn floor_to(time_us: i64, length_us: i64) -> i64 {
    time_us - time_us.rem_euclid(length_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_microsecond()
    }

    fn lengths(interval: Interval, zone: &str, since: &str, until: &str) -> Vec<(String, i64)> {
        let zone = TimeZone::get(zone).expect("a time zone");
        let steps = buckets(interval, &zone, at(since), at(until));
        steps
            .map(|step| {
                let start = Timestamp::from_microsecond(step.start_us).expect("a time");
                let text = start.display_with_offset(zone.to_offset(start)).to_string();
                let text = format!("{}{}", &text[5..16], &text[19..]);
                (text, (step.end_us - step.start_us) / MINUTE_US)
            })
            .collect()
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        let spring = lengths(
            Interval::Day,
            "Europe/Helsinki",
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
        );
        let expected = [
            ("03-28T00:00+02:00", 24),
            ("03-29T00:00+02:00", 23),
            ("03-30T00:00+03:00", 24),
        ];
        assert_eq!(spring, expected.map(|(start, hours)| (start.to_owned(), 60 * hours)));
        let autumn = lengths(
            Interval::Day,
            "Europe/Helsinki",
            "2026-10-24T21:00:00Z",
            "2026-10-25T22:00:00Z",
        );
        assert_eq!(autumn, [("10-25T00:00+03:00".to_owned(), 60 * 25)]);
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_and_one_that_is_skipped_none() {
        let autumn = lengths(
            Interval::Hour,
            "Europe/Helsinki",
            "2026-10-25T00:00:00Z",
            "2026-10-25T02:00:00Z",
        );
        let expected = ["10-25T03:00+03:00", "10-25T03:00+02:00"];
        assert_eq!(autumn, expected.map(|start| (start.to_owned(), 60)));
        let spring = lengths(
            Interval::Hour,
            "Europe/Helsinki",
            "2026-03-29T00:30:00Z",
            "2026-03-29T02:00:00Z",
        );
        let expected = ["03-29T02:00+02:00", "03-29T04:00+03:00"];
        assert_eq!(spring, expected.map(|start| (start.to_owned(), 60)));
    }

    #[test]
    fn hours_and_days_of_zones_off_the_hour_are_theirs() {
        let hours = lengths(
            Interval::Hour,
            "Asia/Kathmandu",
            "2026-01-05T08:00:00Z",
            "2026-01-05T09:00:00Z",
        );
        let expected = ["01-05T13:00+05:45", "01-05T14:00+05:45"];
        assert_eq!(hours, expected.map(|start| (start.to_owned(), 60)));
        let days = lengths(Interval::Day, "Asia/Kolkata", "2026-01-05T18:29:00Z", "2026-01-05T18:31:00Z");
        let expected = ["01-05T00:00+05:30", "01-06T00:00+05:30"];
        assert_eq!(days, expected.map(|start| (start.to_owned(), 60 * 24)));
        // Half an hour of summer time.
        let days = lengths(
            Interval::Day,
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            "2026-04-04T15:00:00Z",
        );
        assert_eq!(days, [("04-05T00:00+11:00".to_owned(), 60 * 24 + 30)]);
    }

    #[test]
    fn times_before_1970_have_steps_too() {
        assert_eq!(floor_to(-1, QUARTER_US), -QUARTER_US);
        let minutes = lengths(Interval::Minute, "UTC", "1969-12-31T23:59:30Z", "1970-01-01T00:00:30Z");
        assert_eq!(minutes.len(), 2);
    }
}
