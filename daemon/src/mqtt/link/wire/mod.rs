//! One connection in either version of the protocol. MQTT 5 is spoken where the broker can.

mod v3;
mod v5;

use std::{net::Ipv6Addr, sync::Arc, time::Duration};

use habitat_config::site::Mqtt;
use rumqttc::{NetworkOptions, TlsConfiguration, Transport};

use super::trouble::Trouble;
use crate::mqtt::{
    message::{Message, Received},
    password, tls,
    topics::Topics,
};

/// A broker that is gone without a word is noticed after at most two of these, and it notices us after one and a half.
pub(in crate::mqtt) const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// For name, connection, TLS and the broker's answer.
pub(super) const CONNECT_TIMEOUT_S: u64 = 5;
/// Publishes on their way at once: enough for 2000 per second at 10 ms, few enough that a slow broker gets the newest.
const IN_FLIGHT: u16 = 20;
/// Requests between us and the library: one is taken while one waits, and the rest stays in the outbox, where newer values
/// replace older.
const REQUESTS: usize = 2;

/// What the controller's `status` says when it is gone.
pub(in crate::mqtt) const OFFLINE: &str = "offline";
/// What it says when commands work.
pub(in crate::mqtt) const ONLINE: &str = "online";

/// Which version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// MQTT 5.
    V5,
    /// MQTT 3.1.1, in which nobody can ask for an answer on a topic of his own.
    V3,
}

/// What came in.
pub(super) enum Arrived {
    /// A message.
    Message(Received),
    /// The answer to the subscription: of each topic whether it was granted, and what was said.
    Subscribed(Vec<(bool, String)>),
    /// The broker does not accept one of our messages, and why.
    NotAccepted(String),
    /// What the library does by itself.
    Other,
}

/// The receiving end. It has to be asked all the time, because asking does the writing too.
pub(super) enum Wire {
    /// In MQTT 5.
    V5(Box<v5::Wire>),
    /// In MQTT 3.1.1.
    V3(Box<v3::Wire>),
}

/// The sending end.
#[derive(Clone)]
pub(super) enum Sender {
    /// In MQTT 5.
    V5(rumqttc::v5::AsyncClient),
    /// In MQTT 3.1.1.
    V3(rumqttc::AsyncClient),
}

/// What both versions need.
struct Way {
    host: String,
    network: NetworkOptions,
    transport: Option<Transport>,
    credentials: Option<(String, String)>,
}

/// Both ends of a new connection. Blocks for as long as the disk takes.
///
/// # Errors
/// A sentence that says which file to correct.
pub(super) fn new(version: Version, mqtt: &Mqtt, topics: &Topics) -> Result<(Wire, Sender), String> {
    let way = Way::to(mqtt)?;
    Ok(match version {
        Version::V5 => {
            let (wire, client) = v5::Wire::new(way, mqtt, topics);
            (Wire::V5(Box::new(wire)), Sender::V5(client))
        }
        Version::V3 => {
            let (wire, client) = v3::Wire::new(way, mqtt, topics);
            (Wire::V3(Box::new(wire)), Sender::V3(client))
        }
    })
}

impl Wire {
    /// Connects.
    pub async fn connect(&mut self, mqtt: &Mqtt) -> Result<(), Trouble> {
        match self {
            Wire::V5(wire) => wire.connect(mqtt).await,
            Wire::V3(wire) => wire.connect(mqtt).await,
        }
    }

    /// The next that comes in, or why nothing will any more. What had been read before it broke is in the list.
    pub async fn next(&mut self, mqtt: &Mqtt) -> Result<Arrived, (Vec<Arrived>, Trouble)> {
        match self {
            Wire::V5(wire) => wire.next(mqtt).await,
            Wire::V3(wire) => wire.next(mqtt).await,
        }
    }
}

impl Sender {
    /// Asks for what is to come in, and last for what may be left from before: where the version allows, with the retain flag as the sender
    /// set it, so that a retained command can be told from others, and without commands of our own. `false`: the connection has ended.
    pub async fn subscribe(&self, topics: Vec<String>, leftovers: Vec<String>) -> bool {
        match self {
            Sender::V5(client) => client.subscribe_many(v5::filters(topics, leftovers)).await.is_ok(),
            Sender::V3(client) => client.subscribe_many(v3::filters(topics, leftovers)).await.is_ok(),
        }
    }

    /// Asks for no more of what may be left from before. `false`: the connection has ended.
    pub async fn forget_leftovers(&self, topics: &Topics) -> bool {
        for filter in topics.leftovers() {
            let sent = match self {
                Sender::V5(client) => client.unsubscribe(filter).await.is_ok(),
                Sender::V3(client) => client.unsubscribe(filter).await.is_ok(),
            };
            if !sent {
                return false;
            }
        }
        true
    }

    /// Waits for room. `false`: the connection has ended.
    pub async fn publish(&self, message: Message) -> bool {
        match self {
            Sender::V5(client) => v5::publish(client, message).await,
            Sender::V3(client) => v3::publish(client, message).await,
        }
    }

    /// Says goodbye. `false`: the connection has ended.
    pub async fn disconnect(&self) -> bool {
        match self {
            Sender::V5(client) => client.disconnect().await.is_ok(),
            Sender::V3(client) => client.disconnect().await.is_ok(),
        }
    }
}

impl Way {
    /// The secrets are read anew for each connection.
    fn to(mqtt: &Mqtt) -> Result<Self, String> {
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(CONNECT_TIMEOUT_S);
        let transport = mqtt.tls.then(|| {
            let config = tls::client_config(mqtt)?;
            Ok::<_, String>(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))))
        });
        let credentials = mqtt.username.as_ref().map(|username| {
            let password = mqtt.password_file.as_deref().map(password::read).transpose()?;
            Ok::<_, String>((username.clone(), password.unwrap_or_default()))
        });
        Ok(Way {
            host: host(mqtt),
            network,
            transport: transport.transpose()?,
            credentials: credentials.transpose()?,
        })
    }
}

/// The library joins host and port with a colon, so an IPv6 address needs its brackets. With TLS it has to be as in the
/// certificate instead.
fn host(mqtt: &Mqtt) -> String {
    if !mqtt.tls && mqtt.host.parse::<Ipv6Addr>().is_ok() {
        format!("[{}]", mqtt.host)
    } else {
        mqtt.host.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::to_broker;

    #[test]
    fn an_ipv6_address_gets_brackets_and_a_name_none() {
        let address = |name: &str| host(&to_broker(name));
        assert_eq!(address("::1"), "[::1]");
        assert_eq!(address("127.0.0.1"), "127.0.0.1");
        assert_eq!(address("broker.example"), "broker.example");
    }
}
