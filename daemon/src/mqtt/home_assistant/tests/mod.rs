//! Every document is what Home Assistant documents, and refers to nothing that is not there.

mod fields;

use std::collections::BTreeSet;

use habitat_config::settings::{SettingsRequest, ZoneSettings};
use habitat_events::{Measurement, OwnSoundRemoval};
use jiff::Timestamp;
use serde_json::{Map, Value};

use self::fields::{COMMON, DEVICE, DOCUMENT, Fields, ORIGIN, PLATFORMS, UNITS};
use super::*;
use crate::{
    mqtt::{Counters, state, topics::Target},
    status::{MaskingBenefit, ZoneStatus},
};

/// Two zones with names that are no ids.
fn site() -> Site {
    site_of(&[("north-east", "Büro \\\"Nord\\\" {{ 1 }}"), ("a", "Ä")])
}

fn site_of(zones: &[(&str, &str)]) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let width = 8 * zones.len();
    let mut layout = format!("[[floor]]\nid = \"3\"\noutline = [[0,0],[{width},0],[{width},8],[0,8]]\nheight_m = 2.8\n");
    for (index, (id, name)) in zones.iter().enumerate() {
        let (west, east) = (8 * index, 8 * index + 8);
        layout += &format!(
            "[[zone]]\nid = \"{id}\"\nname = \"{name}\"\nfloor = \"3\"\nkind = \"focus\"\nsti_target = 0.35\n\
             outline = [[{west},0],[{east},0],[{east},8],[{west},8]]\n"
        );
    }
    std::fs::write(folder.path().join("layout.toml"), layout).unwrap();
    let path = folder.path().join("habitat.toml");
    std::fs::write(&path, "[site]\nid = \"hq-3\"\nname = \"Head office\"\n").unwrap();
    habitat_config::load(&path)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site
}

fn topics() -> Topics {
    Topics::new("building/habitat", "hq-3")
}

/// Topic and content of each document.
fn announced(site: &Site) -> Vec<(String, Value)> {
    let names = Names::new("homeassistant", &site.id);
    documents(&names, site, &topics())
        .map(|(topic, document)| (topic, serde_json::to_value(document).unwrap()))
        .collect()
}

/// Each component of a document, with what the document says for all of them.
fn components(document: &Value) -> Vec<Map<String, Value>> {
    let shared = ["availability_topic", "state_topic"];
    let components = document["components"].as_object().unwrap().values();
    components
        .map(|component| {
            let mut whole = component.as_object().unwrap().clone();
            for option in shared {
                whole.entry(option).or_insert(document[option].clone());
            }
            whole
        })
        .collect()
}

/// A component by its key in the document of the first zone.
fn component(key: &str) -> Value {
    announced(&site())[1].1["components"][key].clone()
}

fn check(fields: &Fields, common: &[&str], part: &Value) {
    let members = part.as_object().unwrap();
    for required in fields.required {
        assert!(members.contains_key(*required), "{} needs {required}: {part}", fields.of);
    }
    for key in members.keys().map(String::as_str) {
        let known = [fields.required, fields.optional, common].concat();
        assert!(known.contains(&key), "{} has no {key}", fields.of);
    }
    assert!(members.values().all(|value| !value.is_null()), "{part}");
}

fn check_component(component: Map<String, Value>) {
    let platform = component["platform"].as_str().unwrap().to_owned();
    let fields = PLATFORMS.iter().find(|fields| fields.of == platform).unwrap();
    if let (Some(class), Some(unit)) = (component.get("device_class"), component.get("unit_of_measurement")) {
        let (_, units) = UNITS.iter().find(|(known, _)| class == known).unwrap();
        assert!(units.iter().any(|known| unit == known), "{class} in {unit}");
    }
    check(fields, &COMMON, &Value::Object(component));
}

