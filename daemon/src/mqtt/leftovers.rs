//! What an earlier start has retained and that is no longer there: states of zones that are not in the layout any more, and what of them
//! was announced to Home Assistant.
//!
//! The broker itself remembers it: after each connect it sends what is retained there, because the controller subscribes to it, for
//! as long as that takes. So nothing has to be stored, and a removal that got lost is made up for at the next connect.

use std::{collections::BTreeSet, sync::Arc};

use super::{home_assistant::HomeAssistant, message::Received, outbox::Outbox, topics::Topics};

/// Finds and removes it.
#[derive(Clone, Debug)]
pub(super) struct Leftovers {
    topics: Arc<Topics>,
    zones: Arc<BTreeSet<String>>,
    home_assistant: Option<HomeAssistant>,
    outbox: Arc<Outbox>,
}

impl Leftovers {
    /// Of a site that has these zones now.
    pub fn new(
        zones: impl Iterator<Item = String>,
        topics: Arc<Topics>,
        home_assistant: Option<HomeAssistant>,
        outbox: Arc<Outbox>,
    ) -> Self {
        Leftovers {
            topics,
            zones: Arc::new(zones.collect()),
            home_assistant,
            outbox,
        }
    }

    /// Takes a message that is no command: what is left from before is removed.
    pub fn take(&self, message: &Received) {
        if !self.is_state_of_no_zone(message) && !self.is_old_announcement(message) {
            return tracing::debug!(topic = message.topic, "a message that nobody asked for");
        }
        tracing::info!(topic = message.topic, "removed from the broker what is no longer there");
        self.outbox.remove(message.topic.clone());
    }

    /// Nobody but this site retains something below its own topics.
    fn is_state_of_no_zone(&self, message: &Received) -> bool {
        let zone = self.topics.zone_of_state(&message.topic);
        message.retained && zone.is_some_and(|zone| !self.zones.contains(zone))
    }

    fn is_old_announcement(&self, message: &Received) -> bool {
        let home_assistant = self.home_assistant.as_ref();
        home_assistant.is_some_and(|home_assistant| home_assistant.is_left_over(message))
    }
}
