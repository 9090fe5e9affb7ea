//! From schedules and an instant to what each zone plays while there is nothing to mask.

use habitat_config::{Site, site::Schedule};
use habitat_dsp::Base;
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// The schedules of a site by its clock.
///
/// A time of day that the clock skips in spring counts as that much later, and of one that comes twice in autumn the first
/// counts, as calendars do it (RFC 5545).
#[derive(Clone, Debug)]
pub struct Calendar {
    time_zone: TimeZone,
    schedules: Vec<Schedule>,
    zones: usize,
}

impl Calendar {
    /// The calendar of a site.
    pub fn of(site: &Site) -> Self {
        Calendar {
            time_zone: site.time_zone.clone(),
            schedules: site.schedules.clone(),
            zones: site.plan.zones.len(),
        }
    }

    /// What each zone plays then: by the last schedule that applies to it, and without one its lowest level.
    pub fn bases(&self, now: Timestamp) -> Vec<Base> {
        let today = self.time_zone.to_datetime(now).date();
        let mut bases = vec![Base::Lowest; self.zones];
        for schedule in &self.schedules {
            // One that is over midnight may have begun yesterday.
            let began = [today.yesterday().ok(), Some(today)];
            if !began.into_iter().flatten().any(|day| self.lasts(schedule, day, now)) {
                continue;
            }
            for zone in &schedule.zones {
                if let Some(base) = bases.get_mut(*zone) {
                    *base = schedule.level_db.map_or(Base::Off, Base::Level);
                }
            }
        }
        bases
    }

    /// The first moment of the day after that of an instant.
    pub fn next_midnight(&self, now: Timestamp) -> Timestamp {
        let today = self.time_zone.to_datetime(now).date();
        let tomorrow = today.tomorrow().ok();
        // There is none at the end of all time only.
        tomorrow.and_then(|day| self.instant(day, Time::midnight())).unwrap_or(now)
    }

    /// Whether a schedule begins on that day and has begun but not ended.
    fn lasts(&self, schedule: &Schedule, day: Date, now: Timestamp) -> bool {
        let weekday = day.weekday().to_monday_zero_offset();
        if !schedule.days.iter().any(|own| i16::from(*own) == i16::from(weekday)) || schedule.holidays.contains(&day) {
            return false;
        }
        let last_day = if schedule.to > schedule.from {
            Ok(day)
        } else {
            day.tomorrow()
        };
        let Ok(last_day) = last_day else { return false };
        let (Some(begin), Some(end)) = (self.instant(day, schedule.from), self.instant(last_day, schedule.to)) else {
            return false;
        };
        (begin..end).contains(&now)
    }

