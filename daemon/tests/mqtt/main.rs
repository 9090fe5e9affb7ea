//! MQTT against a real Mosquitto, against the embedded broker, and against NATS, which speaks an older version.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mosquitto.rs"]
mod mosquitto;
#[path = "../support/nats.rs"]
mod nats;

mod access;
mod client;
mod commands;
mod connection;
mod core;
mod embedded;
mod home_assistant;
mod large_site;
mod leftovers;
mod mutated;
mod mutations;
mod old_broker;
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

use mosquitto::Mosquitto;

/// The same tests against both brokers.
macro_rules! on_both_brokers {
    ($($name:ident),* $(,)?) => {
        mod on_mosquitto {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let broker = super::Mosquitto::start();
                super::core::$name(broker.port()).await;
            })*
        }

        mod on_the_embedded_broker {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let broker = habitatd::demo::broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
                super::core::$name(broker.address().port()).await;
                broker.stop().await;
            })*
        }
    };
}

on_both_brokers![
    the_controller_is_online_and_after_shutdown_offline,
    a_controller_that_crashes_is_offline,
    zone_state_is_retained_and_has_no_percentiles,
    of_many_changes_within_a_second_the_last_is_published,
    a_command_is_answered_with_what_holds_and_what_was_clamped,
    the_answer_also_goes_to_the_response_topic_with_its_correlation_data,
    a_mute_silences_the_loudspeakers_and_a_release_lets_them_play,
    a_mute_of_one_zone_leaves_the_others,
    adaptation_device_and_mute_events_are_published_and_others_not,
    a_retained_command_is_refused,
    another_client_with_the_same_id_is_named,
];
