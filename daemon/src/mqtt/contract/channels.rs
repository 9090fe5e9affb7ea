//! The channels of the document: every topic, with what it is for.

use serde_json::{Map, Value, json};

use super::messages::{self, BINDING_VERSION};
use crate::mqtt::{
    home_assistant::names::Names,
    topics::{Topic, Topics},
};

/// A channel, and what the controller does there.
pub(super) struct Channel {
    name: &'static str,
    address: String,
    what: &'static str,
    tag: &'static str,
    does: Does,
    messages: Vec<String>,
}

/// What the controller does on a channel.
enum Does {
    /// It sends what the broker keeps.
    Retain,
    /// The same, and it reads what controllers of zones beside its own send there.
    Share,
    /// It sends what goes by.
    Send,
    /// It receives, and answers on the topic with this name.
    Answer(&'static str),
}

/// All channels.
pub(super) fn all() -> Vec<Channel> {
    let own = Topic::ALL.iter().map(|topic| of(*topic));
    own.chain([discovery()]).collect()
}

/// What a topic is for. Without its line here a new one does not compile.
fn of(topic: Topic) -> Channel {
    use Does::{Answer, Retain, Send, Share};
    let (name, tag, does, messages, what): (_, _, _, &[&str], _) = match topic {
        Topic::Status => (
            "status",
            "state",
            Share,
            &["status"],
            "Whether the controller is there; also its last will.",
        ),
        Topic::ZoneState => (
            "zoneState",
            "state",
            Share,
            &["zoneState"],
            "What a zone does, on change and at most once a second.",
        ),
        Topic::ZoneSet => (
            "zoneSettings",
            "settings",
            Answer("zoneResult"),
            &["settingsRequest"],
            "Changes the settings of a zone.",
        ),
        Topic::ZoneResult => (
            "zoneResult",
            "settings",
            Send,
            &["zoneResult"],
            "Whether and how a zone has changed.",
        ),
        Topic::GroupSet => (
            "groupSettings",
            "settings",
            Answer("groupResult"),
            &["settingsRequest"],
            "Changes the settings of a group of zones.",
        ),
        Topic::GroupResult => (
            "groupResult",
            "settings",
            Send,
            &["zonesResult"],
            "Whether and how each zone of a group has changed.",
        ),
        Topic::SiteSet => (
            "siteSettings",
            "settings",
            Answer("siteResult"),
            &["settingsRequest"],
            "Changes the settings of all zones.",
        ),
        Topic::SiteResult => (
            "siteResult",
            "settings",
            Send,
            &["zonesResult"],
            "Whether and how each zone has changed.",
        ),
        Topic::MuteSet => (
            "mute",
            "mute",
            Answer("muteResult"),
            &["muteWord", "muteRequest"],
            "Mutes and releases the site or a zone.",
        ),
        Topic::MuteResult => (
            "muteResult",
            "mute",
            Send,
            &["muteResult"],
            "Whether it was muted or released.",
        ),
        Topic::MuteState => (
            "muteState",
            "mute",
            Retain,
            &["muteState"],
            "Whether the whole site is muted.",
        ),
        Topic::Event => {
            return Channel {
                name: "event",
                address: address(topic),
                what: "Every adaptation, device and mute event.",
                tag: "events",
                does: Send,
                messages: messages::events().map(|(name, _)| name).collect(),
            };
        }
    };
    Channel {
        name,
        address: address(topic),
        what,
        tag,
        does,
        messages: messages.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// As the topic is made for a site and a zone, with their places in braces.
pub(super) fn address(topic: Topic) -> String {
    Topics::new("{prefix}", "{site}").at(topic)
}

fn discovery() -> Channel {
    let filter = Names::new("{discoveryPrefix}", "{site}").documents();
    Channel {
        name: "homeAssistant",
        address: filter.replace('+', "{document}"),
        what: "Discovery, with `home_assistant = true`: one document for the site and one for each zone.",
        tag: "home-assistant",
        does: Does::Retain,
        messages: vec!["discovery".to_owned()],
    }
}

impl Channel {
    /// Its name, and what stands below it in `channels`.
    pub fn channel(&self) -> (String, Value) {
        let messages = self
            .messages
            .iter()
            .map(|name| (name.clone(), json!({"$ref": format!("#/components/messages/{name}")})));
        let parameters = self
            .parameters()
            .map(|name| (name.to_owned(), json!({"$ref": format!("#/components/parameters/{name}")})));
        let value = json!({
            "address": self.address,
            "description": self.what,
            "messages": messages.collect::<Map<_, _>>(),
            "parameters": parameters.collect::<Map<_, _>>(),
            "tags": [{"name": self.tag}],
        });
        (self.name.to_owned(), value)
    }

    /// Name and content of everything that the controller does there.
    pub fn operations(&self) -> Vec<(String, Value)> {
        match self.does {
            Does::Answer(_) => vec![self.operation("receive", self.what)],
            Does::Retain | Does::Send => vec![self.operation("send", self.what)],
            Does::Share => vec![
                self.operation("send", self.what),
                self.operation(
                    "receive",
                    "The same of another site, whose zones are beside ours in the layout.",
                ),
            ],
        }
    }

    fn operation(&self, action: &str, summary: &str) -> (String, Value) {
        let channel = |name: &str| json!({"$ref": format!("#/channels/{name}")});
        let retain = matches!(self.does, Does::Retain | Does::Share);
        let mut value = json!({
            "action": action,
            "channel": channel(self.name),
            "summary": summary,
            "tags": [{"name": self.tag}],
            "bindings": {"mqtt": {"qos": 1, "retain": retain, "bindingVersion": BINDING_VERSION}},
        });
        if let Does::Answer(result) = self.does {
            value["reply"] = json!({"channel": channel(result)});
        }
        let (first, rest) = self.name.split_at(1);
        (format!("{action}{}{rest}", first.to_uppercase()), value)
    }

    /// The names in braces.
    fn parameters(&self) -> impl Iterator<Item = &str> {
        let after_braces = self.address.split('{').skip(1);
        after_braces.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }
}
