//! What time asks for: schedules, the first weeks of a site, and what a week has taught.
//!
//! A [`Timetable`] knows no clock. Asked for an instant it gives the same [`Moment`] again, so that a run over the `pipe`, which
//! asks before each block, repeats. What a week teaches is used from
//! the next week on, however late it arrives.

mod acclimatisation;
mod calendar;
mod gathering;
mod profile;
mod quarter;

use std::sync::{Arc, Mutex, PoisonError};

use habitat_config::{Site, settings::Today};
use habitat_dsp::Base;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

pub use acclimatisation::{Acclimatisation, Progress};
pub use calendar::Calendar;
pub use gathering::{Adapted, Gathering};
pub use profile::{LearnedLevel, Profile};
pub use quarter::{QUARTER_MINUTES, Quarter};

use crate::store::{LearnedRecord, Saved};

/// What time asks for at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// What the schedules say of each zone, in the order of the layout.
    pub schedules: Vec<Base>,
    /// The level that each zone will need, where it is known.
    pub learned_db: Vec<Option<f64>>,
    /// Added to every level, dB; 0 or less.
    pub acclimatisation_db: f64,
}

impl Moment {
    /// What a zone plays while there is nothing to mask, when this holds today; `None`: there is no such zone.
    pub fn base(&self, zone: usize, today: Today) -> Option<Base> {
        let base = match today {
            Today::Schedule => *self.schedules.get(zone)?,
            Today::On => Base::Lowest,
            Today::Off => Base::Off,
            Today::Level(level_db) => Base::Level(level_db),
        };
        Some(pre_positioned(base, self.learned_db.get(zone).copied().flatten()))
    }
}

/// All of it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Timetable(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    time_zone: TimeZone,
    calendar: Calendar,
    acclimatisation: Acclimatisation,
    /// `None`: nothing is learnt.
    profile: Option<Mutex<Profile>>,
}

impl Timetable {
    /// For a site whose first start was then, or is now.
    pub fn new(site: &Site, saved: &Saved, now: Timestamp) -> Self {
        let profile = site.adaptation.learned_profile.then(|| restored(site, saved));
        Timetable(Arc::new(Inner {
            time_zone: site.time_zone.clone(),
            calendar: Calendar::of(site),
            acclimatisation: Acclimatisation::of(site, saved.first_start.unwrap_or(now)),
            profile: profile.map(Mutex::new),
        }))
    }

    /// What time asks for then.
    pub fn at(&self, now: Timestamp) -> Moment {
        let schedules = self.0.calendar.bases(now);
        let learned_db = self.0.profile.as_ref().map_or(Vec::new(), |profile| {
            // Levels rise slowly: to be there when a quarter hour begins they have to set out in the one before.
            let soon = self.quarter(now.saturating_add(QUARTER_MINUTES.minutes()).unwrap_or(now));
            let profile = profile.lock().unwrap_or_else(PoisonError::into_inner);
            (0..schedules.len()).map(|zone| profile.level_db(zone, soon)).collect()
        });
        Moment {
            schedules,
            learned_db,
            acclimatisation_db: self.0.acclimatisation.level_db(now),
        }
    }

    /// When the day ends that an instant is in.
    pub fn next_midnight(&self, now: Timestamp) -> Timestamp {
        self.0.calendar.next_midnight(now)
    }

    /// How far people have got used to masking; `None` when that is over or was never wanted.
    pub fn acclimatisation(&self, now: Timestamp) -> Option<Progress> {
        self.0.acclimatisation.progress(now)
    }

    /// Whether anything is learnt.
    pub fn learns(&self) -> bool {
        self.0.profile.is_some()
    }

    /// The quarter hour of an instant, by the site's clock.
    pub fn quarter(&self, time: Timestamp) -> Quarter {
        Quarter::of(&self.0.time_zone, time)
    }

    /// Learns the level of a zone in a quarter hour; gives what is to be kept, if anything was to be learnt then.
    pub fn learn(&self, zone: usize, quarter: Quarter, level_db: f64) -> Option<LearnedLevel> {
        let profile = self.0.profile.as_ref()?;
        let mut profile = profile.lock().unwrap_or_else(PoisonError::into_inner);
        profile.learn(zone, quarter, level_db)
    }
}

