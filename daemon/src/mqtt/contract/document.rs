//! The document as a whole: AsyncAPI 3.0, from the controller's point of view.

use serde_json::{Map, Value, json};

use super::{
    channels::{self, address},
    messages::{self, BINDING_VERSION},
};
use crate::mqtt::{
    link::wire::{KEEP_ALIVE, OFFLINE},
    topics::Topic,
};

/// `docs/asyncapi.json`.
pub(super) fn document() -> Value {
    let channels = channels::all();
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:habitat:mqtt",
        "info": {
            "title": "Habitat over MQTT",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What a controller publishes and what it can be told. docs/mqtt.md says it in words.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [
                {"name": "state", "description": "What is so now; the broker keeps it."},
                {"name": "settings", "description": "Changes of settings and their answers."},
                {"name": "mute", "description": "Silence, and whether there is."},
                {"name": "events", "description": "What has happened."},
                {"name": "home-assistant", "description": "Discovery."},
            ],
        },
        "defaultContentType": "application/json",
        "servers": {"mqtt": server("mqtt", "1883"), "mqtts": server("secure-mqtt", "8883")},
        "channels": channels.iter().map(channels::Channel::channel).collect::<Map<_, _>>(),
        "operations": channels.iter().flat_map(channels::Channel::operations).collect::<Map<_, _>>(),
        "components": {"messages": messages::components(), "parameters": parameters()},
    })
}

fn server(protocol: &str, port: &str) -> Value {
    json!({
        "host": "{broker}:{port}",
        "protocol": protocol,
        "protocolVersion": "5.0",
        "description": "The site's broker. One that speaks MQTT 3.1.1 only will do, too; then there are no response topics.",
        "variables": {
            "broker": {"default": "localhost", "description": "`host` in `[mqtt]`."},
            "port": {"default": port, "description": "`port` in `[mqtt]`."},
        },
        "bindings": {"mqtt": {
            "clientId": "habitat-{site}",
            "cleanSession": true,
            "keepAlive": KEEP_ALIVE.as_secs(),
            "lastWill": {"topic": address(Topic::Status), "qos": 1, "message": OFFLINE, "retain": true},
            "bindingVersion": BINDING_VERSION,
        }},
    })
}

fn parameters() -> Value {
    json!({
        "prefix": {"default": "habitat", "description": "`topic_prefix` in `[mqtt]`: one or more levels."},
        "site": {"description": "`id` of the site: small letters, digits and hyphens.", "examples": ["hq-3"]},
        "zone": {"description": "`id` of the zone in the layout.", "examples": ["north-east"]},
        "group": {"description": "`id` of the group in the configuration.", "examples": ["window-side"]},
        "discoveryPrefix": {"default": "homeassistant", "description": "`home_assistant_prefix` in `[mqtt]`."},
        "document": {"description": "`site`, or `zone_` and the id of a zone.", "examples": ["site", "zone_north-east"]},
    })
}