/// A state as it is published, while somebody talks elsewhere.
fn state(zone: &str, site: &Site) -> Value {
    let status = ZoneStatus {
        measurement: Measurement {
            zone: zone.into(),
            period_s: 1.0,
            laeq_db: Some(47.0),
            lafmax_db: Some(48.0),
            ambient_laeq_db: Some(38.0),
            ambient_resolved: true,
            ambient_uncertainty_db: Some(0.4),
            own_sound_removal: OwnSoundRemoval::Waveform,
            speech_laeq_db: None,
            speech_ratio: 0.0,
            talker: false,
            la10_db: Some(48.0),
            la50_db: Some(46.0),
            la90_db: Some(45.0),
            sti: Some(0.5),
            masking_db: 43.0,
            distraction_db_min: 0.0,
        },
        effective: ZoneSettings::default_for(&site.zones[0]),
        base_level_db: Some(40.0),
        muted: false,
        masking_benefit: MaskingBenefit::Helps,
    };
    serde_json::from_slice(&state::zone_payload(&status, Timestamp::UNIX_EPOCH).unwrap()).unwrap()
}

/// What a template takes from the state.
fn paths(template: &str) -> Vec<String> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let uses = template.split("value_json.").skip(1);
    uses.map(|rest| rest.chars().take_while(|c| is_path(*c)).collect()).collect()
}

#[test]
fn every_document_has_the_fields_that_home_assistant_documents_and_no_others() {
    let documents = announced(&site());
    assert_eq!(documents.len(), 3);
    let mut platforms = BTreeSet::new();
    for (_, document) in &documents {
        check(&DOCUMENT, &[], document);
        check(&DEVICE, &[], &document["device"]);
        check(&ORIGIN, &[], &document["origin"]);
        for component in components(document) {
            platforms.insert(component["platform"].as_str().unwrap().to_owned());
            check_component(component);
        }
    }
    let platforms: Vec<_> = platforms.iter().map(String::as_str).collect();
    assert_eq!(platforms, ["binary_sensor", "number", "sensor", "switch"]);
}

#[test]
fn a_choice_of_soundscapes_is_there_where_there_are_several() {
    let (site, names, topics) = (site(), Names::new("homeassistant", "hq-3"), topics());
    let of_zone = zone::OfZone {
        names: &names,
        zone: &site.plan.zones[0],
        topics: &topics,
    };
    let with = |soundscapes: &[&'static str]| {
        let components = of_zone.components(&site.zones[0], soundscapes.to_vec());
        serde_json::to_value(components).unwrap()
    };
    assert!(with(&["noise"]).get("soundscape").is_none());
    let select = with(&["noise", "stream"])["soundscape"].clone();
    assert_eq!(select["options"], serde_json::json!(["noise", "stream"]));
    assert_eq!(paths(select["value_template"].as_str().unwrap()), ["effective.soundscape"]);
    let command = select["command_template"].as_str().unwrap().replace("{{ value }}", "noise");
    assert!(SettingsRequest::from_json(command.as_bytes()).unwrap().soundscape.is_some());
    check_component(select.as_object().unwrap().clone());
}

