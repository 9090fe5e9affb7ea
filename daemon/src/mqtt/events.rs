//! Events for whoever listens now: every adaptation, device and mute event.

use std::sync::Arc;

use habitat_events::{Data, Event};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{counters::Counters, message::Message, outbox::Outbox, topics::Topics};

/// Hands events to the outbox until there are no more.
pub(super) async fn publish(
    mut events: broadcast::Receiver<Arc<Event>>,
    topics: Arc<Topics>,
    outbox: Arc<Outbox>,
    counters: Counters,
) {
    loop {
        match events.recv().await {
            Ok(event) if is_published(&event.data) => {
                if let Ok(payload) = serde_json::to_vec(&*event) {
                    outbox.push(Message {
                        topic: topics.event(),
                        payload,
                        retain: false,
                        correlation: None,
                    });
                }
            }
            Ok(_) => {}
            Err(RecvError::Lagged(count)) => {
                if counters.events_missed(count) == 0 {
                    tracing::warn!(
                        "events come faster than MQTT passes them on; some are missing there, from now on counted only"
                    );
                }
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn is_published(data: &Data) -> bool {
    matches!(data, Data::Adaptation(_) | Data::Device(_) | Data::Mute(_))
}
