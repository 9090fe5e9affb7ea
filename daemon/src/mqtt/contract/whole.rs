//! The document hangs together: what the schema of AsyncAPI itself would say, as far as it concerns us, and what it does not.

use std::{collections::BTreeSet, sync::LazyLock};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use super::{channels::address, document::document, schemas};
use crate::mqtt::{mutes, topics::Topic};

/// Every member `$ref` below a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(target) if key == "$ref" => vec![target.as_str()],
                value => references(value),
            })
            .collect(),
        Value::Array(elements) => elements.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The value that a reference of the document means.
fn resolved(document: &Value, reference: &str) -> Value {
    match reference.strip_prefix('#') {
        Some(pointer) => document.pointer(pointer).unwrap_or_else(|| panic!("{reference}")).clone(),
        None => {
            let path = super::docs().join(reference);
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{reference}: {error}"));
            serde_json::from_str(&text).unwrap()
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let references = references(&document);
    references.iter().for_each(|reference| drop(resolved(&document, reference)));
    for kind in ["messages", "parameters"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference.as_str()), "{reference} is not used");
        }
    }
    for (name, _) in schemas::all() {
        let reference = format!("./schemas/{name}.json");
        assert!(references.contains(&reference.as_str()), "{reference} is not used");
    }
}

#[test]
fn every_topic_is_a_channel_whose_parameters_are_those_in_its_address() {
    let document = document();
    let channels = document["channels"].as_object().unwrap();
    let addresses: BTreeSet<_> = channels
        .values()
        .map(|channel| channel["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses.len(), channels.len(), "two channels have one address");
    for topic in Topic::ALL {
        assert!(addresses.contains(address(*topic).as_str()), "{topic:?} is no channel");
    }
    for channel in channels.values() {
        let mut rest = channel["address"].as_str().unwrap().to_owned();
        for parameter in channel["parameters"].as_object().unwrap().keys() {
            let braces = format!("{{{parameter}}}");
            assert!(rest.contains(&braces), "{channel}");
            rest = rest.replace(&braces, "");
        }
        assert!(!rest.contains(['{', '}']), "{channel}");
    }
}

#[test]
fn every_channel_has_an_operation_and_every_question_an_answer() {
    let document = document();
    let mut channels: Vec<_> = document["channels"].as_object().unwrap().keys().cloned().collect();
    for (name, operation) in document["operations"].as_object().unwrap() {
        let reference = operation["channel"]["$ref"].as_str().unwrap();
        let channel = reference.strip_prefix("#/channels/").unwrap();
        channels.retain(|known| known != channel);
        let is_question = operation["action"] == "receive" && !["receiveStatus", "receiveZoneState"].contains(&name.as_str());
        assert_eq!(is_question, operation.get("reply").is_some(), "{name}");
        assert!(name.starts_with(operation["action"].as_str().unwrap()));
    }
    assert!(channels.is_empty(), "nobody does anything on {channels:?}");
    let commands = Topic::COMMANDS.map(address);
    for channel in document["channels"].as_object().unwrap().values() {
        let is_command = commands.iter().any(|command| channel["address"] == *command);
        let references = channel["messages"].as_object().unwrap().values();
        for reference in references.map(|reference| reference["$ref"].as_str().unwrap()) {
            let message = resolved(&document, reference);
            assert_eq!(message.get("bindings").is_some(), is_command, "{reference}");
        }
    }
}

#[test]
fn every_example_is_as_its_schema_says() {
    let document = document();
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        let payload = &message["payload"];
        let Some(reference) = payload["$ref"].as_str() else { continue };
        let schema = jsonschema::validator_for(&resolved(&document, reference)).unwrap();
        for example in message["examples"].as_array().into_iter().flatten() {
            assert_valid(&schema, &example["payload"], name);
        }
    }
}

fn assert_valid(schema: &Validator, value: &Value, name: &str) {
    let errors: Vec<_> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {value} {errors:?}");
}

static WORD: LazyLock<Validator> = LazyLock::new(|| validator(schemas::MUTE_WORD));
static JSON: LazyLock<Validator> = LazyLock::new(|| validator(schemas::MUTE_REQUEST));

fn validator(name: &str) -> Validator {
    let (_, schema) = schemas::all().into_iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// Mutes that are right, wrong, and nearly right.
fn any_mute() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        prop::sample::select(vec![
            "\"ON\"",
            "\"off\"",
            "\" On \"",
            "\"maybe\"",
            "\"\"",
            "true",
            "null",
            "[]",
            "1"
        ]),
        prop::sample::select(vec!["\"north-east\"", "false"]),
    ];
    let key = prop::sample::select(vec!["state", "muted", "zone", "id", "zon"]);
    let json = prop::collection::btree_map(key, member, 0..4).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    });
    prop_oneof![3 => json, 1 => "\\s?[oO][nNfF][fF]?\\s?"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn a_mute_is_understood_exactly_if_one_of_its_schemas_allows_it(payload in any_mute()) {
        let as_word = WORD.is_valid(&payload.as_str().into());
        let as_json = serde_json::from_str(&payload).is_ok_and(|json| JSON.is_valid(&json));
        prop_assert_eq!(mutes::understand(payload.as_bytes()).is_ok(), as_word || as_json, "{}", payload);
    }
}
