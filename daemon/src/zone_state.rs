//! The settings of one zone over time: those in force, when they end, and what comes back then.

use habitat_config::{
    settings::{SettingsRequest, ZoneSettings},
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
    #[serde(default)]
    commands: CommandMemory,
}

impl ZoneState {
    /// What was stored, or the file's settings. Time that ran out while the daemon was down has run out.
    pub fn restore(record: Option<&SettingsRecord>, levels: &ZoneLevels, now: Timestamp) -> Self {
        let mut commands = CommandMemory::default();
        let lasting = |settings, commands| ZoneState {
            settings,
            temporary: None,
            commands,
        };
        let defaults = ZoneSettings::default_for(levels);
        let Some((record, stored)) =
            record.and_then(|record| Some((record, serde_json::from_str::<Stored>(&record.settings_json).ok()?)))
        else {
            return lasting(defaults, commands);
        };
        commands = stored.commands;
        let then = stored.then.map_or(defaults, |then| within(&then, levels));
        match record.expires {
            Some(until) if until <= now => lasting(then, commands),
            Some(until) => ZoneState {
                settings: within(&stored.settings, levels),
                temporary: Some(Temporary { until, then }),
                commands,
            },
            None => lasting(within(&stored.settings, levels), commands),
        }
    }

    /// New settings, for good or until a time; after it, the last lasting ones come back.
    pub fn changed(&self, settings: ZoneSettings, until: Option<Timestamp>) -> Self {
        let lasting = self.temporary.as_ref().map_or(&self.settings, |temporary| &temporary.then);
        let temporary = until.map(|until| Temporary {
            until,
            then: lasting.clone(),
        });
        ZoneState {
            settings,
            temporary,
            commands: self.commands.clone(),
        }
    }

    /// What comes back if the time of the settings has run out.
    pub fn after_expiry(&self, now: Timestamp) -> Option<Self> {
        let temporary = self.temporary.as_ref().filter(|temporary| temporary.until <= now)?;
        Some(ZoneState {
            settings: temporary.then.clone(),
            temporary: None,
            commands: self.commands.clone(),
        })
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
        reset: false,
        scene: None,
        enabled: Some(settings.enabled),
        offset_db: Some(settings.offset_db),
        level_min_db: Some(settings.level_min_db),
        level_max_db: Some(settings.level_max_db),
        soundscape: Some(settings.soundscape),
        for_minutes: None,
        id: None,
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

    #[test]
    fn after_a_temporary_change_the_last_lasting_settings_come_back() {
        let lasting = ZoneState::restore(None, &levels(46.0), now()).changed(with_offset(-1.0), None);
        let first = lasting.changed(with_offset(2.0), Some(now() + 1.hour()));
        let second = first.changed(with_offset(3.0), Some(now() + 2.hours()));
        assert_eq!(second.after_expiry(now() + 1.hour()), None);
        assert_eq!(second.after_expiry(now() + 2.hours()), Some(lasting));
    }

    #[test]
    fn a_restart_changes_nothing_and_time_goes_on_meanwhile() {
        let lasting = ZoneState::restore(None, &levels(46.0), now()).changed(with_offset(-1.0), None);
        let temporary = lasting.changed(with_offset(2.0), Some(now() + 1.hour()));
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
