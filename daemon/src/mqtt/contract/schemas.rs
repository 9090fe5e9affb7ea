//! A schema for each kind of payload.

use habitat_config::settings::SettingsRequest;
use habitat_events::Event;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::{
    mqtt::{
        answer::{AllChanged, Changed, Muted, Refused},
        link::wire::{OFFLINE, ONLINE},
        mutes::{self, ON_OR_OFF},
        state::{self, LEFT_OUT},
    },
    status::ZoneStatus,
};

pub(super) const STATUS: &str = "habitat.status.v1";
pub(super) const ZONE_STATE: &str = state::SCHEMA;
pub(super) const SETTINGS_REQUEST: &str = "habitat.settings.request.v1";
pub(super) const ZONE_RESULT: &str = "habitat.settings.zone-result.v1";
pub(super) const ZONES_RESULT: &str = "habitat.settings.zones-result.v1";
pub(super) const MUTE_WORD: &str = "habitat.mute.word.v1";
pub(super) const MUTE_REQUEST: &str = "habitat.mute.request.v1";
pub(super) const MUTE_RESULT: &str = "habitat.mute.result.v1";
pub(super) const MUTE_STATE: &str = "habitat.mute.state.v1";
pub(super) const EVENT: &str = "habitat.event.v1";
pub(super) const DISCOVERY: &str = "habitat.home-assistant.discovery.v1";

/// All of them by their names.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let discovery =
        "A document of device-based discovery: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload";
    let schemas = [
        (
            STATUS,
            json!({"description": "Whether the controller is there.", "type": "string", "enum": [ONLINE, OFFLINE]}),
        ),
        (ZONE_STATE, zone_state()),
        (SETTINGS_REQUEST, asked::<SettingsRequest>()),
        (
            ZONE_RESULT,
            either::<Changed, Refused>("The answer to a change of the settings of a zone."),
        ),
        (
            ZONES_RESULT,
            either::<AllChanged, Refused>("The answer to a change of the settings of several zones."),
        ),
        (
            MUTE_WORD,
            json!({"description": "Mutes or releases the whole site.", "type": "string", "pattern": ON_OR_OFF}),
        ),
        (MUTE_REQUEST, asked::<mutes::Written>()),
        (MUTE_RESULT, either::<Muted, Refused>("The answer to a mute.")),
        (
            MUTE_STATE,
            json!({"description": "Whether the whole site is muted.", "type": "string", "enum": [state::ON, state::OFF]}),
        ),
        (EVENT, told::<Event>()),
        (DISCOVERY, json!({"description": discovery, "type": "object"})),
    ];
    schemas
        .into_iter()
        .map(|(name, schema)| (name, named(name, schema)))
        .collect()
}

fn named(name: &str, mut schema: Value) -> Value {
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["$id"] = Event::data_schema(name).into();
    schema
}

/// What we read. "Not given" is what is left out, so that a null says nothing.
fn asked<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    for property in schema["properties"].as_object_mut().unwrap().values_mut() {
        property
            .as_object_mut()
            .unwrap()
            .retain(|key, value| key != "default" || !value.is_null());
    }
    schema
}

/// What we write.
fn told<T: JsonSchema>() -> Value {
    writing().into_root_schema_for::<T>().to_value()
}

fn writing() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn either<A: JsonSchema, B: JsonSchema>(what: &str) -> Value {
    let mut generator = writing();
    let kinds = [generator.subschema_for::<A>(), generator.subschema_for::<B>()];
    json!({"description": what, "anyOf": kinds, "$defs": generator.take_definitions(true)})
}

/// That of the status, changed as its payload is.
fn zone_state() -> Value {
    let mut schema = told::<ZoneStatus>();
    let properties = schema["properties"].as_object_mut().unwrap();
    for left_out in LEFT_OUT {
        assert!(properties.shift_remove(left_out).is_some(), "{left_out}");
    }
    properties.insert(
        "schema".into(),
        json!({"const": ZONE_STATE, "description": "Raised when a field gets another meaning."}),
    );
    let time = json!({"type": "string", "format": "date-time", "description": "End of the last second."});
    schema["properties"]["time"] = time;
    let required = schema["required"].as_array_mut().unwrap();
    required.retain(|name| !LEFT_OUT.iter().any(|left_out| name == left_out));
    required.extend(["time".into(), "schema".into()]);
    // New fields may come without another number.
    schema
        .as_object_mut()
        .unwrap()
        .retain(|key, _| key != "additionalProperties" && key != "unevaluatedProperties");
    schema["title"] = "ZoneState".into();
    schema["description"] = "What a zone does: the last second and the settings in force.".into();
    schema
}
