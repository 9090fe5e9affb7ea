//! What belongs to the site as a whole: its mute.

use std::collections::BTreeMap;

use habitat_config::Site;

use super::{
    document::{Component, Document, Entity, Switch},
    names::Names,
};
use crate::mqtt::topics::{Topic, Topics};

/// The document of the site.
pub(super) fn document(names: &Names, site: &Site, topics: &Topics) -> Document {
    let mute = Component::Switch(Switch {
        entity: Entity::new("switch", names.unique_id(None, "mute"), "Mute".to_owned(), None),
        command_topic: topics.at(Topic::MuteSet),
        payload_on: "ON".to_owned(),
        payload_off: "OFF".to_owned(),
        state_on: "ON",
        state_off: "OFF",
    });
    let components = BTreeMap::from([("mute", mute)]);
    Document::new(
        names,
        &site.name,
        topics.at(Topic::Status),
        topics.at(Topic::MuteState),
        components,
    )
}
