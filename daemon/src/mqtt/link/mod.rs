//! The connection to the broker. The only folder that names rumqttc.
//!
//! Each connection is a new client with a clean session: nothing of an old one, neither packet ids nor half-sent
//! messages, can come back. A session (`session`) ends with what went wrong (`trouble`); then comes the next machine of the broker
//! (`hosts`), and when all have been tried a wait.
//! One outage is told to the health board once per kind of trouble, however long it lasts.

mod hosts;
mod session;
mod trouble;
pub(super) mod wire;

use std::{sync::Arc, time::Duration};

use habitat_config::site::Mqtt;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::{hosts::Hosts, session::Session, trouble::Trouble, wire::Version};
use super::{counters::Counters, inbox::Inbox, outbox::Outbox, topics::Topics};
use crate::{
    backoff::Backoff,
    health::{Health, Part},
};

/// The first wait is between one and two seconds: a broker that is there but refuses is not besieged.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// No wait is longer: after an outage commands work again within half a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Nor longer for a cluster, which works again as soon as it has a new leader.
const LONGEST_WAIT_OF_CLUSTER: Duration = Duration::from_secs(5);

/// At shutdown, how long the goodbye may take; without it the broker publishes the last will.
const GOODBYE: Duration = Duration::from_millis(800);

/// Everything that the connection needs.
pub(super) struct Link {
    /// Where the broker is, and who we are.
    pub mqtt: Mqtt,
    /// Names.
    pub topics: Arc<Topics>,
    /// What to publish.
    pub outbox: Arc<Outbox>,
    /// Where to put what comes in.
    pub inbox: Inbox,
    /// What was refused.
    pub counters: Counters,
    /// Who is told what is wrong.
    pub health: Health,
    /// When to stop.
    pub shutdown: CancellationToken,
}

impl Link {
    /// Holds the connection until shutdown.
    pub async fn run(&self) {
        tokio::select! {
            () = self.keep_connected() => {}
            () = async { self.shutdown.cancelled().await; sleep(GOODBYE).await } => {}
        }
    }

    async fn keep_connected(&self) {
        let is_cluster = !self.mqtt.other_hosts.is_empty();
        let longest_wait = if is_cluster { LONGEST_WAIT_OF_CLUSTER } else { LONGEST_WAIT };
        let mut backoff = Backoff::new(FIRST_WAIT, longest_wait, fastrand::u64(..));
        let mut reported = None;
        let mut version = Version::V5;
        let mut hosts = Hosts::of(&self.mqtt);
        while !self.shutdown.is_cancelled() {
            let began = Instant::now();
            let session = Session::new(self, hosts.now(), version);
            let trouble = session.run().await;
            if self.shutdown.is_cancelled() {
                return;
            }
            if session.was_up() {
                reported = None;
            }
            // Whoever does not speak the one may speak the other.
            version = match (&trouble, version) {
                (Trouble::Language(_), Version::V5) => {
                    tracing::debug!("the MQTT broker may speak MQTT 3.1.1 only");
                    version = Version::V3;
                    continue;
                }
                (Trouble::Language(_), Version::V3) => Version::V5,
                _ => version,
            };
            // A connection that breaks at once, again and again, must not reset the waits.
            if session.was_up() && began.elapsed() >= LONGEST_WAIT {
                backoff.reset();
                hosts.has_worked();
            }
            let kind = core::mem::discriminant(&trouble);
            if reported.replace(kind) != Some(kind) {
                self.health.degraded(Part::Mqtt, trouble.to_string());
            }
            if hosts.turn() {
                tokio::select! {
                    () = self.shutdown.cancelled() => return,
                    () = sleep(backoff.next()) => {}
                }
            }
        }
    }
}
