//! The settings of one zone over time: those in force, when they end, and what comes back then.

use habitat_config::{
    settings::{SettingsRequest, Today, ZoneSettings},
    site::ZoneLevels,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{command_memory::CommandMemory, store::SettingsRecord};

/// Settings in force, for good or for a time.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneState {
    /// In force now.
    pub settings: ZoneSettings,
    temporary: Option<Temporary>,
    /// When what holds today instead of the schedules ends, now or in the settings that come back.
    today_ends: Option<Timestamp>,
    /// Commands that made them what they are.
    pub commands: CommandMemory,
}

#[derive(Clone, Debug, PartialEq)]
struct Temporary {
    until: Timestamp,
    then: ZoneSettings,
}

/// What stands in the store beside the time at which it ends.
#[derive(Serialize, Deserialize)]
struct Stored {
    settings: ZoneSettings,
    then: Option<ZoneSettings>,
    /// Absent in what earlier versions stored.
    #[serde(default)]
    today_ends: Option<Timestamp>,
    #[serde(default)]
    commands: CommandMemory,
}

impl ZoneState {
    /// What was stored, or the file's settings. Time that ran out while the daemon was down has run out.
    pub fn restore(record: Option<&SettingsRecord>, levels: &ZoneLevels, now: Timestamp) -> Self {
        let defaults = ZoneSettings::default_for(levels);
        let Some((record, stored)) =
            record.and_then(|record| Some((record, serde_json::from_str::<Stored>(&record.settings_json).ok()?)))
        else {
            return ZoneState {
                settings: defaults,
                temporary: None,
                today_ends: None,
                commands: CommandMemory::default(),
            };
        };
        let then = stored.then.map_or(defaults, |then| within(&then, levels));
        let state = ZoneState {
            settings: within(&stored.settings, levels),
            temporary: record.expires.map(|until| Temporary { until, then }),
            today_ends: stored.today_ends,
            commands: stored.commands,
        };
        state.after_expiry(now).unwrap_or(state)
    }

    /// New settings, for good or until a time; after it, the last lasting ones come back. Whatever they say of today ends at
    /// midnight.
    pub fn changed(&self, settings: ZoneSettings, until: Option<Timestamp>, midnight: Timestamp) -> Self {
        let lasting = self.temporary.as_ref().map_or(&self.settings, |temporary| &temporary.then);
        let temporary = until.map(|until| Temporary {
            until,
            then: lasting.clone(),
        });
        let then_today = temporary.as_ref().map_or(Today::Schedule, |temporary| temporary.then.today);
        let says_something = settings.today != Today::Schedule || then_today != Today::Schedule;
        ZoneState {
            settings,
            temporary,
            today_ends: says_something.then_some(midnight),
            commands: self.commands.clone(),
        }
    }

    /// What comes back if the time of the settings, or the day, has run out.
    pub fn after_expiry(&self, now: Timestamp) -> Option<Self> {
        let mut after = self.clone();
        if let Some(ended) = after.temporary.take_if(|temporary| temporary.until <= now) {
            after.settings = ended.then;
        }
        if after.today_ends.take_if(|midnight| *midnight <= now).is_some() {
            after.settings.today = Today::Schedule;
            if let Some(temporary) = &mut after.temporary {
                temporary.then.today = Today::Schedule;
            }
        }
        (after != *self).then_some(after)
    }

    /// As it is stored.
    ///
    /// # Errors
    /// When a value cannot be written as JSON, which checked settings rule out.
    pub fn record(&self, zone: &str) -> Result<SettingsRecord, serde_json::Error> {
        let then = self.temporary.as_ref().map(|temporary| temporary.then.clone());
        let stored = Stored {
            settings: self.settings.clone(),
            then,
            today_ends: self.today_ends,
            commands: self.commands.clone(),
        };
        Ok(SettingsRecord {
            zone: zone.to_owned(),
            settings_json: serde_json::to_string(&stored)?,
            expires: self.temporary.as_ref().map(|temporary| temporary.until),
        })
    }
}

/// Stored settings under the file's limits, which may have become narrower since.
fn within(settings: &ZoneSettings, levels: &ZoneLevels) -> ZoneSettings {
    let request = SettingsRequest {
        enabled: Some(settings.enabled),
        offset_db: Some(settings.offset_db),
        level_min_db: Some(settings.level_min_db),
        level_max_db: Some(settings.level_max_db),
        soundscape: Some(settings.soundscape),
        today: Some(settings.today),
        ..SettingsRequest::default()
    };
    let defaults = ZoneSettings::default_for(levels);
    defaults.apply(&request, levels).map_or(defaults, |(settings, _)| settings)
}

#[cfg(test)]
mod tests {
    use habitat_config::site::Soundscape;
    use jiff::ToSpan;

    use super::*;

    fn levels(level_max_db: f64) -> ZoneLevels {
        ZoneLevels {
            level_min_db: 40.0,
            level_fixed_db: 43.0,
            level_max_db,
            sti_target: 0.45,
            soundscape: Soundscape::Noise,
        }
    }

