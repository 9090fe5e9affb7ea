//! Discovery for Home Assistant: retained documents that say which entities there are and which of the topics of the site
//! they read and write. Values and commands use the topics that everybody uses, so there is nothing more to keep right.
//!
//! Home Assistant takes one document per entity or one per device. Here it is one device-based document per zone and one
//! for the site, and all of them name the same device:
//!
//! - One per entity would be about ten per zone. Mosquitto keeps 1000 waiting messages for a client and drops the rest,
//!   retained ones too (its issues 2196 and 2887), so of a site with 500 zones Home Assistant would miss some at each start.
//! - One for the whole site would have some 2 MB there, and many brokers limit a message to 1 MiB or less.
//! - Per zone it is about 4 kB, and a zone that goes is removed with one empty message.
//!
//! Device-based documents are there since Home Assistant 2024.11; its documentation recommends them for everything with
//! more than one entity.
//!
//! Both documents and states are retained, so a Home Assistant that starts finds everything; its birth message, which
//! others wait for, tells nothing new, and nobody can make the controller publish everything again by sending it.
//!
//! A document that was announced by an earlier start and is no longer there is removed (`crate::mqtt::leftovers`); one that names
//! another status topic is somebody else's, whatever its topic, and is left alone.

mod document;
pub(super) mod names;
mod site;
mod zone;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use habitat_config::Site;

use self::{document::Document, names::Names};
use super::{
    message::Received,
    outbox::Outbox,
    topics::{Topic, Topics},
};
use crate::status::StateField;

/// What the documents tell of a site, for the list of what can leave the machine.
pub const ANNOUNCED_FIELDS: [StateField; 3] = [
    StateField {
        name: "site",
        what: "Id and name of the site, and the version of habitatd.",
    },
    StateField {
        name: "zones",
        what: "Id, name and STI target of each zone.",
    },
    StateField {
        name: "topics",
        what: "Where the state of each zone is, and how it is commanded.",
    },
];

/// A site as it is announced.
#[derive(Clone, Debug)]
pub(super) struct HomeAssistant {
    names: Names,
    /// Topics of the documents that there are.
    announced: Arc<BTreeSet<String>>,
    /// By this a document is known to be of this site.
    availability_topic: String,
}

impl HomeAssistant {
    /// Publishes the documents of a site below the discovery prefix.
    pub fn announce(prefix: &str, site: &Site, topics: &Topics, outbox: &Outbox) -> Self {
        let names = Names::new(prefix, &site.id);
        let mut announced = BTreeSet::new();
        for (topic, document) in documents(&names, site, topics) {
            // Text, numbers and lists: there is nothing in a document that JSON cannot hold.
            if let Ok(payload) = serde_json::to_vec(&document) {
                outbox.set_state(topic.clone(), payload);
                announced.insert(topic);
            }
        }
        HomeAssistant {
            names,
            announced: Arc::new(announced),
            availability_topic: topics.at(Topic::Status),
        }
    }

    /// What to subscribe to in order to hear of what is left from before.
    pub fn documents(&self) -> String {
        self.names.documents()
    }

    /// Whether a message is a document of this site that is not among those of now.
    pub fn is_left_over(&self, message: &Received) -> bool {
        let is_old = message.retained && self.names.is_document(&message.topic) && !self.announced.contains(&message.topic);
        is_old && document::availability_topic(&message.payload).is_some_and(|topic| topic == self.availability_topic)
    }
}

/// The documents of a site with their topics.
fn documents<'a>(names: &'a Names, site: &'a Site, topics: &'a Topics) -> impl Iterator<Item = (String, Document)> + 'a {
    let of_site = (names.site_document(), site::document(names, site, topics));
    let zones = site.plan.zones.iter().zip(&site.zones);
    let of_zones = zones.map(|(zone, levels)| {
        let document = zone::document(names, site, zone, levels, topics);
        (names.zone_document(&zone.id), document)
    });
    core::iter::once(of_site).chain(of_zones)
}
