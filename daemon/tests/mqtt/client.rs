//! Somebody at the other side of the broker, who hears everything.

use std::time::Duration;

use rumqttc::{
    NetworkOptions,
    v5::{
        AsyncClient, Event, Incoming, MqttOptions,
        mqttbytes::{
            QoS,
            v5::{Publish, PublishProperties},
        },
    },
};
use serde_json::Value;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::AbortOnDropHandle;

/// Long, because a busy machine pauses; nothing is measured with it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Topics of the test site.
pub fn topic(name: &str) -> String {
    format!("habitat/hq/{name}")
}

/// A connection that ends with this value.
pub struct Client {
    pub client: AsyncClient,
    messages: mpsc::UnboundedReceiver<Publish>,
    _task: AbortOnDropHandle<()>,
}

impl Client {
    /// Subscribed to everything when it returns.
    pub async fn connect(port: u16) -> Self {
        Self::connect_as(&format!("test-{}", uuid::Uuid::new_v4()), port).await
    }

    /// With a client id.
    pub async fn connect_as(id: &str, port: u16) -> Self {
        let mut options = MqttOptions::new(id, "127.0.0.1", port);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        options
            .set_network_options(network)
            .set_max_packet_size(Some(16 << 20))
            .set_outgoing_inflight_upper_limit(100);
        let (client, mut event_loop) = AsyncClient::new(options, 100);
        let (seen, messages) = mpsc::unbounded_channel();
        let (subscribed, is_subscribed) = tokio::sync::oneshot::channel();
        client.subscribe("#", QoS::AtLeastOnce).await.unwrap();
        let task = tokio::spawn(async move {
            let mut subscribed = Some(subscribed);
            while let Ok(event) = event_loop.poll().await {
                match event {
                    Event::Incoming(Incoming::Publish(publish)) => drop(seen.send(publish)),
                    Event::Incoming(Incoming::SubAck(_)) => drop(subscribed.take().map(|s| s.send(()))),
                    _ => {}
                }
            }
        });
        timeout(PATIENCE, is_subscribed).await.expect("the broker answers").unwrap();
        Client {
            client,
            messages,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Publishes below the site's topics.
    pub async fn send(&self, name: &str, payload: impl Into<Vec<u8>>) {
        self.client
            .publish(topic(name), QoS::AtLeastOnce, false, payload.into())
            .await
            .unwrap();
    }

    /// Publishes with the retain flag.
    pub async fn send_retained(&self, name: &str, payload: impl Into<Vec<u8>>) {
        self.client
            .publish(topic(name), QoS::AtLeastOnce, true, payload.into())
            .await
            .unwrap();
    }

    /// Publishes with a response topic.
    pub async fn ask(&self, name: &str, payload: &str, response_topic: &str, correlation: &'static [u8]) {
        let properties = PublishProperties {
            response_topic: Some(response_topic.to_owned()),
            correlation_data: Some(correlation.into()),
            ..PublishProperties::default()
        };
        let payload = payload.as_bytes().to_vec();
        self.client
            .publish_with_properties(topic(name), QoS::AtLeastOnce, false, payload, properties)
            .await
            .unwrap();
    }

    /// The next message on any topic.
    pub async fn next(&mut self) -> Publish {
        timeout(PATIENCE, self.messages.recv())
            .await
            .expect("a message comes")
            .expect("the connection holds")
    }

    /// The next message below the site's topics, on one of them; others are passed over.
    pub async fn next_on(&mut self, name: &str) -> Publish {
        self.next_at(&topic(name)).await
    }

    /// The next message on a topic; others are passed over.
    pub async fn next_at(&mut self, topic: &str) -> Publish {
        loop {
            let message = self.next().await;
            if message.topic == topic.as_bytes() {
                return message;
            }
        }
    }

    /// The next JSON document on a topic of the site.
    pub async fn json_on(&mut self, name: &str) -> Value {
        serde_json::from_slice(&self.next_on(name).await.payload).unwrap()
    }

    /// Waits until a topic of the site has this value.
    pub async fn wait_for(&mut self, name: &str, value: &str) {
        while self.next_on(name).await.payload != value.as_bytes() {}
    }

    /// Everything that has come so far.
    pub fn so_far(&mut self) -> Vec<Publish> {
        std::iter::from_fn(|| self.messages.try_recv().ok()).collect()
    }
}
