//! Documents from before: of zones that are no longer in the layout.
//!
//! The broker itself remembers what was announced: after each connect it sends the retained documents of this site, because
//! the controller subscribes to them. So nothing has to be stored, and a removal that got lost is made up for at the next
//! connect. A document that names another status topic is somebody else's, whatever its topic, and is left alone.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::names::Names;
use crate::mqtt::message::{Message, Received};

/// By what a document is recognised.
#[derive(Deserialize)]
struct Announced {
    availability_topic: String,
}

/// Whether a message is a document of this site that is not among those of now.
pub(super) fn is_left_over(message: &Received, names: &Names, announced: &BTreeSet<String>, availability_topic: &str) -> bool {
    let is_old = message.retained && names.is_document(&message.topic) && !announced.contains(&message.topic);
    is_old
        && serde_json::from_slice::<Announced>(&message.payload)
            .is_ok_and(|document| document.availability_topic == availability_topic)
}

/// What makes the broker and Home Assistant forget a document.
pub(super) fn removal(message: &Received) -> Message {
    Message {
        topic: message.topic.clone(),
        payload: Vec::new(),
        retain: true,
        correlation: None,
    }
}