    fn with_offset(offset_db: f64) -> ZoneSettings {
        ZoneSettings {
            offset_db,
            ..ZoneSettings::default_for(&levels(46.0))
        }
    }

    fn now() -> Timestamp {
        "2026-01-05T08:00:00Z".parse().unwrap()
    }

    fn midnight() -> Timestamp {
        "2026-01-05T22:00:00Z".parse().unwrap()
    }

    fn with_today(today: Today) -> ZoneSettings {
        ZoneSettings {
            today,
            ..with_offset(-1.0)
        }
    }

    #[test]
    fn what_holds_today_ends_at_midnight_and_the_rest_stays() {
        let first = ZoneState::restore(None, &levels(46.0), now());
        let off = first.changed(with_today(Today::Off), None, midnight());
        assert_eq!(off.after_expiry(midnight() - 1.second()), None);
        let after = off.after_expiry(midnight()).unwrap();
        assert_eq!(after.settings, with_offset(-1.0));
        assert_eq!(after.after_expiry(midnight() + 48.hours()), None);
    }

    #[test]
    fn what_held_today_before_a_temporary_change_comes_back_before_midnight_and_not_after_it() {
        let off = ZoneState::restore(None, &levels(46.0), now()).changed(with_today(Today::Off), None, midnight());
        let on = |hours: i64| off.changed(with_today(Today::On), Some(now() + hours.hours()), midnight());
        assert_eq!(on(1).after_expiry(now() + 1.hour()).unwrap().settings.today, Today::Off);
        let over_midnight = on(20).after_expiry(midnight()).unwrap();
        assert_eq!(over_midnight.settings.today, Today::Schedule);
        let later = over_midnight.after_expiry(now() + 20.hours()).unwrap();
        assert_eq!(later.settings, with_offset(-1.0), "the day it was said for is over");
    }

    #[test]
    fn what_holds_today_outlives_a_restart_and_ends_while_the_daemon_is_down() {
        let off = ZoneState::restore(None, &levels(46.0), now()).changed(with_today(Today::Level(44.5)), None, midnight());
        let record = off.record("z").unwrap();
        let restored = |at, level_max_db| ZoneState::restore(Some(&record), &levels(level_max_db), at);
        assert_eq!(restored(midnight() - 1.second(), 46.0), off);
        assert_eq!(restored(midnight(), 46.0).settings, with_offset(-1.0));
        assert_eq!(
            restored(now(), 44.0).settings.today,
            Today::Level(44.0),
            "within a file that became narrower"
        );
    }

    #[test]
    fn what_an_earlier_version_stored_follows_the_schedules() {
        let settings = r#"{"enabled":true,"offset_db":-1.0,"level_min_db":40.0,"level_max_db":46.0,"soundscape":"noise"}"#;
        let record = SettingsRecord {
            zone: "z".into(),
            settings_json: format!(r#"{{"settings":{settings},"then":null}}"#),
            expires: None,
        };
        assert_eq!(
            ZoneState::restore(Some(&record), &levels(46.0), now()).settings,
            with_offset(-1.0)
        );
    }

    #[test]
    fn after_a_temporary_change_the_last_lasting_settings_come_back() {
        let lasting = ZoneState::restore(None, &levels(46.0), now()).changed(with_offset(-1.0), None, midnight());
        let first = lasting.changed(with_offset(2.0), Some(now() + 1.hour()), midnight());
        let second = first.changed(with_offset(3.0), Some(now() + 2.hours()), midnight());
        assert_eq!(second.after_expiry(now() + 1.hour()), None);
        assert_eq!(second.after_expiry(now() + 2.hours()), Some(lasting));
    }

    #[test]
    fn a_restart_changes_nothing_and_time_goes_on_meanwhile() {
        let lasting = ZoneState::restore(None, &levels(46.0), now()).changed(with_offset(-1.0), None, midnight());
        let temporary = lasting.changed(with_offset(2.0), Some(now() + 1.hour()), midnight());
        let record = temporary.record("z").unwrap();
        let restored = |at| ZoneState::restore(Some(&record), &levels(46.0), at);
        assert_eq!(restored(now() + 59.minutes()), temporary);
        assert_eq!(restored(now() + 1.hour()), lasting);
    }

    #[test]
    fn stored_settings_stay_within_a_file_that_became_narrower() {
        let record = ZoneState::restore(None, &levels(46.0), now()).record("z").unwrap();
        assert_eq!(
            ZoneState::restore(Some(&record), &levels(44.0), now()).settings.level_max_db,
            44.0
        );
    }

    #[test]
    fn a_record_that_cannot_be_read_is_as_if_there_were_none() {
        let record = SettingsRecord {
            zone: "z".into(),
            settings_json: "{".into(),
            expires: None,
        };
        assert_eq!(
            ZoneState::restore(Some(&record), &levels(46.0), now()),
            ZoneState::restore(None, &levels(46.0), now())
        );
    }
}
