//! What happens, as it happens: the one stream that the page needs.
//!
//! First it tells how everything is, then every change. A listener that is too slow skips to the newest status, and is
//! told how many events it has lost.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use habitat_events::{Data, Event};
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, watch},
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{
    Console,
    api::{
        health::{self, HealthView},
        mute,
    },
    heartbeat::Heartbeat,
};
use crate::{control::MuteState, status::SiteStatus};

/// How often health is looked at; it has no other way to tell that it has changed.
const HEALTH_EVERY: Duration = Duration::from_secs(1);

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// `status`, `event`, `mute`, `health` or `lost`.
    pub name: &'static str,
    /// A JSON document without line breaks.
    pub json: String,
}

impl Message {
    fn new(name: &'static str, content: &impl Serialize) -> Option<Self> {
        let json = serde_json::to_string(content).inspect_err(|error| tracing::error!(name, %error, "cannot be written as JSON"));
        Some(Message { name, json: json.ok()? })
    }
}

struct Live {
    console: Console,
    heartbeat: Arc<Heartbeat>,
    zone: Option<String>,
    status: watch::Receiver<Arc<SiteStatus>>,
    mutes: watch::Receiver<MuteState>,
    events: broadcast::Receiver<Arc<Event>>,
    look_at_health: Interval,
    health: Option<HealthView>,
    shutdown: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

/// The stream, with the events of one zone or of all. Ends at shutdown and gives the permit back when it ends.
pub(super) fn stream(
    console: Console,
    heartbeat: Arc<Heartbeat>,
    zone: Option<String>,
    shutdown: CancellationToken,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Message> + Send + 'static {
    let mut look_at_health = interval(HEALTH_EVERY);
    look_at_health.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut live = Live {
        status: console.status.subscribe(),
        mutes: console.control.mutes(),
        events: console.dispatch.listen(),
        console,
        heartbeat,
        zone,
        look_at_health,
        health: None,
        shutdown,
        _permit: permit,
    };
    live.status.mark_changed();
    live.mutes.mark_changed();
    stream::unfold(live, |mut live| async move { Some((live.next().await?, live)) })
}

impl Live {
    async fn next(&mut self) -> Option<Message> {
        loop {
            let message = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return None,
                changed = self.mutes.changed() => {
                    changed.ok()?;
                    let mutes = self.mutes.borrow_and_update().clone();
                    Message::new("mute", &mute::view(self.console.control.site(), &mutes))
                }
                changed = self.status.changed() => {
                    changed.ok()?;
                    let status = self.status.borrow_and_update().clone();
                    Message::new("status", &*status)
                }
                event = self.events.recv() => match event {
                    Ok(event) if self.wants(&event) => Message::new("event", &*event),
                    Ok(_) => None,
                    Err(broadcast::error::RecvError::Lagged(count)) => Message::new("lost", &json!({ "events": count })),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = self.look_at_health.tick() => self.changed_health(),
            };
            if message.is_some() {
                return message;
            }
        }
    }

    /// Measurements are not told one by one: each status holds those of all zones.
    fn wants(&self, event: &Event) -> bool {
        !matches!(event.data, Data::Measurement(_)) && self.zone.as_ref().is_none_or(|zone| *zone == event.subject)
    }

    fn changed_health(&mut self) -> Option<Message> {
        let health = health::view(&self.console, &self.heartbeat);
        if self.health.as_ref() == Some(&health) {
            return None;
        }
        let message = Message::new("health", &health);
        self.health = Some(health);
        message
    }
}
