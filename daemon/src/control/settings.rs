//! Settings that somebody changes, for good or for a time.

use habitat_config::{
    settings::{self, SettingsRequest, ZoneSettings},
    site::Scene,
};
use habitat_events::{Data, Preferences, Settings, Today};
use jiff::SignedDuration;

use super::{Channel, Control, Who};
use crate::zone_state::ZoneState;

/// A change that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Settings in force now.
    pub effective: ZoneSettings,
    /// Keys whose value was outside the zone's limits and was brought inside.
    pub clamped: Vec<&'static str>,
    /// The same command had been carried out before, so nothing was done.
    pub repeated: bool,
}

impl Control {
    /// Changes the settings of a zone.
    ///
    /// # Errors
    /// Sentences that say what is wrong; nothing has changed then.
    pub async fn change(&self, zone: usize, request: &SettingsRequest, channel: Channel) -> Result<Change, Vec<String>> {
        let _one_at_a_time = self.0.changing.lock().await;
        // What has run out must not live on in what comes now.
        self.expire_zone(zone).await;
        let (Some(before), Some(levels)) = (self.zone_state(zone), self.0.site.zones.get(zone)) else {
            return Err(vec![format!("zone number {zone} does not exist")]);
        };
        let by = settings::known_operator(self.site(), request.by.as_deref()).map_err(|error| vec![error])?;
        let now = self.0.clock.now();
        if before.commands.knows(request, now) {
            return Ok(Change {
                effective: before.settings,
                clamped: Vec::new(),
                repeated: true,
            });
        }
        let asked = self.of_scene(zone, request)?;
        let (effective, clamped) = before.settings.apply(asked, levels)?;
        let span = |minutes: f64| SignedDuration::from_secs_f64(minutes * 60.0);
        let until = request.for_minutes.map(|minutes| now + span(minutes));
        let mut after = before.changed(effective.clone(), until, self.0.timetable.next_midnight(now));
        after.commands.remember(request, now);
        let stored = self.keep(zone, &after).await;
        stored.map_err(|error| vec![format!("the change could not be stored, so it was not made: {error}")])?;
        self.adopt(zone, after);
        let who = Who { channel, by };
        self.record(zone, who, &before.settings, &effective, request.for_minutes);
        Ok(Change {
            effective,
            clamped,
            repeated: false,
        })
    }

    /// Changes the settings of several zones, one after the other. A scene that sets nothing in a zone leaves it as it is.
    ///
    /// # Errors
    /// For each zone on its own; and if there is no such scene, or none of the zones is in it.
    pub async fn change_all(
        &self,
        zones: &[usize],
        request: &SettingsRequest,
        channel: Channel,
    ) -> Result<Vec<(usize, Result<Change, Vec<String>>)>, Vec<String>> {
        settings::known_operator(self.site(), request.by.as_deref()).map_err(|error| vec![error])?;
        let scene = request.scene.as_deref().map(|scene| self.scene(scene)).transpose()?;
        let sets_something = |zone: &&usize| scene.is_none_or(|scene| scene.settings(**zone).is_some());
        let mut changes = Vec::new();
        for zone in zones.iter().filter(sets_something) {
            changes.push((*zone, self.change(*zone, request, channel).await));
        }
        if changes.is_empty() {
            return Err(vec!["the scene sets nothing in any of these zones".to_owned()]);
        }
        Ok(changes)
    }

    fn scene(&self, id: &str) -> Result<&Scene, Vec<String>> {
        let scenes = &self.0.site.scenes;
        scenes.iter().find(|scene| scene.id == id).ok_or_else(|| {
            let known: Vec<&str> = scenes.iter().map(|scene| scene.id.as_str()).collect();
            vec![if known.is_empty() {
                "there are no scenes; [[scene]] in the configuration makes one".to_owned()
            } else {
                format!("there is no scene {id:?}; there are {}", known.join(", "))
            }]
        })
    }

    /// What a request sets in a zone: its own settings, or those of the scene that it names.
    fn of_scene<'a>(&'a self, zone: usize, request: &'a SettingsRequest) -> Result<&'a SettingsRequest, Vec<String>> {
        let Some(id) = &request.scene else { return Ok(request) };
        let settings = self.scene(id)?.settings(zone);
        settings.ok_or_else(|| vec![format!("scene {id:?} sets nothing in this zone")])
    }

    /// Takes back the settings whose time, or whose day, has run out.
    pub async fn expire(&self) {
        for zone in 0..self.0.site.zones.len() {
            if self.after_expiry(zone).is_some() {
                let _one_at_a_time = self.0.changing.lock().await;
                // Somebody may have changed them while we waited.
                self.expire_zone(zone).await;
            }
        }
    }

    async fn expire_zone(&self, zone: usize) {
        let Some((before, after)) = self.after_expiry(zone) else {
            return;
        };
        if let Err(error) = self.keep(zone, &after).await {
            tracing::warn!(
                error,
                "an expired setting could not be taken off the disk; it has ended all the same"
            );
        }
        // Nothing changes when what has ended would have come back later only.
        if before.settings != after.settings {
            self.record(zone, Channel::Expiry.into(), &before.settings, &after.settings, None);
        }
        self.adopt(zone, after);
    }

    /// A zone before and after what has run out.
    fn after_expiry(&self, zone: usize) -> Option<(ZoneState, ZoneState)> {
        let before = self.zone_state(zone)?;
        let after = before.after_expiry(self.0.clock.now())?;
        Some((before, after))
    }

    async fn keep(&self, zone: usize, state: &ZoneState) -> Result<(), String> {
        let Some(store) = &self.0.store else { return Ok(()) };
        let record = state
            .record(&self.0.site.plan.zones[zone].id)
            .map_err(|error| error.to_string())?;
        store.save_settings(record).await.map_err(|error| error.to_string())
    }

    fn adopt(&self, zone: usize, zone_state: ZoneState) {
        if let Some(slot) = self.lock().zones.get_mut(zone) {
            *slot = zone_state;
        }
        self.hand_over();
    }

    fn record(&self, zone: usize, who: Who<'_>, before: &ZoneSettings, after: &ZoneSettings, for_minutes: Option<f64>) {
        let id = &self.0.site.plan.zones[zone].id;
        let data = Data::Preferences(Preferences {
            zone: id.clone(),
            channel: who.channel.name().to_owned(),
            from: published(before),
            to: published(after),
            for_minutes,
            by: who.by.map(str::to_owned),
        });
        self.0.dispatch.emit(id, self.0.clock.now(), data);
    }
}

fn published(settings: &ZoneSettings) -> Settings {
    Settings {
        enabled: settings.enabled,
        offset_db: settings.offset_db,
        level_min_db: settings.level_min_db,
        level_max_db: settings.level_max_db,
        soundscape: settings.soundscape.name().to_owned(),
        today: match settings.today {
            settings::Today::Schedule => Today::Schedule,
            settings::Today::On => Today::On,
            settings::Today::Off => Today::Off,
            settings::Today::Level(level_db) => Today::Level(level_db),
        },
    }
}
