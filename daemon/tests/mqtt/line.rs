//! A connection in whichever version of the protocol the broker speaks. Messages look the same in both.

use std::time::Duration;

use rumqttc::{
    NetworkOptions,
    v5::{
        self,
        mqttbytes::{
            QoS,
            v5::{Publish, PublishProperties},
        },
    },
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

/// Long, because a busy machine pauses; nothing is measured with it.
pub const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST_PACKET_BYTES: u32 = 16 << 20;
const REQUESTS: usize = 100;

/// The sending end.
pub enum Sender {
    /// MQTT 5.
    V5(v5::AsyncClient),
    /// MQTT 3.1.1.
    V3(rumqttc::AsyncClient),
}

/// Small packets do not wait for others.
fn at_once() -> NetworkOptions {
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network
}

/// Both ends of a connection that is subscribed to everything.
pub struct Line {
    pub sender: Sender,
    pub messages: mpsc::UnboundedReceiver<Publish>,
    /// Ends the connection with this value.
    _task: AbortOnDropHandle<()>,
}

/// Where to put what comes in, and whom to tell that the subscription is there.
struct Ears {
    seen: mpsc::UnboundedSender<Publish>,
    subscribed: Option<oneshot::Sender<()>>,
}

impl Line {
    /// Tries one version after the other until a broker answers.
    pub async fn open(id: &str, host: &str, port: u16) -> Self {
        let opening = async {
            loop {
                if let Some(line) = Self::speak_v5(id, host, port).await {
                    return line;
                }
                if let Some(line) = Self::speak_v3(id, host, port).await {
                    return line;
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE, opening).await.expect("the broker answers")
    }

    async fn speak_v5(id: &str, host: &str, port: u16) -> Option<Self> {
        let mut options = v5::MqttOptions::new(id, host, port);
        options
            .set_network_options(at_once())
            .set_max_packet_size(Some(LARGEST_PACKET_BYTES))
            .set_outgoing_inflight_upper_limit(100);
        let (client, mut event_loop) = v5::AsyncClient::new(options, REQUESTS);
        client.subscribe("#", QoS::AtLeastOnce).await.unwrap();
        let (mut ears, messages, subscribed) = Ears::new();
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Ok(event) = event_loop.poll().await {
                match event {
                    v5::Event::Incoming(v5::Incoming::Publish(publish)) => ears.hear(publish),
                    v5::Event::Incoming(v5::Incoming::SubAck(_)) => ears.subscribed(),
                    _ => {}
                }
            }
        }));
        let sender = Sender::V5(client);
        subscribed.await.is_ok().then_some(Line {
            sender,
            messages,
            _task: task,
        })
    }

    async fn speak_v3(id: &str, host: &str, port: u16) -> Option<Self> {
        use rumqttc::{AsyncClient, Event, Incoming, MqttOptions};
        let mut options = MqttOptions::new(id, host, port);
        options.set_max_packet_size(LARGEST_PACKET_BYTES as usize, LARGEST_PACKET_BYTES as usize);
        let (client, mut event_loop) = AsyncClient::new(options, REQUESTS);
        client.subscribe("#", rumqttc::QoS::AtLeastOnce).await.unwrap();
        let (mut ears, messages, subscribed) = Ears::new();
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Ok(event) = event_loop.poll().await {
                match event {
                    Event::Incoming(Incoming::Publish(publish)) => {
                        let retain = publish.retain;
                        let publish = Publish::new(publish.topic, QoS::AtLeastOnce, publish.payload, None);
                        ears.hear(Publish { retain, ..publish });
                    }
                    Event::Incoming(Incoming::SubAck(_)) => ears.subscribed(),
                    _ => {}
                }
            }
        }));
        let sender = Sender::V3(client);
        subscribed.await.is_ok().then_some(Line {
            sender,
            messages,
            _task: task,
        })
    }
}

impl Ears {
    fn new() -> (Self, mpsc::UnboundedReceiver<Publish>, oneshot::Receiver<()>) {
        let (seen, messages) = mpsc::unbounded_channel();
        let (subscribed, is_subscribed) = oneshot::channel();
        let ears = Ears {
            seen,
            subscribed: Some(subscribed),
        };
        (ears, messages, is_subscribed)
    }

    fn hear(&self, publish: Publish) {
        // The test may have ended.
        let _ = self.seen.send(publish);
    }

    fn subscribed(&mut self) {
        if let Some(subscribed) = self.subscribed.take() {
            let _ = subscribed.send(());
        }
    }
}

impl Sender {
    /// Publishes; only MQTT 5 has properties. `false`: the connection has ended.
    pub async fn publish(&self, topic: String, retain: bool, payload: Vec<u8>, properties: PublishProperties) -> bool {
        match self {
            Sender::V5(client) => {
                let sent = client.publish_with_properties(topic, QoS::AtLeastOnce, retain, payload, properties);
                sent.await.is_ok()
            }
            Sender::V3(client) => {
                assert_eq!(properties, PublishProperties::default(), "MQTT 3.1.1 has no properties");
                let sent = client.publish(topic, rumqttc::QoS::AtLeastOnce, retain, payload);
                sent.await.is_ok()
            }
        }
    }
}