    fn instant(&self, day: Date, time: Time) -> Option<Timestamp> {
        self.time_zone.to_timestamp(day.to_datetime(time)).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Base = Base::Level(41.0);
    const WORKDAYS: &[u8] = &[0, 1, 2, 3, 4];
    const EVERY_DAY: &[u8] = &[0, 1, 2, 3, 4, 5, 6];

    fn schedule(days: &[u8], (from, to): (&str, &str), level_db: Option<f64>) -> Schedule {
        Schedule {
            zones: vec![0],
            days: days.to_vec(),
            from: time_of(from),
            to: time_of(to),
            level_db,
            holidays: Vec::new(),
        }
    }

    fn time_of(text: &str) -> Time {
        Time::strptime("%H:%M", text).unwrap()
    }

    fn calendar(schedules: Vec<Schedule>) -> Calendar {
        Calendar {
            time_zone: TimeZone::get("Europe/Helsinki").unwrap(),
            schedules,
            zones: 2,
        }
    }

    fn calendar_of(schedule: Schedule) -> Calendar {
        calendar(vec![schedule])
    }

    /// The first zone's base at a time with its offset.
    fn base(calendar: &Calendar, time: &str) -> Base {
        let bases = calendar.bases(time.parse().unwrap());
        assert_eq!(bases[1], Base::Lowest, "the other zone has no schedule");
        bases[0]
    }

    #[test]
    fn it_holds_from_its_first_moment_to_before_its_last() {
        let calendar = calendar_of(schedule(EVERY_DAY, ("08:00", "18:00"), Some(41.0)));
        assert_eq!(base(&calendar, "2026-01-05T07:59:59.999+02:00"), Base::Lowest);
        assert_eq!(base(&calendar, "2026-01-05T08:00:00+02:00"), DAY);
        assert_eq!(base(&calendar, "2026-01-05T17:59:59.999+02:00"), DAY);
        assert_eq!(base(&calendar, "2026-01-05T18:00:00+02:00"), Base::Lowest);
    }

    #[test]
    fn over_midnight_it_belongs_to_the_day_on_which_it_begins() {
        let calendar = calendar_of(schedule(&[4], ("18:00", "07:00"), None));
        for (time, expected) in [
            ("2026-01-09T06:00:00+02:00", Base::Lowest), // Friday morning: Thursday evening is not named
            ("2026-01-09T18:00:00+02:00", Base::Off),
            ("2026-01-10T00:00:00+02:00", Base::Off),
            ("2026-01-10T06:59:59+02:00", Base::Off),
            ("2026-01-10T07:00:00+02:00", Base::Lowest),
            ("2026-01-10T18:00:00+02:00", Base::Lowest),
        ] {
            assert_eq!(base(&calendar, time), expected, "{time}");
        }
    }

    #[test]
    fn midnight_ends_a_day_and_from_midnight_to_midnight_is_a_whole_one() {
        let evening = calendar_of(schedule(&[4], ("18:00", "00:00"), None));
        assert_eq!(base(&evening, "2026-01-09T23:59:59+02:00"), Base::Off);
        assert_eq!(base(&evening, "2026-01-10T00:00:00+02:00"), Base::Lowest);
        let weekend = calendar_of(schedule(&[5, 6], ("00:00", "00:00"), None));
        assert_eq!(base(&weekend, "2026-01-09T23:59:59+02:00"), Base::Lowest);
        assert_eq!(base(&weekend, "2026-01-10T00:00:00+02:00"), Base::Off);
        assert_eq!(base(&weekend, "2026-01-11T23:59:59+02:00"), Base::Off);
        assert_eq!(base(&weekend, "2026-01-12T00:00:00+02:00"), Base::Lowest);
    }

    #[test]
    fn on_a_holiday_it_does_not_begin_but_what_began_before_ends_as_usual() {
        let mut night = schedule(EVERY_DAY, ("20:00", "06:00"), None);
        night.holidays = vec![date(2026, 12, 25)];
        let calendar = calendar_of(night);
        assert_eq!(base(&calendar, "2026-12-25T05:00:00+02:00"), Base::Off);
        assert_eq!(base(&calendar, "2026-12-25T21:00:00+02:00"), Base::Lowest);
        assert_eq!(base(&calendar, "2026-12-26T05:00:00+02:00"), Base::Lowest);
        assert_eq!(base(&calendar, "2026-12-26T21:00:00+02:00"), Base::Off);
    }

    #[test]
    fn of_several_that_apply_the_one_listed_last_wins() {
        let mut office = schedule(WORKDAYS, ("07:00", "19:00"), Some(41.0));
        office.holidays = vec![date(2026, 12, 25)];
        let calendar = calendar(vec![schedule(EVERY_DAY, ("00:00", "00:00"), None), office]);
        assert_eq!(base(&calendar, "2026-12-24T12:00:00+02:00"), DAY);
        assert_eq!(base(&calendar, "2026-12-24T19:00:00+02:00"), Base::Off);
        assert_eq!(base(&calendar, "2026-12-25T12:00:00+02:00"), Base::Off, "a holiday");
        assert_eq!(base(&calendar, "2026-12-26T12:00:00+02:00"), Base::Off, "a Saturday");
    }

    /// Minutes of the 26 hours from a time on in which the first zone is off.
    fn off_minutes(calendar: &Calendar, from: &str) -> usize {
        let start: Timestamp = from.parse().unwrap();
        let at = |minute: i64| start + jiff::SignedDuration::from_mins(minute);
        (0..26 * 60)
            .filter(|minute| calendar.bases(at(*minute))[0] == Base::Off)
            .count()
    }

    #[test]
    fn a_night_in_which_the_clock_changes_is_an_hour_shorter_or_longer() {
        let calendar = calendar_of(schedule(EVERY_DAY, ("20:00", "06:00"), None));
        assert_eq!(off_minutes(&calendar, "2026-03-27T12:00:00+02:00"), 10 * 60);
        assert_eq!(off_minutes(&calendar, "2026-03-28T12:00:00+02:00"), 9 * 60);
        assert_eq!(off_minutes(&calendar, "2026-10-24T12:00:00+03:00"), 11 * 60);
        // Both ends are on the new time of the day.
        assert_eq!(base(&calendar, "2026-03-29T05:59:59+03:00"), Base::Off);
        assert_eq!(base(&calendar, "2026-03-29T06:00:00+03:00"), Base::Lowest);
        assert_eq!(base(&calendar, "2026-10-25T05:59:59+02:00"), Base::Off);
        assert_eq!(base(&calendar, "2026-10-25T06:00:00+02:00"), Base::Lowest);
    }

    #[test]
    fn midnight_comes_after_23_or_25_hours_where_the_clock_changes_and_is_the_first_moment_where_it_is_skipped() {
        let midnight = |zone: &str, now: &str| {
            let time_zone = TimeZone::get(zone).unwrap();
            let calendar = Calendar {
                time_zone,
                ..calendar(Vec::new())
            };
            calendar.next_midnight(now.parse().unwrap()).to_string()
        };
        for (zone, now, expected) in [
            ("Europe/Helsinki", "2026-01-05T08:00:00+02:00", "2026-01-05T22:00:00Z"),
            ("Europe/Helsinki", "2026-01-05T00:00:00+02:00", "2026-01-05T22:00:00Z"),
            ("Europe/Helsinki", "2026-01-05T23:59:59+02:00", "2026-01-05T22:00:00Z"),
            // A day of 23 hours, and one of 25 hours.
            ("Europe/Helsinki", "2026-03-29T00:00:00+02:00", "2026-03-29T21:00:00Z"),
            ("Europe/Helsinki", "2026-10-25T00:00:00+03:00", "2026-10-25T22:00:00Z"),
            // In Lebanon summer begins at midnight: the day begins at 01:00.
            ("Asia/Beirut", "2026-03-28T12:00:00+02:00", "2026-03-28T22:00:00Z"),
            // On the Azores it ends at 01:00, so 00:30 comes twice: both times the day is the same.
            ("Atlantic/Azores", "2026-10-25T00:30:00+00:00", "2026-10-26T01:00:00Z"),
            ("Atlantic/Azores", "2026-10-25T00:30:00-01:00", "2026-10-26T01:00:00Z"),
        ] {
            assert_eq!(midnight(zone, now), expected, "{zone} {now}");
        }
    }

    #[test]
    fn a_time_that_is_skipped_is_that_much_later_and_of_one_that_comes_twice_the_first_counts() {
        let calendar = calendar_of(schedule(EVERY_DAY, ("03:30", "05:00"), None));
        // 03:00 becomes 04:00: 03:30 is 04:30.
        assert_eq!(base(&calendar, "2026-03-29T04:29:59+03:00"), Base::Lowest);
        assert_eq!(base(&calendar, "2026-03-29T04:30:00+03:00"), Base::Off);
        assert_eq!(base(&calendar, "2026-03-29T05:00:00+03:00"), Base::Lowest);
        // 04:00 becomes 03:00: it begins at the first 03:30 and lasts through the second.
        assert_eq!(base(&calendar, "2026-10-25T03:29:59+03:00"), Base::Lowest);
        for time in ["03:30:00+03:00", "03:00:00+02:00", "03:30:00+02:00", "04:59:59+02:00"] {
            assert_eq!(base(&calendar, &format!("2026-10-25T{time}")), Base::Off, "{time}");
        }
        assert_eq!(base(&calendar, "2026-10-25T05:00:00+02:00"), Base::Lowest);
        let ends = calendar_of(schedule(EVERY_DAY, ("01:00", "03:30"), None));
        assert_eq!(base(&ends, "2026-10-25T03:29:59+03:00"), Base::Off);
        assert_eq!(
            base(&ends, "2026-10-25T03:15:00+02:00"),
            Base::Lowest,
            "it does not come on again"
        );
    }
}
