//! The one door for changes while the daemon runs: settings and mute, from MQTT, HTTP, signals or expiry.
//!
//! Whatever the way in, a change is checked by the same code as the configuration file, stored before it is acknowledged,
//! handed to the engine, and recorded as an event. A mute is handed to the engine first: nothing may hold silence up.

use std::sync::{Arc, Mutex, PoisonError};

use habitat_config::{
    settings::{SettingsRequest, ZoneSettings},
    site::{Site, ZoneLevels},
};
use habitat_dsp::{Parameters, ZoneParameters};
use habitat_engine::ParameterWriter;
use habitat_events::{Data, Mute, Preferences, Settings};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    dispatch::Dispatch,
    health::Health,
    mute_memory::MuteMemory,
    store::{Saved, SettingsRecord, Store},
};

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A message of the broker.
    Mqtt,
    /// The console.
    Http,
    /// SIGUSR1.
    Signal,
    /// The time of a setting has run out.
    Expiry,
}

impl Channel {
    fn name(self) -> &'static str {
        match self {
            Channel::Mqtt => "mqtt",
            Channel::Http => "http",
            Channel::Signal => "signal",
            Channel::Expiry => "expiry",
        }
    }
}

/// What is muted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MuteState {
    /// The whole site.
    pub site: bool,
    /// Each zone by itself, in the order of the layout.
    pub zones: Vec<bool>,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Settings in force now.
    pub effective: ZoneSettings,
    /// Keys whose value was outside the zone's limits and was brought inside.
    pub clamped: Vec<&'static str>,
}

/// Shared by everything that changes something. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    site: Arc<Site>,
    clock: Clock,
    dispatch: Dispatch,
    store: Option<Store>,
    state: Mutex<State>,
    /// One change of settings at a time, from reading the old ones to storing the new.
    changing: tokio::sync::Mutex<()>,
    mutes: watch::Sender<MuteState>,
    memory: MuteMemory,
}

struct State {
    zones: Vec<ZoneState>,
    fade_out: bool,
    writer: ParameterWriter,
    parameters: Parameters,
}

#[derive(Clone)]
struct ZoneState {
    settings: ZoneSettings,
    expires: Option<Timestamp>,
}

/// Parameters before anybody changed anything but what was stored.
pub fn initial(site: &Site, saved: &Saved, now: Timestamp) -> (Parameters, MuteState) {
    let zones = initial_zones(site, saved, now);
    let mutes = MuteState {
        site: saved.mutes.iter().any(Option::is_none),
        zones: site
            .plan
            .zones
            .iter()
            .map(|zone| saved.mutes.iter().flatten().any(|id| *id == zone.id))
            .collect(),
    };
    (parameters(&zones, &mutes, false), mutes)
}

fn initial_zones(site: &Site, saved: &Saved, now: Timestamp) -> Vec<ZoneState> {
    let ids = site.plan.zones.iter().map(|zone| &zone.id);
    ids.zip(&site.zones)
        .map(|(id, levels)| {
            let in_force = |record: &&SettingsRecord| record.zone == *id && record.expires.is_none_or(|at| at > now);
            let stored = saved.settings.iter().find(in_force);
            let settings = stored.and_then(|record| serde_json::from_str::<ZoneSettings>(&record.settings_json).ok());
            match settings {
                Some(settings) => ZoneState {
                    settings: within(&settings, levels),
                    expires: stored.and_then(|record| record.expires),
                },
                None => ZoneState {
                    settings: ZoneSettings::default_for(levels),
                    expires: None,
                },
            }
        })
        .collect()
}

