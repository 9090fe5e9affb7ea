//! MQTT: commands come in, state and events go out.
//!
//! `link` owns the connection and does nothing but read and write it. What comes in is sorted by the `inbox` and worked off
//! by one task for mutes and one for settings, so that neither waits for the other or holds the connection up. What goes out
//! waits in the `outbox`, which keeps the newest value of every retained topic: after each connect all of them are published
//! again, so nothing that is retained is ever stale, and a slow broker only gets the newest.
//!
//! Not promised: that every event arrives. Facts that must survive go through the store to the cloud.

mod answer;
mod commands;
#[cfg(test)]
mod contract;
mod counters;
mod events;
mod fair_queue;
mod home_assistant;
mod inbox;
mod leftovers;
mod link;
mod message;
mod mutes;
mod names;
mod outbox;
mod pacing;
mod password;
mod remote_zones;
mod state;
mod tls;
mod topics;

#[cfg(test)]
mod robustness;

use std::sync::Arc;

use habitat_config::site::Mqtt;
use habitat_layout::zones_beside_remote;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::{
    answer::ANSWER_FIELDS,
    counters::{Counters, Counts},
    home_assistant::ANNOUNCED_FIELDS,
};
use self::{
    answer::Answers, home_assistant::HomeAssistant, inbox::inbox, leftovers::Leftovers, link::Link, outbox::Outbox,
    remote_zones::RemoteZones, topics::Topics,
};
use crate::{control::Control, dispatch::Dispatch, health::Health, status::StatusBoard};

/// Zones so near to one of another controller are told in every second, metres. Distraction distances of offices without masking are
/// about as long (ISO 3382-3).
const TOLD_WITHIN_M: f64 = 16.0;

/// Serves MQTT until shutdown; returns within a second after it. Whatever goes wrong is told to the health board and tried again.
pub async fn run(
    mqtt: Mqtt,
    control: Control,
    status: StatusBoard,
    dispatch: Dispatch,
    health: Health,
    counters: Counters,
    shutdown: CancellationToken,
) {
    let outbox = Arc::new(Outbox::new(counters.clone()));
    let topics = Topics::new(&mqtt.topic_prefix, &control.site().id);
    let discovery_prefix = mqtt.home_assistant.as_deref();
    let home_assistant = discovery_prefix.map(|prefix| HomeAssistant::announce(prefix, control.site(), &topics, &outbox));
    let remote_zones = RemoteZones::new(&mqtt.topic_prefix, control.clone(), health.clone());
    let announcements = home_assistant.as_ref().map(HomeAssistant::documents);
    let topics = topics.and_listens_to(remote_zones.topics()).with_announcements(announcements);
    let topics = Arc::new(topics);
    let answers = Answers::new(topics.clone(), outbox.clone(), counters.clone());
    let zones = control.site().plan.zones.iter().map(|zone| zone.id.clone());
    let leftovers = Leftovers::new(zones, topics.clone(), home_assistant, outbox.clone());
    let (inbox, mutes, commands) = inbox(topics.clone(), answers.clone(), leftovers, Some(remote_zones.clone()));

    // Dropping the set, and with it this future, ends them all.
    let mut tasks = JoinSet::new();
    tasks.spawn(mutes::serve(mutes, control.clone(), answers.clone()));
    tasks.spawn(commands::serve(commands, control.clone(), answers));
    let beside_remote = zones_beside_remote(&control.site().plan, TOLD_WITHIN_M);
    tasks.spawn(state::publish_zones(status, beside_remote, topics.clone(), outbox.clone()));
    tasks.spawn(remote_zones.watch());
    tasks.spawn(state::publish_mute(control.mutes(), topics.clone(), outbox.clone()));
    tasks.spawn(events::publish(
        dispatch.listen(),
        topics.clone(),
        outbox.clone(),
        counters.clone(),
    ));

    let link = Link {
        mqtt,
        topics,
        outbox,
        inbox,
        counters,
        health,
        shutdown,
    };
    link.run().await;
}

/// Access to a broker for tests: nothing but its name.
#[cfg(test)]
fn to_broker(host: &str) -> Mqtt {
    Mqtt {
        host: host.into(),
        other_hosts: Vec::new(),
        port: 1883,
        tls: false,
        ca_file: None,
        certificate_file: None,
        key_file: None,
        username: None,
        password_file: None,
        client_id: "habitat-hq".into(),
        topic_prefix: "habitat".into(),
        home_assistant: None,
    }
}
