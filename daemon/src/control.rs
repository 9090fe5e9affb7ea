//! The one door for changes while the daemon runs: settings and mute, from MQTT, HTTP, signals or expiry.
//!
//! Whatever the way in, a change is checked by the same code as the configuration file, stored before it is acknowledged,
//! handed to the engine, and recorded as an event. A mute is handed to the engine first: nothing may hold silence up.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use habitat_config::{
    settings::{SettingsRequest, ZoneSettings},
    site::{Site, ZoneLevels},
};
use habitat_dsp::{Base, Parameters, ZoneParameters, adaptation::PlaceMemory};
use habitat_engine::ParameterWriter;
use habitat_events::{Data, Mute, Preferences, Settings, round_to};
use habitat_layout::Zone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    dispatch::Dispatch,
    health::Health,
    mute_memory::MuteMemory,
    places::{KnownPlace, Places},
    store::{LearnedRecord, Saved, Store, WhenFull},
    timetable::{Moment, Progress, Quarter, Timetable},
    zone_state::ZoneState,
};

/// How long an answer waits for the disk at most.
const KEEP: Duration = Duration::from_secs(1);

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
    places: Places,
    timetable: Timetable,
}

struct State {
    zones: Vec<ZoneState>,
    /// The second that the timetable was last asked for, and what it said.
    looked_at_s: i64,
    moment: Moment,
    fade_out: bool,
    writer: ParameterWriter,
    parameters: Parameters,
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
    let moment = Timetable::new(site, saved, now).at(now);
    (parameters(&zones, &moment, &mutes, false), mutes)
}

fn initial_zones(site: &Site, saved: &Saved, now: Timestamp) -> Vec<ZoneState> {
    let restore = |(zone, levels): (&Zone, &ZoneLevels)| {
        let record = saved.settings.iter().find(|record| record.zone == zone.id);
        ZoneState::restore(record, levels, now)
    };
    site.plan.zones.iter().zip(&site.zones).map(restore).collect()
}

fn parameters(zones: &[ZoneState], moment: &Moment, mutes: &MuteState, fade_out: bool) -> Parameters {
    let zone = |((zone, base), muted): ((&ZoneState, &Base), &bool)| ZoneParameters {
        enabled: zone.settings.enabled,
        offset_db: zone.settings.offset_db,
        level_min_db: zone.settings.level_min_db,
        level_max_db: zone.settings.level_max_db,
        base: match *base {
            // What is no higher than the lowest level changes nothing, and is not to be told as a change.
            Base::Level(level_db) if level_db <= zone.settings.level_min_db => Base::Lowest,
            base => base,
        },
        acclimatisation_db: moment.acclimatisation_db,
        places_forgotten: 0,
        muted: *muted,
    };
    Parameters {
        muted: mutes.site,
        fade_out,
        zones: zones.iter().zip(&moment.bases).zip(&mutes.zones).map(zone).collect(),
    }
}

