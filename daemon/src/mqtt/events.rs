//! Events for whoever listens now: every adaptation, device and mute event.

use std::sync::Arc;

use habitat_events::{Data, Event};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{
    counters::Counters,
    message::Message,
    outbox::Outbox,
    topics::{Topic, Topics},
};

/// The types of event that are published. Measurements are in the state, and settings in the answers.
pub(super) const PUBLISHED: [&str; 3] = ["habitat.zone.adaptation.v1", "habitat.device.v1", "habitat.mute.v1"];

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
                        topic: topics.at(Topic::Event),
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
    PUBLISHED.contains(&data.event_type())
}

#[cfg(test)]
mod tests {
    use habitat_events::{IdSource, Mute};
    use jiff::Timestamp;

    use super::*;

    #[tokio::test]
    async fn what_comes_too_fast_is_counted_and_the_newest_goes_on() {
        let (sender, receiver) = broadcast::channel(2);
        for n in 0..5 {
            let mute = Mute {
                zone: None,
                muted: n % 2 == 0,
                channel: "mqtt".into(),
                by: None,
            };
            let id = IdSource::seeded(n).next(Timestamp::UNIX_EPOCH);
            let event = Event {
                id,
                source: "/s".into(),
                subject: "hq".into(),
                time: Timestamp::UNIX_EPOCH,
                data: Data::Mute(mute),
            };
            sender.send(Arc::new(event)).unwrap();
        }
        drop(sender);
        let counters = Counters::default();
        let outbox = Arc::new(Outbox::new(counters.clone()));
        publish(
            receiver,
            Arc::new(Topics::new("habitat", "hq")),
            outbox.clone(),
            counters.clone(),
        )
        .await;
        assert_eq!(counters.counts().missed_events, 3);
        for muted in [false, true] {
            let event: serde_json::Value = serde_json::from_slice(&outbox.next().await.payload).unwrap();
            assert_eq!(event["data"]["muted"], muted);
        }
    }
}
