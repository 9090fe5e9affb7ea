//! The messages of the document: what each is, with which schema, and examples.

use habitat_events::Event;
use serde_json::{Map, Value, json};

use super::schemas;
use crate::mqtt::{
    events::PUBLISHED,
    topics::{LONGEST_REPLY_TOPIC_BYTES, MOST_REPLY_TOPIC_LEVELS},
};

pub(super) const BINDING_VERSION: &str = "0.2.0";

/// A message of the document.
struct Message {
    name: &'static str,
    title: &'static str,
    schema: &'static str,
    is_json: bool,
    /// Whether it has, or may have, an `id` by which question and answer find each other.
    has_id: bool,
    /// Whether a response topic is heeded.
    is_request: bool,
    examples: Vec<Value>,
}

fn messages() -> Vec<Message> {
    let told = |name, title, schema, example| Message {
        name,
        title,
        schema,
        is_json: true,
        has_id: false,
        is_request: false,
        examples: vec![example],
    };
    let asked = |name, title, schema, examples| Message {
        has_id: true,
        is_request: true,
        examples,
        ..told(name, title, schema, Value::Null)
    };
    let answer = |name, title, schema, examples| Message {
        is_request: false,
        ..asked(name, title, schema, examples)
    };
    let settings = json!({"enabled": true, "offset_db": -1.5, "level_min_db": 40.0, "level_max_db": 46.0, "soundscape": "noise", "today": "schedule"});
    let changed = |id: &str| json!({"id": id, "ok": true, "effective": settings, "clamped": ["level_max_db"]});
    let of_zone = json!({"ok": true, "effective": settings, "clamped": []});
    let refused = json!({"ok": false, "errors": ["`offset` is not a setting; did you mean `offset_db`?"]});
    vec![
        Message {
            is_json: false,
            ..told("status", "Whether the controller is there", schemas::STATUS, json!("online"))
        },
        told(
            "zoneState",
            "What a zone does",
            schemas::ZONE_STATE,
            json!({
                "zone": "north-east", "period_s": 1.0, "laeq_db": 47.1, "lafmax_db": 48.2, "ambient_laeq_db": 38.2,
                "ambient_resolved": true, "ambient_uncertainty_db": 0.4, "own_sound_removal": "waveform",
                "speech_laeq_db": null, "speech_ratio": 0.0, "talker": false, "sti": null, "masking_db": 43.0,
                "distraction_db_min": 0.0, "effective": settings, "base_level_db": 40.0, "muted": false,
                "masking_benefit": "helps", "time": "2026-01-05T06:00:01Z", "schema": schemas::ZONE_STATE,
            }),
        ),
        asked(
            "settingsRequest",
            "A change of settings",
            schemas::SETTINGS_REQUEST,
            vec![
                json!({"offset_db": -1.5, "level_max_db": 60, "for_minutes": 60, "id": "abc"}),
                json!({"today": "off", "by": "front-desk"}),
                json!({"scene": "all-hands", "for_minutes": 45}),
                json!({"reset": true}),
            ],
        ),
        answer(
            "zoneResult",
            "The answer for a zone",
            schemas::ZONE_RESULT,
            vec![changed("abc"), refused.clone()],
        ),
        answer(
            "zonesResult",
            "The answer for several zones",
            schemas::ZONES_RESULT,
            vec![
                json!({"id": "17", "ok": true, "zones": {"north-east": of_zone}}),
                refused.clone(),
            ],
        ),
        Message {
            is_json: false,
            has_id: false,
            ..asked(
                "muteWord",
                "Mutes or releases the site",
                schemas::MUTE_WORD,
                vec![json!("ON"), json!("OFF")],
            )
        },
        asked(
            "muteRequest",
            "Mutes or releases the site or a zone",
            schemas::MUTE_REQUEST,
            vec![
                json!({"state": "ON", "zone": "north-east"}),
                json!({"muted": false, "zone": "north-east", "id": "7"}),
            ],
        ),
        answer(
            "muteResult",
            "The answer to a mute",
            schemas::MUTE_RESULT,
            vec![json!({"id": "7", "ok": true, "zone": "north-east", "muted": false}), refused],
        ),
        Message {
            is_json: false,
            ..told(
                "muteState",
                "Whether the whole site is muted",
                schemas::MUTE_STATE,
                json!("OFF"),
            )
        },
        Message {
            examples: Vec::new(),
            ..told("discovery", "A document for Home Assistant", schemas::DISCOVERY, Value::Null)
        },
    ]
}

/// The names of the messages with events.
pub(super) fn events() -> impl Iterator<Item = (String, &'static str)> {
    PUBLISHED.iter().map(|event_type| {
        let kind = event_type.trim_start_matches("habitat.").trim_end_matches(".v1");
        (format!("{}Event", kind.trim_start_matches("zone.")), *event_type)
    })
}

/// `components.messages`.
pub(super) fn components() -> Map<String, Value> {
    let plain = messages()
        .into_iter()
        .map(|message| (message.name.to_owned(), message.to_value()));
    plain
        .chain(events().map(|(name, event_type)| (name, event(event_type))))
        .collect()
}

impl Message {
    fn to_value(&self) -> Value {
        let mut value = json!({
            "name": self.schema,
            "title": self.title,
            "contentType": if self.is_json { "application/json" } else { "text/plain" },
            "payload": {"$ref": file(self.schema)},
        });
        if self.has_id {
            value["correlationId"] = json!({"location": "$message.payload#/id"});
        }
        if self.is_request {
            let topic = format!(
                "With MQTT 5 the answer goes to this topic too, with the correlation data of the request: at most \
                 {LONGEST_REPLY_TOPIC_BYTES} bytes and {MOST_REPLY_TOPIC_LEVELS} levels, and not one of the site's own."
            );
            value["bindings"] = json!({"mqtt": {
                "responseTopic": {"type": "string", "maxLength": LONGEST_REPLY_TOPIC_BYTES, "description": topic},
                "bindingVersion": BINDING_VERSION,
            }});
        }
        if !self.examples.is_empty() {
            let examples = self.examples.iter().map(|payload| json!({"payload": payload}));
            value["examples"] = examples.collect();
        }
        value
    }
}

fn event(event_type: &str) -> Value {
    let says = json!({"properties": {
        "type": {"const": event_type},
        "dataschema": {"const": Event::data_schema(event_type)},
        "data": {"$ref": file(event_type)},
    }});
    json!({
        "name": event_type,
        "title": "An event, as CloudEvents",
        "contentType": "application/cloudevents+json",
        "payload": {"allOf": [{"$ref": file(schemas::EVENT)}, says]},
    })
}

fn file(schema: &str) -> String {
    format!("./schemas/{schema}.json")
}
