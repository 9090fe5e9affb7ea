//! Every message on a topic of the site is one that `docs/asyncapi.json` and its schemas describe.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use jsonschema::Validator;
use rumqttc::v5::mqttbytes::v5::Publish;
use serde_json::{Value, json};

/// What one connection has seen so far.
#[derive(Default)]
pub struct Contract {
    /// Requests by channel and id, until they are answered.
    asked: BTreeMap<(String, String), Value>,
}

static CHANNELS: LazyLock<Vec<Channel>> = LazyLock::new(|| channels(&docs("asyncapi.json")));

struct Channel {
    address: String,
    /// Whether the controller sends there.
    is_sent: bool,
    /// For JSON the parsed payload, otherwise the text.
    messages: Vec<Validator>,
}

impl Contract {
    /// # Panics
    /// When the documentation has no such topic, or another payload on it.
    pub fn check(&mut self, message: &Publish) {
        let topic = str::from_utf8(&message.topic).unwrap();
        // This is how what is retained is removed. `mark` is what tests put in between.
        let is_ours = topic.starts_with("habitat/hq/") || topic.starts_with("homeassistant/");
        if message.payload.is_empty() || !is_ours || topic.ends_with("/mark") {
            return;
        }
        let channel = channel(topic).unwrap_or_else(|| panic!("{topic} is not in docs/asyncapi.json"));
        let payload = payload(&message.payload);
        if channel.is_sent {
            channel.assert_allows(topic, &payload);
            self.answered(topic, &payload);
        } else if let Some(id) = payload["id"].as_str() {
            // Who asks is a test, often with what is wrong on purpose.
            self.asked.insert((topic.to_owned(), id.to_owned()), payload.clone());
        }
    }

    /// What the controller has accepted is as its schema says.
    fn answered(&mut self, topic: &str, answer: &Value) {
        let Some((base, id)) = topic.strip_suffix("result").zip(answer["id"].as_str()) else {
            return;
        };
        let asked_on = format!("{base}set");
        if let Some(request) = self.asked.remove(&(asked_on.clone(), id.to_owned()))
            && answer["ok"] == true
        {
            channel(&asked_on).unwrap().assert_allows(&asked_on, &request);
        }
    }
}

impl Channel {
    fn assert_allows(&self, topic: &str, payload: &Value) {
        let allowing = self.messages.iter().filter(|message| message.is_valid(payload)).count();
        assert_eq!(
            allowing, 1,
            "{topic}: so many messages of docs/asyncapi.json are like {payload}"
        );
    }
}

/// The channel of a topic; a parameter stands for one level or a part of it.
fn channel(topic: &str) -> Option<&'static Channel> {
    let levels: Vec<_> = topic.split('/').collect();
    let is_level = |(pattern, level): (&str, &&str)| match (pattern.find('{'), pattern.find('}')) {
        (Some(open), Some(close)) => level.starts_with(&pattern[..open]) && level.ends_with(&pattern[close + 1..]),
        _ => pattern == *level,
    };
    CHANNELS.iter().find(|channel| {
        let patterns = channel.address.split('/');
        patterns.clone().count() == levels.len() && patterns.zip(&levels).all(is_level)
    })
}

fn payload(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

fn docs(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn channels(document: &Value) -> Vec<Channel> {
    let is_sent = |name: &String| {
        let reference = json!({"$ref": format!("#/channels/{name}")});
        let mut operations = document["operations"].as_object().unwrap().values();
        operations.any(|operation| operation["action"] == "send" && operation["channel"] == reference)
    };
    let channels = document["channels"].as_object().unwrap().iter();
    channels
        .map(|(name, channel)| Channel {
            address: channel["address"].as_str().unwrap().to_owned(),
            is_sent: is_sent(name),
            messages: channel["messages"]
                .as_object()
                .unwrap()
                .values()
                .map(|message| validator(document, message))
                .collect(),
        })
        .collect()
}

fn validator(document: &Value, message: &Value) -> Validator {
    let pointer = message["$ref"].as_str().unwrap().trim_start_matches('#');
    let mut schema = document.pointer(pointer).unwrap()["payload"].clone();
    include(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

/// Puts the files in the place of the references to them. New fields may come, so the schemas allow others; here they would be a
/// field that somebody forgot to describe.
fn include(schema: &mut Value) {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("./")) {
        *schema = docs(name);
    }
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && members.contains_key("required") && !members.contains_key("oneOf") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(include);
        }
        Value::Array(elements) => elements.iter_mut().for_each(include),
        _ => {}
    }
}