/// Stored settings under the file's limits, which may have become narrower since.
fn within(settings: &ZoneSettings, levels: &ZoneLevels) -> ZoneSettings {
    let request = SettingsRequest {
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

fn parameters(zones: &[ZoneState], mutes: &MuteState, fade_out: bool) -> Parameters {
    let zone = |(zone, muted): (&ZoneState, &bool)| ZoneParameters {
        enabled: zone.settings.enabled,
        offset_db: zone.settings.offset_db,
        level_min_db: zone.settings.level_min_db,
        level_max_db: zone.settings.level_max_db,
        muted: *muted,
    };
    Parameters {
        muted: mutes.site,
        fade_out,
        zones: zones.iter().zip(&mutes.zones).map(zone).collect(),
    }
}

impl Control {
    /// Takes over what was stored. Must be called within a Tokio runtime, which it uses to store mutes.
    pub fn new(
        site: Arc<Site>,
        saved: &Saved,
        clock: Clock,
        dispatch: Dispatch,
        store: Option<Store>,
        health: Health,
        writer: ParameterWriter,
    ) -> Self {
        let (parameters, mutes) = initial(&site, saved, clock.now());
        let zones = initial_zones(&site, saved, clock.now());
        let memory = MuteMemory::new(store.clone(), health);
        Control(Arc::new(Inner {
            site,
            clock,
            dispatch,
            store,
            state: Mutex::new(State {
                zones,
                fade_out: false,
                writer,
                parameters,
            }),
            changing: tokio::sync::Mutex::new(()),
            mutes: watch::channel(mutes).0,
            memory,
        }))
    }

    /// The configuration that limits every change.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// Index of a zone by its id.
    pub fn zone_index(&self, id: &str) -> Option<usize> {
        self.0.site.plan.zones.iter().position(|zone| zone.id == id)
    }

    /// Settings in force.
    pub fn settings(&self, zone: usize) -> Option<ZoneSettings> {
        self.lock().zones.get(zone).map(|zone| zone.settings.clone())
    }

    /// Changes the settings of a zone.
    ///
    /// # Errors
    /// Sentences that say what is wrong; nothing has changed then.
    pub async fn change(&self, zone: usize, request: &SettingsRequest, channel: Channel) -> Result<Change, Vec<String>> {
        let _one_at_a_time = self.0.changing.lock().await;
        let (Some(before), Some(levels)) = (self.settings(zone), self.0.site.zones.get(zone)) else {
            return Err(vec![format!("zone number {zone} does not exist")]);
        };
        let (after, clamped) = before.apply(request, levels)?;
        let until = request
            .for_minutes
            .map(|minutes| self.0.clock.now() + SignedDuration::from_secs_f64(minutes * 60.0));
        let id = &self.0.site.plan.zones[zone].id;
        if let Some(store) = &self.0.store {
            let settings_json = serde_json::to_string(&after).map_err(|error| vec![error.to_string()])?;
            let record = SettingsRecord {
                zone: id.clone(),
                settings_json,
                expires: until,
            };
            let stored = store.save_settings(record).await;
            stored.map_err(|error| vec![format!("the change could not be stored, so it was not made: {error}")])?;
        }
        self.adopt(
            zone,
            ZoneState {
                settings: after.clone(),
                expires: until,
            },
        );
        self.record(zone, channel, &before, &after, request.for_minutes);
        Ok(Change {
            effective: after,
            clamped,
        })
    }

    /// Takes back the settings whose time has run out.
    pub async fn expire(&self) {
        let now = self.0.clock.now();
        let over: Vec<usize> = {
            let state = self.lock();
            let zones = state.zones.iter().enumerate();
            zones
                .filter(|(_, zone)| zone.expires.is_some_and(|at| at <= now))
                .map(|(index, _)| index)
                .collect()
        };
        for zone in over {
            let _one_at_a_time = self.0.changing.lock().await;
            let Some(before) = self.settings(zone) else { continue };
            let after = ZoneSettings::default_for(&self.0.site.zones[zone]);
            if let Some(store) = &self.0.store
                && let Err(error) = store.delete_settings(&self.0.site.plan.zones[zone].id).await
            {
                tracing::warn!(%error, "an expired setting could not be removed from the disk; it is removed from the memory");
            }
            self.adopt(
                zone,
                ZoneState {
                    settings: after.clone(),
                    expires: None,
                },
            );
            self.record(zone, Channel::Expiry, &before, &after, None);
        }
    }

    /// Mutes or releases the site (`None`) or a zone: first the sound, then the record.
    pub fn mute(&self, zone: Option<usize>, muted: bool, channel: Channel) {
        let changed = self.0.mutes.send_if_modified(|mutes| {
            let slot = match zone {
                None => Some(&mut mutes.site),
                Some(zone) => mutes.zones.get_mut(zone),
            };
            slot.is_some_and(|slot| core::mem::replace(slot, muted) != muted)
        });
        if !changed {
            return;
        }
        self.hand_over();
        let zone = zone.map(|zone| self.0.site.plan.zones[zone].id.clone());
        tracing::info!(
            zone = zone.as_deref().unwrap_or("all"),
            muted,
            channel = channel.name(),
            "mute"
        );
        self.0.memory.remember(zone.clone(), muted);
        let subject = zone.clone().unwrap_or_else(|| self.0.site.id.clone());
        let mute = Mute {
            zone,
            muted,
            channel: channel.name().to_owned(),
        };
        self.0.dispatch.emit(&subject, self.0.clock.now(), Data::Mute(mute));
    }

    /// Waits until the mutes so far outlive a restart, as far as the disk lets them. Whoever answers somebody waits for it before.
    pub async fn mutes_kept(&self) {
        self.0.memory.settled().await;
    }

    /// What is muted, and every change of it.
    pub fn mutes(&self) -> watch::Receiver<MuteState> {
        self.0.mutes.subscribe()
    }

    /// Asks the engine to fade out, because the daemon ends.
    pub fn fade_out(&self) {
        self.lock().fade_out = true;
        self.hand_over();
    }

    fn adopt(&self, zone: usize, zone_state: ZoneState) {
        if let Some(slot) = self.lock().zones.get_mut(zone) {
            *slot = zone_state;
        }
        self.hand_over();
    }

    fn hand_over(&self) {
        let mut state = self.lock();
        let mutes = self.0.mutes.borrow().clone();
        state.parameters = parameters(&state.zones, &mutes, state.fade_out);
        let State { writer, parameters, .. } = &mut *state;
        writer.write(parameters);
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
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
