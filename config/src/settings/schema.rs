//! The JSON Schema of a request, from the same table by which it is read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{
    SettingsRequest,
    command_id::COMMAND_ID,
    keys::{KEYS, Key, Kind},
    today::WORDS,
};
use crate::{limits, site::Soundscape};

impl JsonSchema for SettingsRequest {
    fn schema_name() -> Cow<'static, str> {
        "SettingsRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let properties: Map<String, Value> = KEYS.iter().map(|key| (key.name.to_owned(), property(key))).collect();
        let with_scene = KEYS.iter().filter(|key| key.goes_with_scene).map(|key| key.name);
        json_schema!({
            "description": "A change of settings; what is left out stays as it is.",
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "dependentSchemas": {"scene": {"propertyNames": {"enum": with_scene.collect::<Vec<_>>()}}},
        })
    }
}

fn property(key: &Key) -> Value {
    let mut schema = match &key.kind {
        Kind::True(_) => json!({"const": true}),
        Kind::Flag(_) => json!({"type": "boolean"}),
        Kind::Number(_) => json!({"type": "number"}),
        Kind::Level(range, _) => json!({"type": "number", "minimum": range.start(), "maximum": range.end()}),
        Kind::Minutes(longest, _) => json!({"type": "number", "exclusiveMinimum": 0, "maximum": longest}),
        Kind::Name(_) => json!({"type": "string"}),
        Kind::Id(_) => json!({"type": "string", "pattern": COMMAND_ID}),
        Kind::Soundscape(_) => {
            let names: Vec<_> = Soundscape::ALL.iter().map(|soundscape| soundscape.name()).collect();
            json!({"type": "string", "enum": names})
        }
        Kind::Today(_) => {
            let (lowest, highest) = (limits::LEVEL_RANGE_DB.start(), limits::LEVEL_RANGE_DB.end());
            json!({"anyOf": [
                {"type": "string", "enum": WORDS.map(|(word, _)| word)},
                {"type": "number", "minimum": lowest, "maximum": highest},
            ]})
        }
    };
    schema["description"] = key.what.into();
    schema
}
