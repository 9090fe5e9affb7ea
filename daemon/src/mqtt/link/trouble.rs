//! What ended a connection, or kept it from coming about, in words.

use std::{error::Error, fmt, io::ErrorKind};

use habitat_config::site::Mqtt;
use rumqttc::v5::{
    ConnectionError, StateError, TlsError,
    mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode},
};

use super::wire::CONNECT_TIMEOUT_S;

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
    /// The broker does not speak this version of MQTT, or not MQTT at all.
    Language(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Trouble::Away(sentence) | Trouble::Wrong(sentence) | Trouble::Language(sentence)) = self;
        formatter.write_str(sentence)
    }
}

impl Trouble {
    /// The connection does not even notice its own silence.
    pub fn silent(mqtt: &Mqtt) -> Self {
        silent(&broker(mqtt))
    }

    /// The sentence for an error in MQTT 3.1.1.
    pub fn v3(error: &rumqttc::ConnectionError, stage: Stage, mqtt: &Mqtt) -> Self {
        use rumqttc::{ConnectionError as Error, StateError as State};
        let broker = broker(mqtt);
        match (stage, error) {
            (_, Error::Tls(error)) => tls(&broker, error),
            (_, Error::ConnectionRefused(code)) => refused_v3(&broker, *code, mqtt),
            (Stage::Connecting, Error::Io(error) | Error::MqttState(State::Io(error)))
                if error.kind() == ErrorKind::InvalidData && mqtt.tls =>
            {
                no_certificate(&broker, error)
            }
            (Stage::Connecting, Error::Io(error)) => Trouble::Away(format!("{broker} cannot be reached: {error}")),
            (Stage::Connecting, Error::NetworkTimeout | Error::FlushTimeout) => late(&broker),
            (Stage::Connecting, _) => no_mqtt(&broker, mqtt),
            (Stage::Connected, Error::NetworkTimeout | Error::FlushTimeout | Error::MqttState(State::AwaitPingResp)) => {
                silent(&broker)
            }
            (Stage::Connected, Error::MqttState(State::ConnectionAborted)) => closed(&broker, mqtt),
            (Stage::Connected, error) => Trouble::Away(format!("the connection to {broker} broke: {}", innermost(error))),
        }
    }

    /// The sentence for an error in MQTT 5.
    pub fn new(error: &ConnectionError, stage: Stage, mqtt: &Mqtt) -> Self {
        let broker = broker(mqtt);
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
            (Stage::Connecting, ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)))
                if error.kind() == ErrorKind::InvalidData && mqtt.tls =>
            {
                no_certificate(&broker, error)
            }
            (Stage::Connecting, ConnectionError::Io(error)) => Trouble::Away(format!("{broker} cannot be reached: {error}")),
            (Stage::Connecting, ConnectionError::Timeout(_)) => late(&broker),
            // A broker of MQTT 3.1.1 answers with a packet that is too short for MQTT 5 and closes the connection.
            (Stage::Connecting, _) => no_mqtt(&broker, mqtt),
            (Stage::Connected, ConnectionError::Timeout(_) | ConnectionError::MqttState(StateError::AwaitPingResp)) => {
                silent(&broker)
            }
            (Stage::Connected, ConnectionError::MqttState(StateError::ConnectionAborted)) => closed(&broker, mqtt),
            (Stage::Connected, error) => Trouble::Away(format!("the connection to {broker} broke: {}", innermost(error))),
        }
    }
}

fn broker(mqtt: &Mqtt) -> String {
    format!("the MQTT broker at {}:{}", mqtt.host, mqtt.port)
}

fn refused_v3(broker: &str, code: rumqttc::ConnectReturnCode, mqtt: &Mqtt) -> Trouble {
    use rumqttc::ConnectReturnCode as Code;
    match code {
        Code::NotAuthorized | Code::BadUserNamePassword => unwanted(broker, mqtt),
        Code::BadClientId => bad_client_id(broker, mqtt),
        Code::ServiceUnavailable => Trouble::Away(format!("{broker} is too busy to accept a connection ({code:?})")),
        Code::RefusedProtocolVersion => Trouble::Language(format!("{broker} speaks neither MQTT 5 nor MQTT 3.1.1")),
        Code::Success => Trouble::Away(format!("{broker} contradicts itself")),
    }
}

/// Such as a web server, or a broker that expects TLS.
fn no_mqtt(broker: &str, mqtt: &Mqtt) -> Trouble {
    let perhaps = if !mqtt.tls {
        "it may expect TLS on this port (`mqtt.tls`)"
    } else if mqtt.certificate_file.is_none() {
        "it may want a certificate of the controller's (`mqtt.certificate_file` and `mqtt.key_file`)"
    } else {
        "it may want another certificate than `mqtt.certificate_file`"
    };
    Trouble::Language(format!(
        "{broker} does not answer as MQTT does and ends the connection; {perhaps}, or be no MQTT broker"
    ))
}

/// In TLS 1.3 a broker says only after the handshake that it does not like our certificate, or that we have none.
fn no_certificate(broker: &str, error: &std::io::Error) -> Trouble {
    Trouble::Wrong(format!(
        "TLS with {broker} is refused: {}; it may want a certificate of the controller's (`mqtt.certificate_file` and \
         `mqtt.key_file`), or another one",
        innermost(error)
    ))
}

fn unwanted(broker: &str, mqtt: &Mqtt) -> Trouble {
    Trouble::Wrong(match &mqtt.username {
        Some(user) => {
            format!("{broker} refuses the user {user:?} or the password; check `mqtt.username` and the file `mqtt.password_file`")
        }
        None => format!("{broker} wants a user name and a password; set `mqtt.username` and `mqtt.password_file`"),
    })
}

fn bad_client_id(broker: &str, mqtt: &Mqtt) -> Trouble {
    Trouble::Wrong(format!(
        "{broker} refuses the client id {:?}; change `mqtt.client_id`",
        mqtt.client_id
    ))
}

/// Many brokers close the connection of the elder of two clients with the same id without a word.
fn closed(broker: &str, mqtt: &Mqtt) -> Trouble {
    Trouble::Away(format!(
        "{broker} has closed the connection, which is tried again; if that repeats, another client may have the same \
         client id {:?} (`mqtt.client_id`)",
        mqtt.client_id
    ))
}

fn silent(broker: &str) -> Trouble {
    Trouble::Away(format!("{broker} has stopped answering"))
}

fn late(broker: &str) -> Trouble {
    Trouble::Away(format!("{broker} does not answer within {CONNECT_TIMEOUT_S} s"))
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
        Code::NotAuthorized | Code::BadUserNamePassword => unwanted(broker, mqtt),
        Code::ClientIdentifierNotValid | Code::BadClientId => bad_client_id(broker, mqtt),
        Code::UnsupportedProtocolVersion | Code::RefusedProtocolVersion => {
            Trouble::Language(format!("{broker} does not speak MQTT 5"))
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
