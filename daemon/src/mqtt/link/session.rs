//! One connection, from connecting to what ended it.

use std::time::Duration;

use rumqttc::{
    Outgoing,
    v5::{
        AsyncClient, ConnectionError, Event, EventLoop, Incoming,
        mqttbytes::{
            QoS,
            v5::{PubAckReason, Publish, PublishProperties, SubAck, SubscribeReasonCode},
        },
    },
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    Link,
    options::{OFFLINE, ONLINE, filters, options},
    trouble::{Stage, Trouble},
};
use crate::{
    health::Part,
    mqtt::message::{Message, Received, Reply},
};

/// Requests between us and the library: one is taken while one waits, and the rest stays in the outbox, where newer values
/// replace older.
const REQUESTS: usize = 2;

/// Keep-alives after which a connection that does not even notice its own silence is given up: the library does not look
/// at its timer while it waits for a full socket.
const STALLED_KEEP_ALIVES: u32 = 3;

/// One connection.
pub(super) struct Session<'a> {
    link: &'a Link,
    /// Cancelled once commands work.
    up: CancellationToken,
}

impl<'a> Session<'a> {
    /// Not yet connected.
    pub fn new(link: &'a Link) -> Self {
        Session {
            link,
            up: CancellationToken::new(),
        }
    }

    /// Whether the connection has worked.
    pub fn was_up(&self) -> bool {
        self.up.is_cancelled()
    }

    /// Connects and serves until something goes wrong. After shutdown the broker's goodbye counts as that too.
    pub async fn run(&self) -> Trouble {
        let (mqtt, topics) = (self.link.mqtt.clone(), self.link.topics.clone());
        let options = match tokio::task::spawn_blocking(move || options(&mqtt, &topics)).await {
            Ok(Ok(options)) => options,
            Ok(Err(problem)) => return Trouble::Wrong(problem),
            Err(panic) => return Trouble::Wrong(format!("the options of the connection could not be made: {panic}")),
        };
        let (client, mut event_loop) = AsyncClient::new(options, REQUESTS);
        let connecting = tokio::select! {
            event = event_loop.poll() => event,
            () = self.link.shutdown.cancelled() => return Trouble::Away("not connected".into()),
        };
        if let Err(error) = connecting {
            return Trouble::new(&error, Stage::Connecting, &self.link.mqtt);
        }
        // The first of few requests, so there is room.
        if client.try_subscribe_many(filters(&self.link.topics)).is_err() {
            return Trouble::Away("the subscription could not be sent".into());
        }
        tokio::select! {
            trouble = self.receive(&mut event_loop) => trouble,
            () = self.publish(&client) => Trouble::Away("the connection was given up".into()),
        }
    }

    /// Reads and writes the connection until it ends.
    async fn receive(&self, event_loop: &mut EventLoop) -> Trouble {
        let patience = STALLED_KEEP_ALIVES * event_loop.options.keep_alive().max(Duration::from_secs(1));
        loop {
            let error = match timeout(patience, event_loop.poll()).await {
                Ok(Ok(event)) => {
                    self.take(event);
                    continue;
                }
                Ok(Err(error)) => error,
                Err(elapsed) => ConnectionError::Timeout(elapsed),
            };
            // What had been read before it broke has been acknowledged already.
            event_loop.state.events.drain(..).for_each(|event| self.take(event));
            return Trouble::new(&error, Stage::Connected, &self.link.mqtt);
        }
    }

    fn take(&self, event: Event) {
        match event {
            Event::Incoming(Incoming::Publish(publish)) => {
                if let Some(message) = received(publish) {
                    self.link.inbox.deliver(message);
                }
            }
            Event::Incoming(Incoming::SubAck(answer)) => self.subscribed(&answer),
            Event::Incoming(Incoming::PubAck(answer))
                if !matches!(answer.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers)
                    && self.link.counters.broker_refused() == 0 =>
            {
                tracing::warn!(
                    reason = ?answer.reason,
                    "the MQTT broker does not accept a message; its access list may be too narrow. From now on counted only"
                );
            }
            Event::Outgoing(Outgoing::Disconnect) => tracing::debug!("said goodbye to the MQTT broker"),
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }

    fn subscribed(&self, answer: &SubAck) {
        let refused = answer.return_codes.iter().zip(self.link.topics.commands());
        let refused: Vec<_> = refused
            .filter(|(code, _)| !matches!(code, SubscribeReasonCode::Success(_)))
            .collect();
        match refused.first() {
            None => self.link.health.ok(Part::Mqtt),
            Some((code, topic)) => self.link.health.degraded(
                Part::Mqtt,
                format!("the MQTT broker refuses the subscription to {topic} ({code:?}), so no commands come in there; its access list has to allow it"),
            ),
        }
        self.up.cancel();
    }

    /// Publishes what the outbox holds, as soon as commands work; at shutdown says goodbye. Returns only when that fails.
    async fn publish(&self, client: &AsyncClient) {
        let everything = async {
            self.up.cancelled().await;
            let status = self.link.topics.status();
            self.link.outbox.set_state(status.clone(), ONLINE.into());
            // Whoever sees "online" sees state that is true.
            self.link.outbox.refresh(&status);
            while send(client, self.link.outbox.next().await).await {}
        };
        tokio::select! {
            () = everything => return,
            () = self.link.shutdown.cancelled() => {}
        }
        let status = Message {
            topic: self.link.topics.status(),
            payload: OFFLINE.into(),
            retain: true,
            correlation: None,
        };
        if send(client, status).await && client.disconnect().await.is_ok() {
            // The broker closes the connection, which ends the other side.
            core::future::pending().await
        }
    }
}

/// Waits for room. `false`: the connection has ended.
async fn send(client: &AsyncClient, message: Message) -> bool {
    let Message {
        topic,
        payload,
        retain,
        correlation,
    } = message;
    let sent = match correlation {
        None => client.publish(topic, QoS::AtLeastOnce, retain, payload).await,
        Some(correlation) => {
            let properties = PublishProperties {
                correlation_data: Some(correlation.into()),
                ..PublishProperties::default()
            };
            client
                .publish_with_properties(topic, QoS::AtLeastOnce, retain, payload, properties)
                .await
        }
    };
    sent.is_ok()
}

/// `None`: the topic is not UTF-8, which no broker lets through.
fn received(publish: Publish) -> Option<Received> {
    let reply = publish.properties.and_then(|properties| {
        let correlation = properties.correlation_data.map(|data| data.to_vec());
        properties.response_topic.map(|topic| Reply { topic, correlation })
    });
    Some(Received {
        topic: str::from_utf8(&publish.topic).ok()?.to_owned(),
        payload: publish.payload.to_vec(),
        retained: publish.retain,
        reply,
    })
}
