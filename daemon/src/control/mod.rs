//! The one door for changes while the daemon runs: settings and mute, from MQTT, HTTP, signals or expiry.
//!
//! Whatever the way in, a change is checked by the same code as the configuration file, stored before it is acknowledged,
//! handed to the engine, and recorded as an event. A mute is handed to the engine first: nothing may hold silence up.

mod channel;
mod mutes;
mod parameters;
mod place;
mod remote;
mod settings;
mod time;

use std::sync::{Arc, Mutex, PoisonError};

use habitat_config::{settings::ZoneSettings, site::Site};
use habitat_dsp::{Parameters, RemoteZone};
use habitat_engine::ParameterWriter;
use tokio::sync::watch;

pub use self::{
    channel::{Channel, Who},
    mutes::MuteState,
    parameters::{base_level_db, initial},
    remote::RemoteHeard,
    settings::Change,
};
use crate::{
    clock::Clock,
    dispatch::Dispatch,
    health::Health,
    mute_memory::MuteMemory,
    places::Places,
    store::{Saved, Store},
    timetable::{Moment, Timetable},
    zone_state::ZoneState,
};

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
    remote_zones: Vec<RemoteZone>,
    fade_out: bool,
    writer: ParameterWriter,
    parameters: Parameters,
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
        let zones = parameters::initial_zones(&site, saved, now);
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
                remote_zones: parameters.remote_zones.clone(),
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

    /// Asks the engine to fade out, because the daemon ends.
    pub fn fade_out(&self) {
        self.lock().fade_out = true;
        self.hand_over();
    }

    fn hand_over(&self) {
        let mut state = self.lock();
        let mutes = self.0.mutes.borrow().clone();
        state.parameters = parameters::parameters(&state.zones, &state.moment, &mutes, &state.remote_zones, state.fade_out);
        self.0.places.tell(&mut state.parameters.zones);
        let State { writer, parameters, .. } = &mut *state;
        writer.write(parameters);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
