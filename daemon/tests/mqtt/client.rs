//! Somebody at the other side of the broker, who hears everything and compares it with what is documented.

use std::time::Duration;

use rumqttc::v5::mqttbytes::v5::{Publish, PublishProperties};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    contract::Contract,
    line::{Line, PATIENCE},
};

/// Topics of the test site.
pub fn topic(name: &str) -> String {
    format!("habitat/hq/{name}")
}

/// A connection that ends with this value.
pub struct Client {
    line: Line,
    contract: Contract,
}

impl Client {
    /// Subscribed to everything when it returns.
    pub async fn connect(port: u16) -> Self {
        Self::connect_to("127.0.0.1", port).await
    }

    /// At another address of this machine.
    pub async fn connect_to(host: &str, port: u16) -> Self {
        Self::open(&format!("test-{}", uuid::Uuid::new_v4()), host, port).await
    }

    /// With a client id.
    pub async fn connect_as(id: &str, port: u16) -> Self {
        Self::open(id, "127.0.0.1", port).await
    }

    async fn open(id: &str, host: &str, port: u16) -> Self {
        Client {
            line: Line::open(id, host, port).await,
            contract: Contract::default(),
        }
    }

    /// Publishes below the site's topics.
    pub async fn send(&self, name: &str, payload: impl Into<Vec<u8>>) {
        self.publish(topic(name), false, payload, PublishProperties::default()).await;
    }

    /// Publishes with the retain flag.
    pub async fn send_retained(&self, name: &str, payload: impl Into<Vec<u8>>) {
        self.send_to(&topic(name), true, payload).await;
    }

    /// Publishes on any topic.
    pub async fn send_to(&self, topic: &str, retain: bool, payload: impl Into<Vec<u8>>) {
        self.publish(topic.to_owned(), retain, payload, PublishProperties::default())
            .await;
    }

    /// Publishes with a response topic.
    pub async fn ask(&self, name: &str, payload: &str, response_topic: &str, correlation: &'static [u8]) {
        let properties = PublishProperties {
            response_topic: Some(response_topic.to_owned()),
            correlation_data: Some(correlation.into()),
            ..PublishProperties::default()
        };
        self.publish(topic(name), false, payload, properties).await;
    }

    async fn publish(&self, topic: String, retain: bool, payload: impl Into<Vec<u8>>, properties: PublishProperties) {
        let sent = self.line.sender.publish(topic, retain, payload.into(), properties);
        assert!(sent.await, "the connection holds");
    }

    /// Sends a command and waits for the answer with its id; `None`: the connection has ended, or nothing came in time.
    pub async fn try_command(&mut self, zone: &str, command: &Value, patience: Duration) -> Option<Value> {
        let (to, answers) = (topic(&format!("zone/{zone}/set")), topic(&format!("zone/{zone}/result")));
        let command_text = command.to_string().into_bytes();
        let sent = self
            .line
            .sender
            .publish(to, false, command_text, PublishProperties::default());
        let answered = async {
            while let Some(message) = self.line.messages.recv().await {
                self.contract.check(&message);
                let answer = serde_json::from_slice::<Value>(&message.payload);
                if let Some(answer) = answer
                    .ok()
                    .filter(|answer| message.topic == answers && answer["id"] == command["id"])
                {
                    return Some(answer);
                }
            }
            None
        };
        timeout(patience, async { if sent.await { answered.await } else { None } })
            .await
            .ok()?
    }

    /// The next message on any topic.
    pub async fn next(&mut self) -> Publish {
        let message = timeout(PATIENCE, self.line.messages.recv())
            .await
            .expect("a message comes")
            .expect("the connection holds");
        self.contract.check(&message);
        message
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

    /// Whether the connection has ended.
    pub fn is_lost(&self) -> bool {
        self.line.messages.is_closed()
    }

    /// Everything that has come so far.
    pub fn so_far(&mut self) -> Vec<Publish> {
        let messages: Vec<_> = std::iter::from_fn(|| self.line.messages.try_recv().ok()).collect();
        messages.iter().for_each(|message| self.contract.check(message));
        messages
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.so_far();
        }
    }
}
