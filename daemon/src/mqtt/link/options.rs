//! From the configuration to the options of one connection. The secrets are read anew for each.

use std::{net::Ipv6Addr, sync::Arc, time::Duration};

use habitat_config::site::Mqtt;
use rumqttc::{
    NetworkOptions, TlsConfiguration, Transport,
    v5::{
        MqttOptions,
        mqttbytes::{
            QoS,
            v5::{Filter, LastWill},
        },
    },
};

use super::super::{password, tls, topics::Topics};

/// A broker that is gone without a word is noticed after at most two of these, and it notices us after one and a half.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// For name, connection, TLS and the broker's answer.
pub(super) const CONNECT_TIMEOUT_S: u64 = 5;
/// The broker is told not to send larger packets; ours are far smaller.
const LARGEST_PACKET_BYTES: u32 = 1 << 20;
/// Publishes on their way at once: enough for 2000 per second at 10 ms, few enough that a slow broker gets the newest.
const IN_FLIGHT: u16 = 20;

/// What the controller's `status` says when it is gone.
pub(super) const OFFLINE: &str = "offline";
/// What it says when commands work.
pub(super) const ONLINE: &str = "online";

/// Options of a new connection. Blocks for as long as the disk takes.
///
/// # Errors
/// A sentence that says which file to correct.
pub(super) fn options(mqtt: &Mqtt, topics: &Topics) -> Result<MqttOptions, String> {
    let mut options = MqttOptions::new(&mqtt.client_id, host(mqtt), mqtt.port);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options
        .set_network_options(network)
        .set_connection_timeout(CONNECT_TIMEOUT_S)
        .set_keep_alive(KEEP_ALIVE)
        .set_clean_start(true)
        .set_max_packet_size(Some(LARGEST_PACKET_BYTES))
        .set_outgoing_inflight_upper_limit(IN_FLIGHT)
        .set_last_will(LastWill::new(topics.status(), OFFLINE, QoS::AtLeastOnce, true, None));
    if mqtt.tls {
        let config = tls::client_config(mqtt.ca_file.as_deref())?;
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))));
    }
    if let Some(username) = &mqtt.username {
        let password = mqtt.password_file.as_deref().map(password::read).transpose()?;
        options.set_credentials(username, password.unwrap_or_default());
    }
    Ok(options)
}

/// What to subscribe to: with the retain flag as the sender set it, so that a retained command can be told from others.
pub(super) fn filters(topics: &Topics) -> [Filter; 2] {
    topics.commands().map(|path| Filter {
        preserve_retain: true,
        ..Filter::new(path, QoS::AtLeastOnce)
    })
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

    #[test]
    fn an_ipv6_address_gets_brackets_and_a_name_none() {
        let address = |name: &str| {
            let mqtt = Mqtt {
                host: name.into(),
                port: 1883,
                tls: false,
                ca_file: None,
                username: None,
                password_file: None,
                client_id: "habitat-hq".into(),
                topic_prefix: "habitat".into(),
                home_assistant: false,
            };
            options(&mqtt, &Topics::new("habitat", "hq")).unwrap().broker_address()
        };
        assert_eq!(address("::1"), ("[::1]".into(), 1883));
        assert_eq!(address("127.0.0.1"), ("127.0.0.1".into(), 1883));
        assert_eq!(address("broker.example"), ("broker.example".into(), 1883));
    }
}