/// The profile as it was stored; zones that the layout has no more are left out.
fn restored(site: &Site, saved: &Saved) -> Profile {
    let mut profile = Profile::new(site.plan.zones.len());
    for LearnedRecord {
        zone,
        slot,
        week,
        level_db,
    } in saved.learned()
    {
        if let Some(zone) = site.plan.zones.iter().position(|known| known.id == zone) {
            profile.restore(zone, slot, LearnedLevel { level_db, week });
        }
    }
    profile
}

/// The louder of both; what is off stays off.
fn pre_positioned(base: Base, learned_db: Option<f64>) -> Base {
    match (base, learned_db) {
        (Base::Lowest, Some(learned_db)) => Base::Level(learned_db),
        (Base::Level(level_db), Some(learned_db)) => Base::Level(level_db.max(learned_db)),
        (base, _) => base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_raises_a_base_and_never_lowers_it_or_switches_a_zone_on() {
        assert_eq!(pre_positioned(Base::Lowest, Some(42.0)), Base::Level(42.0));
        assert_eq!(pre_positioned(Base::Level(43.0), Some(42.0)), Base::Level(43.0));
        assert_eq!(pre_positioned(Base::Level(41.0), Some(42.0)), Base::Level(42.0));
        assert_eq!(pre_positioned(Base::Off, Some(42.0)), Base::Off);
        assert_eq!(pre_positioned(Base::Lowest, None), Base::Lowest);
    }

    #[test]
    fn a_level_is_pre_positioned_in_the_quarter_hour_before_the_one_that_needs_it_from_the_next_week_on() {
        let folder = tempfile::tempdir().unwrap();
        let layout = "[[floor]]\nid = \"1\"\noutline = [[0,0],[6,0],[6,6],[0,6]]\nheight_m = 2.8\n\
             [[zone]]\nid = \"z\"\nfloor = \"1\"\nkind = \"focus\"\noutline = [[0,0],[6,0],[6,6],[0,6]]\n";
        std::fs::write(folder.path().join("layout.toml"), layout).unwrap();
        let path = folder.path().join("habitat.toml");
        let text = "[site]\nid = \"x\"\ntime_zone = \"Europe/Helsinki\"\n[adaptation]\nlearned_profile = true\n";
        std::fs::write(&path, text).unwrap();
        let site = habitat_config::load(&path)
            .unwrap_or_else(|problems| panic!("{problems}"))
            .site;

        let monday: Timestamp = "2026-01-05T08:00:00+02:00".parse().unwrap();
        let timetable = Timetable::new(&site, &Saved::default(), monday);
        assert!(timetable.learn(0, timetable.quarter(monday), 44.0).is_some());
        let base = |time: &str| timetable.at(time.parse().unwrap()).base(0, Today::Schedule).unwrap();
        assert_eq!(base("2026-01-05T08:00:00+02:00"), Base::Lowest, "the same week");
        assert_eq!(base("2026-01-12T07:44:59+02:00"), Base::Lowest);
        assert_eq!(base("2026-01-12T07:45:00+02:00"), Base::Level(44.0));
        assert_eq!(base("2026-01-12T07:59:59+02:00"), Base::Level(44.0));
        let today = |today| timetable.at("2026-01-12T07:45:00+02:00".parse().unwrap()).base(0, today);
        assert_eq!(today(Today::On), Some(Base::Level(44.0)), "as without a schedule");
        assert_eq!(today(Today::Level(42.0)), Some(Base::Level(44.0)));
        assert_eq!(today(Today::Off), Some(Base::Off));
        assert_eq!(
            base("2026-01-12T08:00:00+02:00"),
            Base::Lowest,
            "adaptation has it from here on"
        );
        assert_eq!(base("2026-01-13T07:45:00+02:00"), Base::Lowest, "another weekday");
        assert_eq!(base("2026-01-19T07:45:00+02:00"), Base::Lowest, "a week for learning");
    }
}
