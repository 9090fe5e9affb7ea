//! What ended a connection, or kept it from coming about, in words.

use std::{error::Error, fmt, io::ErrorKind};

use habitat_config::site::Mqtt;
use rumqttc::v5::{
    ConnectionError, StateError, TlsError,
    mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode},
};

use super::options::CONNECT_TIMEOUT_S;

/// How far the connection had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The broker had not yet accepted us.
    Connecting,
    /// It had.
    Connected,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The broker or the way to it is down; waiting may help.
    Away(String),
    /// Something is set up wrongly; somebody has to correct it.
    Wrong(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Trouble::Away(sentence) | Trouble::Wrong(sentence)) = self;
        formatter.write_str(sentence)
    }
}

impl Trouble {
    /// The sentence for an error.
    pub fn new(error: &ConnectionError, stage: Stage, mqtt: &Mqtt) -> Self {
        let broker = format!("the MQTT broker at {}:{}", mqtt.host, mqtt.port);
        match (stage, error) {
            (_, ConnectionError::Tls(error)) => tls(&broker, error),
            (_, ConnectionError::ConnectionRefused(code)) => refused(&broker, *code, mqtt),
            (
                _,
                ConnectionError::MqttState(StateError::ServerDisconnect {
                    reason_code,
                    reason_string,
                }),
            ) => ended(&broker, *reason_code, reason_string.as_deref(), mqtt),
            (Stage::Connecting, ConnectionError::Io(error)) => Trouble::Away(format!("{broker} cannot be reached: {error}")),
            (Stage::Connecting, ConnectionError::Timeout(_)) => {
                Trouble::Away(format!("{broker} does not answer within {CONNECT_TIMEOUT_S} s"))
            }
            // A broker of MQTT 3.1.1 answers with a packet that is too short for MQTT 5 and closes the connection.
            (Stage::Connecting, _) => Trouble::Wrong(format!(
                "{broker} does not answer as MQTT 5 does and ends the connection; it may speak MQTT 3.1.1 only, which \
                 habitatd cannot use yet, or expect TLS on this port (`mqtt.tls`)"
            )),
            (Stage::Connected, ConnectionError::Timeout(_) | ConnectionError::MqttState(StateError::AwaitPingResp)) => {
                Trouble::Away(format!("{broker} has stopped answering"))
            }
            // Many brokers close the connection of the elder of two clients with the same id without a word.
            (Stage::Connected, ConnectionError::MqttState(StateError::ConnectionAborted)) => Trouble::Away(format!(
                "{broker} has closed the connection, which is tried again; if that repeats, another client may have the same \
                 client id {:?} (`mqtt.client_id`)",
                mqtt.client_id
            )),
            (Stage::Connected, error) => Trouble::Away(format!("the connection to {broker} broke: {}", innermost(error))),
        }
    }
}

fn tls(broker: &str, error: &TlsError) -> Trouble {
    let cause = innermost(error);
    match error {
        // This is how rustls refuses what the other side shows.
        TlsError::Io(error) if error.kind() == ErrorKind::InvalidData => Trouble::Wrong(format!(
            "TLS with {broker} fails: {cause}; `mqtt.ca_file` has to name the authority of its certificate, and \
             `mqtt.host` a name in it"
        )),
        TlsError::Io(_) => Trouble::Away(format!(
            "{broker} breaks off while TLS begins: {cause}; if that stays so, it may not expect TLS on this port"
        )),
        _ => Trouble::Wrong(format!(
            "TLS with {broker} cannot begin: {cause}; `mqtt.host` has to be a name or an IPv4 address"
        )),
    }
}

fn refused(broker: &str, code: ConnectReturnCode, mqtt: &Mqtt) -> Trouble {
    use ConnectReturnCode as Code;
    match code {
        Code::NotAuthorized | Code::BadUserNamePassword => Trouble::Wrong(match &mqtt.username {
            Some(user) => format!(
                "{broker} refuses the user {user:?} or the password; check `mqtt.username` and the file `mqtt.password_file`"
            ),
            None => format!("{broker} wants a user name and a password; set `mqtt.username` and `mqtt.password_file`"),
        }),
        Code::ClientIdentifierNotValid | Code::BadClientId => Trouble::Wrong(format!(
            "{broker} refuses the client id {:?}; change `mqtt.client_id`",
            mqtt.client_id
        )),
        Code::UnsupportedProtocolVersion | Code::RefusedProtocolVersion => {
            Trouble::Wrong(format!("{broker} does not speak MQTT 5, which habitatd needs"))
        }
        Code::ServerUnavailable | Code::ServiceUnavailable | Code::ServerBusy | Code::ConnectionRateExceeded => {
            Trouble::Away(format!("{broker} is too busy to accept a connection ({code:?})"))
        }
        other => Trouble::Wrong(format!("{broker} refuses the connection: {other:?}")),
    }
}

fn ended(broker: &str, code: DisconnectReasonCode, reason: Option<&str>, mqtt: &Mqtt) -> Trouble {
    match code {
        DisconnectReasonCode::SessionTakenOver => Trouble::Wrong(format!(
            "{broker} has ended the connection, because another client has the same client id {:?}; each controller needs \
             its own `mqtt.client_id`",
            mqtt.client_id
        )),
        DisconnectReasonCode::ServerShuttingDown => Trouble::Away(format!("{broker} is shutting down")),
        other => Trouble::Away(format!(
            "{broker} has ended the connection: {}",
            reason.map_or(format!("{other:?}"), str::to_owned)
        )),
    }
}

/// The cause at the bottom is what helps ("connection reset", "unknown issuer"); those above repeat it.
fn innermost(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