#[test]
fn all_documents_are_of_one_device_whose_names_are_unique_and_made_of_ids() {
    let documents = announced(&site());
    let topics: Vec<_> = documents.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(
        topics,
        [
            "homeassistant/device/habitat_hq-3/site/config",
            "homeassistant/device/habitat_hq-3/zone_north-east/config",
            "homeassistant/device/habitat_hq-3/zone_a/config",
        ]
    );
    let (mut unique_ids, mut entity_ids, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (topic, document) in &documents {
        // Home Assistant reads no other characters here.
        let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        assert!(topic.split('/').all(|level| level.chars().all(is_known)));
        assert_eq!(document["device"], documents[0].1["device"]);
        for component in components(document) {
            let text = |key: &str| component[key].as_str().unwrap().to_owned();
            let (domain, object) = component["default_entity_id"].as_str().unwrap().split_once('.').unwrap();
            assert_eq!(domain, component["platform"]);
            assert!(
                object
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            );
            unique_ids.insert(text("unique_id"));
            entity_ids.insert(text("default_entity_id"));
            count += 1;
        }
    }
    assert_eq!((unique_ids.len(), entity_ids.len()), (count, count));
    assert!(unique_ids.contains("habitat_hq-3_mute") && unique_ids.contains("habitat_hq-3_north-east_offset"));
}

#[test]
fn topics_are_topics_of_the_site_and_templates_take_members_of_the_state() {
    let (site, topics) = (site(), topics());
    let zones: Vec<_> = site.plan.zones.iter().map(|zone| zone.id.as_str()).collect();
    for (topic, document) in announced(&site) {
        assert_eq!(document["availability_topic"], topics.at(Topic::Status));
        let zone = zones.iter().find(|zone| topic.ends_with(&format!("/zone_{zone}/config")));
        let state_topic = zone.map_or(topics.at(Topic::MuteState), |zone| topics.of(Topic::ZoneState, zone));
        let state = state(zone.unwrap_or(&""), &site);
        for component in components(&document) {
            assert_eq!(component["state_topic"], state_topic);
            if let Some(command_topic) = component.get("command_topic") {
                match topics.target(command_topic.as_str().unwrap()) {
                    Some(Target::Zone(target)) => assert_eq!(Some(&target), zone),
                    Some(Target::Mute) => {}
                    Some(Target::Group(_) | Target::Site) => panic!("{command_topic} is not of one zone"),
                    None => panic!("{command_topic} is no command"),
                }
            }
            let template = component
                .get("value_template")
                .map(|template| paths(template.as_str().unwrap()));
            // The state of the site is a word, that of a zone is JSON.
            assert_eq!(template.is_some(), zone.is_some());
            for path in template.into_iter().flatten() {
                let pointer = format!("/{}", path.replace('.', "/"));
                assert!(state.pointer(&pointer).is_some(), "the state has no {path}");
            }
        }
    }
}

#[test]
fn commands_are_understood_and_the_range_is_the_one_that_is_accepted() {
    let site = site();
    let apply = |command: &str| {
        let request = SettingsRequest::from_json(command.as_bytes()).unwrap();
        ZoneSettings::default_for(&site.zones[0])
            .apply(&request, &site.zones[0])
            .unwrap()
    };
    let offset = component("offset");
    for bound in ["min", "max"] {
        let value = offset[bound].as_f64().unwrap();
        let template = offset["command_template"].as_str().unwrap();
        let (settings, clamped) = apply(&template.replace("{{ value }}", &value.to_string()));
        assert_eq!((settings.offset_db, clamped.len()), (value, 0));
        let (_, clamped) = apply(&template.replace("{{ value }}", &(1.01 * value).to_string()));
        assert_eq!(clamped, ["offset_db"]);
    }
    let enabled = component("enabled");
    for (payload, on) in [("payload_on", true), ("payload_off", false)] {
        assert_eq!(apply(enabled[payload].as_str().unwrap()).0.enabled, on);
    }
}

#[test]
fn a_zone_is_distracted_from_its_own_target_on() {
    let template = component("distracted")["value_template"].clone();
    assert_eq!(template, "{{ 'ON' if (value_json.sti or 0) >= 0.35 else 'OFF' }}");
}

#[test]
fn documents_of_a_large_site_are_few_and_small() {
    let ids: Vec<_> = (0..500).map(|n| format!("zone-{n}")).collect();
    let zones: Vec<_> = ids.iter().map(|id| (id.as_str(), "A zone with quite a long name")).collect();
    let documents = announced(&site_of(&zones));
    assert_eq!(documents.len(), 501);
    let largest = documents
        .iter()
        .map(|(_, document)| document.to_string().len())
        .max()
        .unwrap();
    assert!(largest < 5000, "{largest}");
}

#[test]
fn what_is_left_from_before_is_recognised_and_nothing_else() {
    let outbox = Outbox::new(Counters::default());
    let home_assistant = HomeAssistant::announce("homeassistant", &site(), &topics(), &outbox);
    let document = |topic: &str, status: &str, retained: bool| Received {
        topic: format!("homeassistant/device/{topic}/config"),
        payload: format!(r#"{{"availability_topic":"{status}","components":{{}}}}"#).into_bytes(),
        retained,
        reply: None,
    };
    const STATUS: &str = "building/habitat/hq-3/status";
    let mut broken = document("habitat_hq-3/zone_gone", STATUS, true);
    broken.payload = b"{".to_vec();
    for other in [
        document("habitat_hq-3/zone_a", STATUS, true),
        document("habitat_hq-3/zone_gone", "habitat/hq-3/status", true),
        document("habitat_hq-3/zone_gone", STATUS, false),
        document("habitat_hq-33/zone_gone", STATUS, true),
        document("habitat_hq-3/x/zone_gone", STATUS, true),
        document("kitchen", STATUS, true),
        broken,
    ] {
        assert!(!home_assistant.is_left_over(&other), "{other:?}");
    }
    assert!(home_assistant.is_left_over(&document("habitat_hq-3/zone_gone", STATUS, true)));
}
