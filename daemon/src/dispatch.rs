//! Where events go: the event log, the outbox, and whoever listens now.

use std::sync::{Arc, Mutex, PoisonError};

use habitat_events::{CloudEvent, Data, Event, IdSource, Measurement, MinuteAggregator};
use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::{
    event_log::EventLog,
    store::{Store, WhenFull},
};

/// Events that a slow listener may lag behind before it loses some.
const LISTENER_BACKLOG: usize = 1024;

/// Gives every event its identity and passes it on. Cheap to clone.
#[derive(Clone)]
pub struct Dispatch(Arc<Inner>);

struct Inner {
    source: String,
    state: Mutex<State>,
    log: Option<EventLog>,
    store: Option<Store>,
    when_full: WhenFull,
    listeners: broadcast::Sender<Arc<Event>>,
}

struct State {
    ids: IdSource,
    minutes: Vec<MinuteAggregator>,
}

impl Dispatch {
    /// For a site with the given number of zones.
    pub fn new(
        source: String,
        ids: IdSource,
        zones: usize,
        log: Option<EventLog>,
        store: Option<Store>,
        when_full: WhenFull,
    ) -> Self {
        Dispatch(Arc::new(Inner {
            source,
            state: Mutex::new(State {
                ids,
                minutes: vec![MinuteAggregator::default(); zones],
            }),
            log,
            store,
            when_full,
            listeners: broadcast::channel(LISTENER_BACKLOG).0,
        }))
    }

    /// Everything from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.listeners.subscribe()
    }

    /// One second of a zone; every sixtieth makes a minute for the cloud.
    pub fn measurement(&self, zone: usize, time: Timestamp, measurement: Measurement) {
        let (event, minute) = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            let minute = state
                .minutes
                .get_mut(zone)
                .and_then(|minutes| minutes.push(measurement.clone()));
            let event = Event {
                id: state.ids.next(time),
                source: self.0.source.clone(),
                subject: measurement.zone.clone(),
                time,
                data: Data::Measurement(measurement),
            };
            let minute = minute.map(|minute| CloudEvent::measurement(state.ids.next(time), &self.0.source, time, minute));
            (event, minute)
        };
        self.publish(event);
        if let (Some(store), Some(minute)) = (&self.0.store, minute) {
            store.append(vec![minute], self.0.when_full);
        }
    }

    /// Any other event.
    pub fn emit(&self, subject: &str, time: Timestamp, data: Data) {
        let id = self.0.state.lock().unwrap_or_else(PoisonError::into_inner).ids.next(time);
        let event = Event {
            id,
            source: self.0.source.clone(),
            subject: subject.to_owned(),
            time,
            data,
        };
        if let (Some(store), Some(event)) = (&self.0.store, CloudEvent::other(&event)) {
            store.append(vec![event], self.0.when_full);
        }
        self.publish(event);
    }

    fn publish(&self, event: Event) {
        if let Some(log) = &self.0.log {
            log.append(&event, self.0.when_full);
        }
        // Nobody listening is no error.
        let _ = self.0.listeners.send(Arc::new(event));
    }
}
