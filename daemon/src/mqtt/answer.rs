//! Answers to commands: on the result topic, and where the sender asked for them.

use std::{collections::BTreeMap, sync::Arc};

use habitat_config::settings::{COMMAND_ID, ZoneSettings, is_command_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    counters::Counters,
    inbox::Addressee,
    message::{Message, Received, Reply},
    outbox::Outbox,
    topics::{Topic, Topics},
};
use crate::{control::Change, status::StateField};

/// What answers hold, for the list of what can leave the machine.
pub const ANSWER_FIELDS: [StateField; 10] = [
    field(
        "id",
        "That of the command: 1 to 128 of `A-Z a-z 0-9 . _ : -`; any other text is not repeated.",
    ),
    field("ok", "Whether it was carried out."),
    field("effective", "Settings in force."),
    field("clamped", "Names of settings that were brought inside the limits."),
    field("repeated", "The same command had been carried out a short while ago."),
    field("zones", "The answer for each zone."),
    field("zone", "Zone id; null: the whole site."),
    field("muted", "Whether it is muted now."),
    field(
        "warning",
        "What was wrong with a mute that was carried out all the same, in our sentences.",
    ),
    field(
        "errors",
        "What is wrong with a command that was not carried out: our sentences, with the names in it that are not known.",
    ),
];

const fn field(name: &'static str, what: &'static str) -> StateField {
    StateField { name, what }
}

/// Who asked, as far as the answer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    id: Option<String>,
    reply: Option<Reply>,
}

impl Asker {
    /// The sender of a message, also of one that is wrong, so that the answer finds its question.
    pub fn of(message: &Received) -> Self {
        let id = given_id(&message.payload).filter(|id| is_command_id(id));
        Asker {
            id,
            reply: message.reply.clone(),
        }
    }

    /// The sender of a message that is not read.
    pub fn unread(message: &Received) -> Self {
        Asker {
            id: None,
            reply: message.reply.clone(),
        }
    }
}

/// Writes answers into the outbox, and counts refusals. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    topics: Arc<Topics>,
    outbox: Arc<Outbox>,
    counters: Counters,
}

/// The settings of a zone have changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Changed<'a> {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = COMMAND_ID))]
    id: Option<&'a str>,
    /// Always true.
    #[schemars(extend("const" = true))]
    ok: bool,
    /// Settings in force now.
    effective: &'a ZoneSettings,
    /// Keys whose value was outside the limits of the zone and was brought inside.
    clamped: &'a [&'static str],
    /// The same command had been carried out a short while ago, so nothing was done.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    repeated: bool,
}

