//! Answers to commands: on the result topic, and where the sender asked for them.

use std::sync::Arc;

use habitat_config::settings::ZoneSettings;
use serde::Serialize;

use super::{
    counters::Counters,
    message::{Message, Reply},
    outbox::Outbox,
    topics::Topics,
};
use crate::control::Change;

/// Ids that are longer are not repeated; `SettingsRequest` refuses them too.
const LONGEST_ID: usize = 128;

/// Who asked, as far as the answer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    id: Option<String>,
    reply: Option<Reply>,
}

impl Asker {
    /// `id` is repeated in the answer, which goes to `reply` besides the result topic.
    pub fn new(id: Option<String>, reply: Option<Reply>) -> Self {
        let id = id.filter(|id| id.chars().count() <= LONGEST_ID);
        Asker { id, reply }
    }
}

/// Writes answers into the outbox, and counts refusals. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    topics: Arc<Topics>,
    outbox: Arc<Outbox>,
    counters: Counters,
}

#[derive(Serialize)]
struct Changed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    ok: bool,
    effective: &'a ZoneSettings,
    clamped: &'a [&'static str],
}

#[derive(Serialize)]
struct Muted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    ok: bool,
    zone: Option<&'a str>,
    muted: bool,
}

#[derive(Serialize)]
struct Refused<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    ok: bool,
    errors: &'a [String],
}

impl Answers {
    /// Answers for a site.
    pub fn new(topics: Arc<Topics>, outbox: Arc<Outbox>, counters: Counters) -> Self {
        Answers {
            topics,
            outbox,
            counters,
        }
    }

    /// Settings of a zone have changed.
    pub fn changed(&self, zone: &str, asker: Asker, change: &Change) {
        let (id, clamped) = (asker.id.as_deref(), &change.clamped[..]);
        let answer = Changed {
            id,
            ok: true,
            effective: &change.effective,
            clamped,
        };
        self.send(Some(self.topics.zone_result(zone)), asker.reply, &answer);
    }

    /// A command for a zone changed nothing. The zone may be one that does not exist.
    pub fn command_refused(&self, zone: &str, asker: Asker, errors: &[String]) {
        self.counters.command_refused();
        let topic = Topics::may_name(zone).then(|| self.topics.zone_result(zone));
        self.send(
            topic,
            asker.reply,
            &Refused {
                id: asker.id.as_deref(),
                ok: false,
                errors,
            },
        );
    }

    /// The site (`None`) or a zone is muted or released.
    pub fn muted(&self, zone: Option<&str>, muted: bool, asker: Asker) {
        let answer = Muted {
            id: asker.id.as_deref(),
            ok: true,
            zone,
            muted,
        };
        self.send(Some(self.topics.mute_result()), asker.reply, &answer);
    }

    /// A mute changed nothing.
    pub fn mute_refused(&self, asker: Asker, errors: &[String]) {
        self.counters.mute_refused();
        let answer = Refused {
            id: asker.id.as_deref(),
            ok: false,
            errors,
        };
        self.send(Some(self.topics.mute_result()), asker.reply, &answer);
    }

    fn send(&self, topic: Option<String>, reply: Option<Reply>, answer: &impl Serialize) {
        // Text, numbers and lists: there is nothing in an answer that JSON cannot hold.
        let Ok(payload) = serde_json::to_vec(answer) else { return };
        let reply = reply.filter(|reply| self.topics.may_reply_to(&reply.topic));
        if let Some(topic) = topic {
            self.outbox.push(Message {
                topic,
                payload: payload.clone(),
                retain: false,
                correlation: None,
            });
        }
        if let Some(Reply { topic, correlation }) = reply {
            self.outbox.push(Message {
                topic,
                payload,
                retain: false,
                correlation,
            });
        }
    }
}
