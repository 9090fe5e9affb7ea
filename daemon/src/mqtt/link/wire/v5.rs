//! A connection in MQTT 5.

use habitat_config::site::Mqtt;
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, Incoming, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{Filter, LastWill, PubAckReason, Publish, PublishProperties, SubscribeReasonCode},
    },
};

use super::{Arrived, CONNECT_TIMEOUT_S, IN_FLIGHT, KEEP_ALIVE, OFFLINE, REQUESTS, Way};
use crate::mqtt::{
    link::trouble::{Stage, Trouble},
    message::{Message, Received, Reply},
    topics::{Topic, Topics},
};

/// The broker is told not to send larger packets; ours are far smaller.
const LARGEST_PACKET_BYTES: u32 = 1 << 20;

/// The receiving end.
pub(in crate::mqtt::link) struct Wire(EventLoop);

impl Wire {
    pub(super) fn new(way: Way, mqtt: &Mqtt, topics: &Topics) -> (Self, AsyncClient) {
        let mut options = MqttOptions::new(&mqtt.client_id, way.host, mqtt.port);
        options
            .set_network_options(way.network)
            .set_connection_timeout(CONNECT_TIMEOUT_S)
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_start(true)
            .set_max_packet_size(Some(LARGEST_PACKET_BYTES))
            .set_outgoing_inflight_upper_limit(IN_FLIGHT)
            .set_last_will(LastWill::new(topics.at(Topic::Status), OFFLINE, QoS::AtLeastOnce, true, None));
        if let Some(transport) = way.transport {
            options.set_transport(transport);
        }
        if let Some((username, password)) = way.credentials {
            options.set_credentials(username, password);
        }
        let (client, event_loop) = AsyncClient::new(options, REQUESTS);
        (Wire(event_loop), client)
    }

    pub(super) async fn connect(&mut self, mqtt: &Mqtt) -> Result<(), Trouble> {
        let connecting = self.0.poll().await;
        connecting
            .map(|_| ())
            .map_err(|error| Trouble::new(&error, Stage::Connecting, mqtt))
    }

    pub(super) async fn next(&mut self, mqtt: &Mqtt) -> Result<Arrived, (Vec<Arrived>, Trouble)> {
        match self.0.poll().await {
            Ok(event) => Ok(arrived(event)),
            Err(error) => {
                let rest = self.0.state.events.drain(..).map(arrived).collect();
                Err((rest, Trouble::new(&error, Stage::Connected, mqtt)))
            }
        }
    }
}

fn arrived(event: Event) -> Arrived {
    match event {
        Event::Incoming(Incoming::Publish(publish)) => received(publish).map_or(Arrived::Other, Arrived::Message),
        Event::Incoming(Incoming::SubAck(answer)) => {
            let granted = |code| matches!(code, &SubscribeReasonCode::Success(_));
            let codes = answer.return_codes.iter();
            Arrived::Subscribed(codes.map(|code| (granted(code), format!("{code:?}"))).collect())
        }
        Event::Incoming(Incoming::PubAck(answer))
            if !matches!(answer.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers) =>
        {
            Arrived::NotAccepted(format!("{:?}", answer.reason))
        }
        Event::Incoming(_) | Event::Outgoing(_) => Arrived::Other,
    }
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

pub(super) fn filters(topics: Vec<String>, leftovers: Vec<String>) -> impl Iterator<Item = Filter> {
    let filter = |path, nolocal| Filter {
        preserve_retain: true,
        nolocal,
        ..Filter::new(path, QoS::AtLeastOnce)
    };
    let lasting = topics.into_iter().map(move |path| filter(path, true));
    // What is left from before was published by this very client.
    lasting.chain(leftovers.into_iter().map(move |path| filter(path, false)))
}

pub(super) async fn publish(client: &AsyncClient, message: Message) -> bool {
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