/// The settings of several zones have changed, or not, each for itself.
#[derive(Serialize, JsonSchema)]
pub(super) struct AllChanged<'a> {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = COMMAND_ID))]
    id: Option<&'a str>,
    /// Whether all of them have.
    ok: bool,
    /// The answer for each zone, by its id.
    zones: BTreeMap<&'a str, OneOfAll<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum OneOfAll<'a> {
    Changed(Changed<'a>),
    Refused(Refused<'a>),
}

/// The site or a zone is muted or released.
#[derive(Serialize, JsonSchema)]
pub(super) struct Muted<'a> {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = COMMAND_ID))]
    id: Option<&'a str>,
    /// Always true.
    #[schemars(extend("const" = true))]
    ok: bool,
    /// Null: the whole site.
    zone: Option<&'a str>,
    /// Whether it is muted now.
    muted: bool,
    /// What was wrong with the request and did not hold it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    warning: Option<String>,
}

/// Nothing has changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Refused<'a> {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = COMMAND_ID))]
    id: Option<&'a str>,
    /// Always false.
    #[schemars(extend("const" = false))]
    ok: bool,
    /// What is wrong and what would be right, a sentence each.
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
        let answer = changed(asker.id.as_deref(), change);
        self.send(Some(self.topics.of(Topic::ZoneResult, zone)), asker.reply, &answer);
    }

    /// Settings of several zones have changed, or not, each with its name.
    pub fn all_changed(&self, to: &Addressee, asker: Asker, changes: &[(String, Result<Change, Vec<String>>)]) {
        let zones = changes.iter().map(|(zone, result)| {
            let answer = match result {
                Ok(change) => OneOfAll::Changed(changed(None, change)),
                Err(errors) => OneOfAll::Refused(Refused {
                    id: None,
                    ok: false,
                    errors,
                }),
            };
            (zone.as_str(), answer)
        });
        let answer = AllChanged {
            id: asker.id.as_deref(),
            ok: changes.iter().all(|(_, result)| result.is_ok()),
            zones: zones.collect(),
        };
        self.send(self.result_topic(to), asker.reply, &answer);
    }

    /// A command changed nothing. What it was for may not exist.
    pub fn command_refused(&self, to: &Addressee, asker: Asker, errors: &[String]) {
        self.counters.command_refused();
        self.send(
            self.result_topic(to),
            asker.reply,
            &Refused {
                id: asker.id.as_deref(),
                ok: false,
                errors,
            },
        );
    }

    /// `None`: no topic can have that name.
    fn result_topic(&self, to: &Addressee) -> Option<String> {
        match to {
            Addressee::Zone(zone) => Topics::may_name(zone).then(|| self.topics.of(Topic::ZoneResult, zone)),
            Addressee::Group(group) => Topics::may_name(group).then(|| self.topics.of(Topic::GroupResult, group)),
            Addressee::Site => Some(self.topics.at(Topic::SiteResult)),
        }
    }

    /// The site (`None`) or a zone is muted or released.
    pub fn muted(&self, zone: Option<&str>, muted: bool, warning: Option<String>, asker: Asker) {
        let answer = Muted {
            id: asker.id.as_deref(),
            ok: true,
            zone,
            muted,
            warning,
        };
        self.send(Some(self.topics.at(Topic::MuteResult)), asker.reply, &answer);
    }

    /// A mute changed nothing.
    pub fn mute_refused(&self, asker: Asker, errors: &[String]) {
        self.counters.mute_refused();
        let answer = Refused {
            id: asker.id.as_deref(),
            ok: false,
            errors,
        };
        self.send(Some(self.topics.at(Topic::MuteResult)), asker.reply, &answer);
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

fn changed<'a>(id: Option<&'a str>, change: &'a Change) -> Changed<'a> {
    Changed {
        id,
        ok: true,
        effective: &change.effective,
        clamped: &change.clamped,
        repeated: change.repeated,
    }
}

fn given_id(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct WithId {
        id: Option<String>,
    }
    serde_json::from_slice::<WithId>(json).ok()?.id
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schemars::{Schema, schema_for};

    use super::*;

    #[test]
    fn the_list_of_fields_is_that_of_the_types() {
        let names = |schema: Schema| -> Vec<String> {
            let properties = schema
                .get("properties")
                .and_then(|properties| properties.as_object())
                .unwrap();
            properties.keys().cloned().collect()
        };
        let answers = [
            schema_for!(Changed),
            schema_for!(AllChanged),
            schema_for!(Muted),
            schema_for!(Refused),
        ];
        let of_types: BTreeSet<String> = answers.into_iter().flat_map(names).collect();
        assert_eq!(of_types, ANSWER_FIELDS.map(|field| field.name.to_owned()).into());
    }

    #[test]
    fn the_id_of_a_wrong_request_is_known_and_that_of_broken_json_is_not() {
        assert_eq!(given_id(br#"{"id":"abc","offset":1}"#).as_deref(), Some("abc"));
        for none in [
            "{}",
            r#"{"id":7}"#,
            r#"{"id":null}"#,
            r#"{"id":"abc""#,
            r#"{"id":"a","id":"b"}"#,
            "[]",
            "",
        ] {
            assert_eq!(given_id(none.as_bytes()), None, "{none}");
        }
    }
}
