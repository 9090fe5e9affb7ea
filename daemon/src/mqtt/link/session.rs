//! One connection, from connecting to what ended it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use habitat_config::site::Mqtt;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Link,
    trouble::Trouble,
    wire::{self, Arrived, KEEP_ALIVE, OFFLINE, ONLINE, Sender, Version, Wire},
};
use crate::{
    health::Part,
    mqtt::{message::Message, topics::Topic},
};

/// Keep-alives after which a connection that does not even notice its own silence is given up: the library does not look
/// at its timer while it waits for a full socket.
const STALLED: Duration = Duration::from_secs(3 * KEEP_ALIVE.as_secs());

/// When a refused subscription is asked for again: a cluster that has just lost a machine refuses what it grants a little later.
const AGAIN: Duration = Duration::from_secs(5);

/// After a connect, how long the broker may take to send what is retained from before. Then it would only send what we publish ourselves.
const LEFTOVERS: Duration = Duration::from_secs(10);

/// One connection.
pub(super) struct Session<'a> {
    link: &'a Link,
    mqtt: &'a Mqtt,
    version: Version,
    /// Cancelled once commands work.
    up: CancellationToken,
    /// What was asked for and not granted yet.
    wanted: Mutex<Vec<String>>,
    /// Told when some of it was refused.
    refused: Notify,
}

impl<'a> Session<'a> {
    /// Not yet connected.
    pub fn new(link: &'a Link, mqtt: &'a Mqtt, version: Version) -> Self {
        Session {
            link,
            mqtt,
            version,
            up: CancellationToken::new(),
            wanted: Mutex::new(link.topics.subscriptions().collect()),
            refused: Notify::new(),
        }
    }

    /// Whether the connection has worked.
    pub fn was_up(&self) -> bool {
        self.up.is_cancelled()
    }

    /// Connects and serves until something goes wrong. After shutdown the broker's goodbye counts as that too.
    pub async fn run(&self) -> Trouble {
        let (mqtt, topics, version) = (self.mqtt.clone(), self.link.topics.clone(), self.version);
        let ends = match tokio::task::spawn_blocking(move || wire::new(version, &mqtt, &topics)).await {
            Ok(ends) => ends,
            Err(panic) => Err(format!("the options of the connection could not be made: {panic}")),
        };
        let (mut wire, sender) = match ends {
            Ok(ends) => ends,
            Err(problem) => return Trouble::Wrong(problem),
        };
        let connecting = tokio::select! {
            connecting = wire.connect(self.mqtt) => connecting,
            () = self.link.shutdown.cancelled() => return Trouble::Away("not connected".into()),
        };
        if let Err(trouble) = connecting {
            return trouble;
        }
        // The first of few requests, so there is room.
        if !sender.subscribe(self.wanted(), self.link.topics.leftovers().collect()).await {
            return Trouble::Away("the subscription could not be sent".into());
        }
        tokio::select! {
            trouble = self.receive(&mut wire) => trouble,
            () = self.subscribe_again(&sender) => Trouble::Away("the connection was given up".into()),
            () = self.publish(&sender) => Trouble::Away("the connection was given up".into()),
        }
    }

    /// Reads and writes the connection until it ends.
    async fn receive(&self, wire: &mut Wire) -> Trouble {
        loop {
            match timeout(STALLED, wire.next(self.mqtt)).await {
                Ok(Ok(arrived)) => self.take(arrived),
                Ok(Err((rest, trouble))) => {
                    // What had been read before it broke has been acknowledged already.
                    rest.into_iter().for_each(|arrived| self.take(arrived));
                    return trouble;
                }
                Err(_) => return Trouble::silent(self.mqtt),
            }
        }
    }

    fn take(&self, arrived: Arrived) {
        match arrived {
            Arrived::Message(message) => self.link.inbox.deliver(message),
            Arrived::Subscribed(answers) => self.subscribed(&answers),
            Arrived::NotAccepted(reason) if self.link.counters.broker_refused() == 0 => {
                tracing::warn!(
                    reason,
                    "the MQTT broker does not accept a message; its access list may be too narrow. From now on counted only"
                );
            }
            Arrived::NotAccepted(_) | Arrived::Other => {}
        }
    }

    fn subscribed(&self, answers: &[(bool, String)]) {
        // Those of what is left from before come last: a broker that does not show it keeps it, and everything works all the same.
        let wanted = self.wanted();
        let answered = wanted.into_iter().zip(answers);
        let refused: Vec<_> = answered.filter(|(_, (granted, _))| !granted).collect();
        match refused.first() {
            None => self.link.health.ok(Part::Mqtt),
            Some((topic, (_, said))) => {
                let problem = format!(
                    "the MQTT broker refuses the subscription to {topic} ({said}), so nothing comes in there; its access list has to \
                     allow it. It is asked for again each {} s",
                    AGAIN.as_secs()
                );
                self.link.health.degraded(Part::Mqtt, problem);
                self.refused.notify_one();
            }
        }
        let refused = refused.into_iter().map(|(topic, _)| topic).collect();
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = refused;
        self.up.cancel();
    }

    fn wanted(&self) -> Vec<String> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for what was refused, and for nothing else: a subscription brings its retained messages again. Returns when that fails.
    async fn subscribe_again(&self, sender: &Sender) {
        loop {
            self.refused.notified().await;
            sleep(AGAIN).await;
            if !sender.subscribe(self.wanted(), Vec::new()).await {
                return;
            }
        }
    }

    /// Publishes what the outbox holds, as soon as commands work; at shutdown says goodbye. Returns only when that fails.
    async fn publish(&self, sender: &Sender) {
        let everything = async {
            self.up.cancelled().await;
            let status = self.link.topics.at(Topic::Status);
            self.link.outbox.set_state(status.clone(), ONLINE.into());
            // Whoever sees "online" sees state that is true.
            self.link.outbox.refresh(&status);
            while sender.publish(self.link.outbox.next().await).await {}
        };
        let leftovers = async {
            self.up.cancelled().await;
            sleep(LEFTOVERS).await;
            if sender.forget_leftovers(&self.link.topics).await {
                core::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = everything => return,
            () = leftovers => return,
            () = self.link.shutdown.cancelled() => {}
        }
        let status = Message {
            topic: self.link.topics.at(Topic::Status),
            payload: OFFLINE.into(),
            retain: true,
            correlation: None,
        };
        if sender.publish(status).await && sender.disconnect().await {
            // The broker closes the connection, which ends the other side.
            core::future::pending().await
        }
    }
}
