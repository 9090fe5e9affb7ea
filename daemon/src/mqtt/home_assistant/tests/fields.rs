//! The fields that Home Assistant documents, as of 2026-06. What is not in here it ignores without a word, so a
//! misspelt field would do nothing.

/// Fields of one part of a document.
pub struct Fields {
    /// The part: a platform, or a place in the document.
    pub of: &'static str,
    /// Without these Home Assistant refuses it.
    pub required: &'static [&'static str],
    /// Those that may be there, besides [`COMMON`] in components.
    pub optional: &'static [&'static str],
}

/// <https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload>
pub const DOCUMENT: Fields = Fields {
    of: "document",
    required: &["device", "origin", "components"],
    optional: &[
        "availability",
        "availability_mode",
        "availability_template",
        "availability_topic",
        "payload_available",
        "payload_not_available",
        "command_topic",
        "state_topic",
        "qos",
        "encoding",
    ],
};

/// <https://www.home-assistant.io/integrations/sensor.mqtt/#device>; one of identifiers and connections is required.
pub const DEVICE: Fields = Fields {
    of: "device",
    required: &["identifiers"],
    optional: &[
        "configuration_url",
        "connections",
        "hw_version",
        "manufacturer",
        "model",
        "model_id",
        "name",
        "serial_number",
        "suggested_area",
        "sw_version",
        "via_device",
    ],
};

/// <https://www.home-assistant.io/integrations/mqtt/#discovery-payload>
pub const ORIGIN: Fields = Fields {
    of: "origin",
    required: &["name"],
    optional: &["sw_version", "support_url"],
};

/// What the pages of all the platforms below have.
pub const COMMON: [&str; 15] = [
    "availability",
    "availability_mode",
    "availability_topic",
    "default_entity_id",
    "device",
    "enabled_by_default",
    "encoding",
    "entity_category",
    "entity_picture",
    "icon",
    "json_attributes_template",
    "json_attributes_topic",
    "name",
    "qos",
    "value_template",
];

/// Platforms. `platform` and `unique_id` are required in device-based discovery, which is all that there is here.
pub const PLATFORMS: [Fields; 5] = [
    // https://www.home-assistant.io/integrations/binary_sensor.mqtt/#configuration-variables
    Fields {
        of: "binary_sensor",
        required: &["platform", "unique_id", "state_topic"],
        optional: &[
            "availability_template",
            "device_class",
            "expire_after",
            "force_update",
            "group",
            "off_delay",
            "payload_available",
            "payload_not_available",
            "payload_off",
            "payload_on",
        ],
    },
    // https://www.home-assistant.io/integrations/number.mqtt/#configuration-variables
    Fields {
        of: "number",
        required: &["platform", "unique_id", "command_topic"],
        optional: &[
            "command_template",
            "device_class",
            "max",
            "message_expiry_interval",
            "min",
            "mode",
            "optimistic",
            "payload_reset",
            "retain",
            "state_topic",
            "step",
            "unit_of_measurement",
        ],
    },
    // https://www.home-assistant.io/integrations/select.mqtt/#configuration-variables
    Fields {
        of: "select",
        required: &["platform", "unique_id", "command_topic", "options"],
        optional: &[
            "availability_template",
            "command_template",
            "message_expiry_interval",
            "optimistic",
            "retain",
            "state_topic",
        ],
    },
    // https://www.home-assistant.io/integrations/sensor.mqtt/#configuration-variables
    Fields {
        of: "sensor",
        required: &["platform", "unique_id", "state_topic"],
        optional: &[
            "availability_template",
            "device_class",
            "expire_after",
            "force_update",
            "last_reset_value_template",
            "options",
            "payload_available",
            "payload_not_available",
            "state_class",
            "suggested_display_precision",
            "unit_of_measurement",
        ],
    },
    // https://www.home-assistant.io/integrations/switch.mqtt/#configuration-variables
    Fields {
        of: "switch",
        required: &["platform", "unique_id", "command_topic"],
        optional: &[
            "availability_template",
            "command_template",
            "device_class",
            "group",
            "message_expiry_interval",
            "optimistic",
            "payload_off",
            "payload_on",
            "retain",
            "state_off",
            "state_on",
            "state_topic",
        ],
    },
];

/// <https://www.home-assistant.io/integrations/sensor/#device-class>: units of the device classes that are used.
pub const UNITS: [(&str, &[&str]); 1] = [("sound_pressure", &["dB", "dBA"])];
