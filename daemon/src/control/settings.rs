//! Settings that somebody changes, for good or for a time.

use habitat_config::settings::{SettingsRequest, ZoneSettings};
use habitat_events::{Data, Preferences, Settings};
use jiff::SignedDuration;

use super::{Channel, Control};
use crate::zone_state::ZoneState;

/// A change that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Settings in force now.
    pub effective: ZoneSettings,
    /// Keys whose value was outside the zone's limits and was brought inside.
    pub clamped: Vec<&'static str>,
}

impl Control {
    /// Changes the settings of a zone.
    ///
    /// # Errors
    /// Sentences that say what is wrong; nothing has changed then.
    pub async fn change(&self, zone: usize, request: &SettingsRequest, channel: Channel) -> Result<Change, Vec<String>> {
        let _one_at_a_time = self.0.changing.lock().await;
        let (Some(before), Some(levels)) = (self.zone_state(zone), self.0.site.zones.get(zone)) else {
            return Err(vec![format!("zone number {zone} does not exist")]);
        };
        let (effective, clamped) = before.settings.apply(request, levels)?;
        let span = |minutes: f64| SignedDuration::from_secs_f64(minutes * 60.0);
        let until = request.for_minutes.map(|minutes| self.0.clock.now() + span(minutes));
        let after = before.changed(effective.clone(), until);
        let stored = self.keep(zone, &after).await;
        stored.map_err(|error| vec![format!("the change could not be stored, so it was not made: {error}")])?;
        self.adopt(zone, after);
        self.record(zone, channel, &before.settings, &effective, request.for_minutes);
        Ok(Change { effective, clamped })
    }

    /// Takes back the settings whose time has run out.
    pub async fn expire(&self) {
        for zone in 0..self.0.site.zones.len() {
            if self
                .zone_state(zone)
                .and_then(|state| state.after_expiry(self.0.clock.now()))
                .is_none()
            {
                continue;
            }
            let _one_at_a_time = self.0.changing.lock().await;
            // Somebody may have changed them while we waited.
            let Some(before) = self.zone_state(zone) else { continue };
            let Some(after) = before.after_expiry(self.0.clock.now()) else {
                continue;
            };
            if let Err(error) = self.keep(zone, &after).await {
                tracing::warn!(
                    error,
                    "an expired setting could not be taken off the disk; it has ended all the same"
                );
            }
            self.record(zone, Channel::Expiry, &before.settings, &after.settings, None);
            self.adopt(zone, after);
        }
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

    fn record(&self, zone: usize, channel: Channel, before: &ZoneSettings, after: &ZoneSettings, for_minutes: Option<f64>) {
        let id = &self.0.site.plan.zones[zone].id;
        let data = Data::Preferences(Preferences {
            zone: id.clone(),
            channel: channel.name().to_owned(),
            from: published(before),
            to: published(after),
            for_minutes,
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
    }
}
