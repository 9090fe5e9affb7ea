//! Looks for text: every key and every text of a document is one of the types, the configuration, or of a run in which nobody speaks.

use std::collections::BTreeSet;

use habitat_events::Event;
use jiff::Timestamp;
use serde_json::Value;

use crate::captured::Captured;

/// What documents may hold.
pub struct Words {
    /// Enumerated words, names of fields and types: read off the schemas, which are made from the types.
    of_types: BTreeSet<String>,
    /// Ids of the site, its zones and devices, and who may be named as having asked.
    of_site: BTreeSet<String>,
    /// Names of zones, which only the layout may tell.
    of_layout: BTreeSet<String>,
    /// What a run says in which nobody speaks, by the way out.
    of_reference: BTreeSet<(String, String)>,
}

impl Words {
    /// For a site with these ids and names of zones, beside a run of it in which nobody speaks.
    pub fn new(ids: &[&str], names: &[&str], reference: &Captured) -> Self {
        let mut words = Words {
            of_types: of_types(),
            of_site: ids.iter().map(|id| (*id).to_owned()).collect(),
            of_layout: names.iter().map(|name| (*name).to_owned()).collect(),
            of_reference: BTreeSet::new(),
        };
        for (place, document) in reference.documents() {
            each_text(&document, &mut |text| {
                words.of_reference.insert((way(place), plain(text)));
            });
        }
        words
    }

    /// Texts that are none of these, and events that are not what their type is.
    pub fn unknown_in(&self, captured: &Captured) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (place, document) in captured.documents() {
            each_event(&document, &mut |event| {
                // The types have nothing but listed fields, so what is read and written again has lost every other.
                let read = serde_json::from_value::<Event>(event.clone());
                let same = read.is_ok_and(|read| serde_json::to_value(read).unwrap() == *event);
                if !same {
                    found.insert(format!("fields: {place} has an event with others than its type: {event}"));
                }
                let is_layout = event["type"] == "habitat.layout.v1";
                each_text(event, &mut |text| {
                    let is_name = is_layout && self.of_layout.contains(text);
                    if !(self.is_known(text) || is_name) {
                        found.insert(format!("text: {text:?} in an event in {place}"));
                    }
                });
            });
            each_text(&document, &mut |text| {
                if !self.is_known(text) && !self.of_reference.contains(&(way(place), plain(text))) {
                    found.insert(format!("text: {text:?} in {place}"));
                }
            });
        }
        found.into_iter().collect()
    }

    fn is_known(&self, text: &str) -> bool {
        let source = || {
            let of = text.strip_prefix("/sites/")?.split_once("/controllers/")?;
            Some([of.0, of.1].iter().all(|id| self.of_site.contains(*id)))
        };
        self.of_types.contains(text)
            || self.of_site.contains(text)
            || text.parse::<Timestamp>().is_ok()
            || text.parse::<uuid::Uuid>().is_ok()
            || text == env!("CARGO_PKG_VERSION")
            || source() == Some(true)
    }
}

/// The first word of a place.
fn way(place: &str) -> String {
    place.split(' ').next().unwrap().to_owned()
}

/// Without numbers, which differ from run to run.
fn plain(text: &str) -> String {
    let digits = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c });
    let mut plain: String = digits.collect();
    while plain.contains("00") {
        plain = plain.replace("00", "0");
    }
    plain
}

/// Keys and texts.
fn each_text(value: &Value, tell: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => tell(text),
        Value::Array(elements) => elements.iter().for_each(|element| each_text(element, tell)),
        Value::Object(members) => {
            for (key, member) in members {
                tell(key);
                each_text(member, tell);
            }
        }
        _ => {}
    }
}

fn each_event(value: &Value, tell: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(members) if members.contains_key("specversion") => tell(value),
        Value::Object(members) => members.values().for_each(|member| each_event(member, tell)),
        Value::Array(elements) => elements.iter().for_each(|element| each_event(element, tell)),
        _ => {}
    }
}

/// Names of properties, enumerated words and constants of all schemas, and words that a description lists for a field.
fn of_types() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schemas");
    let mut words = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        of_schema(&serde_json::from_str(&text).unwrap(), &mut words);
    }
    for event_type in habitat_events::Data::TYPES {
        words.insert(event_type.to_owned());
        words.insert(Event::data_schema(event_type));
    }
    words
}

fn of_schema(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().cloned()),
                    ("enum", Value::Array(values)) => words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
                    ("const", Value::String(word)) => drop(words.insert(word.clone())),
                    ("description", Value::String(text)) => {
                        words.extend(text.split('`').skip(1).step_by(2).map(str::to_owned));
                    }
                    _ => {}
                }
                of_schema(member, words);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| of_schema(element, words)),
        _ => {}
    }
}