/// The level that a base means under a zone's settings, without acclimatisation; `None`: off.
pub fn base_level_db(base: Base, settings: &ZoneSettings) -> Option<f64> {
    match base {
        Base::Lowest => Some(settings.level_min_db),
        Base::Level(level_db) => Some(level_db.max(settings.level_min_db).min(settings.level_max_db)),
        Base::Off => None,
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
        let now = clock.now();
        let (parameters, mutes) = initial(&site, saved, now);
        let zones = initial_zones(&site, saved, now);
        let timetable = Timetable::new(&site, saved, now);
        let memory = MuteMemory::new(store.clone(), health);
        let places = Places::new(&site, saved, store.clone());
        Control(Arc::new(Inner {
            site,
            clock,
            dispatch,
            store,
            state: Mutex::new(State {
                zones,
                looked_at_s: now.as_second(),
                moment: timetable.at(now),
                fade_out: false,
                writer,
                parameters,
            }),
            changing: tokio::sync::Mutex::new(()),
            mutes: watch::channel(mutes).0,
            memory,
            places,
            timetable,
        }))
    }

    /// What time asks for.
    pub fn timetable(&self) -> &Timetable {
        &self.0.timetable
    }

    /// Hands over what time asks for now, where that is something else than before. Whoever sets the pace calls it: the wall
    /// clock in live operation, the source of the samples under `pipe`.
    pub fn keep_time(&self, now: Timestamp) {
        let second = now.as_second();
        if core::mem::replace(&mut self.lock().looked_at_s, second) == second {
            return;
        }
        let moment = self.0.timetable.at(now);
        let before = core::mem::replace(&mut self.lock().moment, moment.clone());
        if moment == before {
            return;
        }
        if moment.acclimatisation_db != before.acclimatisation_db {
            tracing::info!(level_db = moment.acclimatisation_db, "acclimatisation");
        }
        self.hand_over();
    }

    /// How far people have got used to masking; `None` when that is over or was never wanted.
    pub fn acclimatisation(&self) -> Option<Progress> {
        self.0.timetable.acclimatisation(self.0.clock.now())
    }

    /// What a zone plays now while there is nothing to mask, dB(A); `None`: a schedule has it off.
    pub fn base_level_db(&self, zone: usize) -> Option<f64> {
        let state = self.lock();
        let level_db = base_level_db(*state.moment.bases.get(zone)?, &state.zones.get(zone)?.settings)?;
        Some(round_to(level_db + state.moment.acclimatisation_db, 3))
    }

    /// Learns what adaptation chose for a zone in a quarter hour, and keeps it.
    pub fn learn(&self, zone: usize, quarter: Quarter, level_db: f64) {
        let Some(learned) = self.0.timetable.learn(zone, quarter, level_db) else {
            return;
        };
        let when_full = if self.0.clock.is_stream() {
            WhenFull::Wait
        } else {
            WhenFull::Drop
        };
        if let Some(store) = &self.0.store {
            let record = LearnedRecord {
                zone: self.0.site.plan.zones[zone].id.clone(),
                slot: quarter.slot,
                week: learned.week,
                level_db: learned.level_db,
            };
            store.save_learned(record, when_full);
        }
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
        self.zone_state(zone).map(|state| state.settings)
    }

    fn zone_state(&self, zone: usize) -> Option<ZoneState> {
        self.lock().zones.get(zone).cloned()
    }

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
        // The sound is muted already; a disk that hangs holds nobody up for long.
        if tokio::time::timeout(KEEP, self.0.memory.settled()).await.is_err() {
            tracing::warn!("the disk does not answer; a mute may not survive a restart");
        }
    }

    /// What is muted, and every change of it.
    pub fn mutes(&self) -> watch::Receiver<MuteState> {
        self.0.mutes.subscribe()
    }

    /// Whether this site remembers places.
    pub fn remembers_places(&self) -> bool {
        self.0.places.remembered()
    }

    /// What is known of a zone's place.
    pub fn place(&self, zone: usize) -> Option<KnownPlace> {
        self.0.places.known(zone)
    }

    /// Takes over what the engine says of a zone's place, and how often the zone had forgotten it before.
    pub fn place_learnt(&self, zone: usize, memory: PlaceMemory, places_forgotten: u32) {
        self.0.places.learnt(zone, memory, places_forgotten, self.0.clock.now());
    }

    /// Lets a zone forget its place: first the engine, then the disk.
    ///
    /// # Errors
    /// A sentence that says why the disk still has what was stored; it is tried again.
    pub async fn forget_place(&self, zone: usize, channel: Channel) -> Result<(), String> {
        self.0.places.forget(zone);
        self.hand_over();
        let id = self.0.site.plan.zones.get(zone).map_or("", |zone| &zone.id);
        tracing::info!(zone = id, channel = channel.name(), "the place is forgotten");
        self.0.places.erase(zone).await.map_err(|error| error.to_string())
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
        state.parameters = parameters(&state.zones, &state.moment, &mutes, state.fade_out);
        self.0.places.tell(&mut state.parameters.zones);
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
