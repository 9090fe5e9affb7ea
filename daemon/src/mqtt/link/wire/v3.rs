//! A connection in MQTT 3.1.1.

use habitat_config::site::Mqtt;
use rumqttc::{
    AsyncClient, Event, EventLoop, Incoming, LastWill, MqttOptions, Publish, QoS, SubscribeFilter, SubscribeReasonCode,
};

use super::{Arrived, IN_FLIGHT, KEEP_ALIVE, OFFLINE, REQUESTS, Way};
use crate::mqtt::{
    link::trouble::{Stage, Trouble},
    message::{Message, Received},
    topics::{Topic, Topics},
};

/// A broker cannot be told what is too large, and a larger packet ends the connection: what anybody may send has to fit.
const LARGEST_PACKET_BYTES: usize = 16 << 20;

/// The receiving end.
pub(in crate::mqtt::link) struct Wire(EventLoop);

impl Wire {
    pub(super) fn new(way: Way, mqtt: &Mqtt, topics: &Topics) -> (Self, AsyncClient) {
        let mut options = MqttOptions::new(&mqtt.client_id, way.host, mqtt.port);
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_session(true)
            .set_max_packet_size(LARGEST_PACKET_BYTES, LARGEST_PACKET_BYTES)
            .set_inflight(IN_FLIGHT)
            .set_last_will(LastWill::new(topics.at(Topic::Status), OFFLINE, QoS::AtLeastOnce, true));
        if let Some(transport) = way.transport {
            options.set_transport(transport);
        }
        if let Some((username, password)) = way.credentials {
            options.set_credentials(username, password);
        }
        let (client, mut event_loop) = AsyncClient::new(options, REQUESTS);
        event_loop.set_network_options(way.network);
        (Wire(event_loop), client)
    }

    pub(super) async fn connect(&mut self, mqtt: &Mqtt) -> Result<(), Trouble> {
        let connecting = self.0.poll().await;
        connecting
            .map(|_| ())
            .map_err(|error| Trouble::v3(&error, Stage::Connecting, mqtt))
    }

    pub(super) async fn next(&mut self, mqtt: &Mqtt) -> Result<Arrived, (Vec<Arrived>, Trouble)> {
        match self.0.poll().await {
            Ok(event) => Ok(arrived(event)),
            Err(error) => {
                let rest = self.0.state.events.drain(..).map(arrived).collect();
                Err((rest, Trouble::v3(&error, Stage::Connected, mqtt)))
            }
        }
    }
}

fn arrived(event: Event) -> Arrived {
    match event {
        Event::Incoming(Incoming::Publish(publish)) => Arrived::Message(received(publish)),
        Event::Incoming(Incoming::SubAck(answer)) => {
            let granted = |code| matches!(code, &SubscribeReasonCode::Success(_));
            let codes = answer.return_codes.iter();
            Arrived::Subscribed(codes.map(|code| (granted(code), format!("{code:?}"))).collect())
        }
        Event::Incoming(_) | Event::Outgoing(_) => Arrived::Other,
    }
}

fn received(publish: Publish) -> Received {
    Received {
        topic: publish.topic,
        payload: publish.payload.to_vec(),
        retained: publish.retain,
        reply: None,
    }
}

pub(super) fn filters(topics: Vec<String>, leftovers: Vec<String>) -> impl Iterator<Item = SubscribeFilter> {
    let paths = topics.into_iter().chain(leftovers);
    paths.map(|path| SubscribeFilter::new(path, QoS::AtLeastOnce))
}

pub(super) async fn publish(client: &AsyncClient, message: Message) -> bool {
    let sent = client.publish(message.topic, QoS::AtLeastOnce, message.retain, message.payload);
    sent.await.is_ok()
}
