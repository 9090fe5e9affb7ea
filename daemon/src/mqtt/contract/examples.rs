//! The examples of the documentation say what a controller understands, on topics that there are.

use std::fs;

use habitat_config::settings::SettingsRequest;
use serde_json::Value;

use super::docs;
use crate::mqtt::{
    home_assistant::names::Names,
    mutes,
    topics::{Target, Topic, Topics},
};

fn topics() -> Topics {
    Topics::new("habitat", "hq-3")
}

/// A topic to read, with wildcards or a name in it.
fn assert_published(topic: &str) {
    let topics = topics();
    let levels: Vec<_> = topic.split('/').collect();
    let is_read = |known: &Topic| {
        let pattern = topics.of(*known, "+");
        let patterns: Vec<_> = pattern.split('/').collect();
        let fits = |(pattern, level): (&&str, &&str)| pattern == level || *pattern == "+" || *level == "+";
        patterns.len() == levels.len() && patterns.iter().zip(&levels).all(fits)
    };
    assert!(Topic::ALL.iter().any(is_read), "nothing is published on {topic}");
}

/// A command as it is sent.
fn assert_understood(topic: &str, payload: &str) {
    match topics().target(topic) {
        Some(Target::Mute) => drop(mutes::understand(payload.as_bytes()).unwrap_or_else(|error| panic!("{payload}: {error}"))),
        Some(Target::Zone(_) | Target::Group(_) | Target::Site) => {
            SettingsRequest::from_json(payload.as_bytes()).unwrap_or_else(|errors| panic!("{payload}: {errors:?}"));
        }
        None => panic!("{topic} takes no commands"),
    }
}

/// What stands after a key in a file of one key per line.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("- "));
    let after_key = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    after_key.map(|value| value.trim_matches(['\'', '"'])).collect()
}

#[test]
fn the_commands_of_the_page_are_understood() {
    let page = fs::read_to_string(docs().join("mqtt.md")).unwrap();
    let mut count = 0;
    for line in page
        .lines()
        .filter(|line| line.starts_with("mosquitto_pub") || line.starts_with("mosquitto_rr"))
    {
        let (_, rest) = line.split_once("-t ").unwrap();
        let (topic, _) = rest.split_once(' ').unwrap();
        let (_, payload) = rest.split_once("-m ").unwrap();
        let payload = payload.strip_prefix('\'').and_then(|quoted| quoted.split('\'').next());
        assert_understood(
            topic,
            payload.unwrap_or(rest.split_once("-m ").unwrap().1.split(' ').next().unwrap()),
        );
        count += 1;
    }
    assert!(count >= 7, "{count} commands");
}

#[test]
fn the_flow_for_node_red_reads_and_commands_what_there_is() {
    let text = fs::read_to_string(docs().join("examples/node-red.json")).unwrap();
    let nodes: Vec<Value> = serde_json::from_str(&text).unwrap();
    let of = |kind: &str| nodes.iter().filter(|node| node["type"] == kind).collect::<Vec<_>>();
    let by_id = |id: &Value| {
        nodes
            .iter()
            .find(|node| node["id"] == *id)
            .unwrap_or_else(|| panic!("there is no node {id}"))
    };
    let asked: Vec<_> = of("mqtt out")
        .iter()
        .map(|node| node["respTopic"].as_str().unwrap().to_owned())
        .collect();
    for node in of("mqtt in") {
        let topic = node["topic"].as_str().unwrap();
        if !asked.iter().any(|asked| asked == topic) {
            assert_published(topic);
        }
    }
    assert!(asked.iter().all(|topic| topics().may_reply_to(topic)));
    let mut commands = 0;
    for node in &nodes {
        for wire in node["wires"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|output| output.as_array().unwrap())
        {
            let to = by_id(wire);
            if to["type"] == "mqtt out" {
                assert_understood(to["topic"].as_str().unwrap(), node["payload"].as_str().unwrap());
                commands += 1;
            }
        }
        if node["type"].as_str().unwrap().starts_with("mqtt ") {
            assert_eq!(by_id(&node["broker"])["type"], "mqtt-broker");
        }
    }
    assert_eq!((commands, of("mqtt in").len()), (1, 2));
}

#[test]
fn the_automations_for_home_assistant_use_entities_and_commands_that_there_are() {
    let text = fs::read_to_string(docs().join("examples/home-assistant.yaml")).unwrap();
    let (topics, payloads) = (values(&text, "topic"), values(&text, "payload"));
    assert_eq!((topics.len(), payloads.len()), (3, 3));
    topics
        .iter()
        .zip(&payloads)
        .for_each(|(topic, payload)| assert_understood(topic, payload));
    let names = Names::new("homeassistant", "hq-3");
    let known: Vec<_> = [
        ("sensor", "north-east", "distraction"),
        ("binary_sensor", "south-west", "distracted"),
    ]
    .map(|(platform, zone, what)| Names::entity_id(platform, &names.unique_id(Some(zone), what)))
    .into();
    let mut ours = values(&text, "entity_id");
    ours.retain(|entity| entity.contains("habitat"));
    assert_eq!(ours, known);
}
