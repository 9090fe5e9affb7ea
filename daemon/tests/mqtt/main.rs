//! MQTT against a real Mosquitto, against the embedded broker, and against NATS, which speaks an older version.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mosquitto.rs"]
mod mosquitto;
#[path = "../support/nats.rs"]
mod nats;

mod access;
mod client;
mod cluster;
mod commands;
mod connection;
mod contract;
mod core;
mod embedded;
mod home_assistant;
mod large_site;
mod leftovers;
mod line;
mod mutated;
mod mutations;
mod operators;
mod outage;
mod remote_zones;
mod secured;
mod site;
mod storm;
mod today;
mod together;
mod wrong;
mod wrong_payloads;

/// Tests of the module in which this stands, against every broker. Those in the second list need MQTT 5, with the reason.
macro_rules! on_every_broker {
    ($($name:ident),* $(,)?; $($with_mqtt_5:ident: $reason:literal),* $(,)?) => {
        mod on_mosquitto {
            crate::on_every_broker!(@tests crate::mosquitto::Mosquitto::start(), $($name []),*, $($with_mqtt_5 []),*);
        }

        mod on_the_embedded_broker {
            crate::on_every_broker!(@tests crate::embedded::Embedded::start().await, $($name []),*, $($with_mqtt_5 []),*);
        }

        mod on_nats {
            crate::on_every_broker!(@tests crate::nats::Nats::start(), $($name []),*, $($with_mqtt_5 [#[ignore = $reason]]),*);
        }
    };
    (@tests $broker:expr, $($name:ident [$($attribute:tt)*]),* $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        $($attribute)*
        async fn $name() {
            let broker = $broker;
            super::$name(broker.port()).await;
        })*
    };
}
pub(crate) use on_every_broker;
