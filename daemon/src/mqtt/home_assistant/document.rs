//! What a discovery document says: <https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::Names;

/// "At least once", as everything else on these topics.
const QOS: u8 = 1;

/// One document: some entities of the device, and what they have in common.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    device: Device,
    origin: Origin,
    availability_topic: String,
    state_topic: String,
    components: BTreeMap<&'static str, Component>,
}

/// The status topic that a document names: by it the documents of a site are known.
pub(super) fn availability_topic(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Announced {
        availability_topic: String,
    }
    serde_json::from_slice::<Announced>(json)
        .ok()
        .map(|document| document.availability_topic)
}

/// The same in every document of a site, by which Home Assistant sees that it is one device.
#[derive(Debug, Serialize)]
struct Device {
    identifiers: [String; 1],
    name: String,
    manufacturer: &'static str,
    model: &'static str,
    sw_version: &'static str,
}

#[derive(Debug, Serialize)]
struct Origin {
    name: &'static str,
    sw_version: &'static str,
}

/// An entity.
#[derive(Debug, Serialize)]
#[serde(tag = "platform", rename_all = "snake_case")]
pub(super) enum Component {
    /// On or off, to look at.
    BinarySensor(BinarySensor),
    /// A number to set.
    Number(Number),
    /// One of several to choose.
    Select(Select),
    /// A value to look at.
    Sensor(Sensor),
    /// On or off, to set.
    Switch(Switch),
}

/// What every entity has.
#[derive(Debug, Serialize)]
pub(super) struct Entity {
    name: String,
    unique_id: String,
    default_entity_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_template: Option<String>,
    qos: u8,
}

/// <https://www.home-assistant.io/integrations/binary_sensor.mqtt/>
#[derive(Debug, Serialize)]
pub(super) struct BinarySensor {
    /// Its template gives `ON` or `OFF`.
    #[serde(flatten)]
    pub entity: Entity,
}

/// <https://www.home-assistant.io/integrations/number.mqtt/>
#[derive(Debug, Serialize)]
pub(super) struct Number {
    /// Its template gives the number.
    #[serde(flatten)]
    pub entity: Entity,
    /// Where to.
    pub command_topic: String,
    /// From the number to the command.
    pub command_template: &'static str,
    /// A state below is refused by Home Assistant, so it has to be the lowest that can be.
    pub min: f64,
    /// The highest that can be.
    pub max: f64,
    /// Of the slider.
    pub step: f64,
    /// Of the number.
    pub unit_of_measurement: &'static str,
}

/// <https://www.home-assistant.io/integrations/select.mqtt/>
#[derive(Debug, Serialize)]
pub(super) struct Select {
    /// Its template gives one of the options.
    #[serde(flatten)]
    pub entity: Entity,
    /// Where to.
    pub command_topic: String,
    /// From the option to the command.
    pub command_template: &'static str,
    /// What there is to choose.
    pub options: Vec<&'static str>,
}

/// <https://www.home-assistant.io/integrations/sensor.mqtt/>
#[derive(Debug, Serialize)]
pub(super) struct Sensor {
    /// Its template gives the number, or `None` for "unknown".
    #[serde(flatten)]
    pub entity: Entity,
    /// Kind of quantity, which fixes the units that are possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_class: Option<&'static str>,
    /// `measurement`: a value of now, of which mean, lowest and highest are kept.
    pub state_class: &'static str,
    /// None for a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_of_measurement: Option<&'static str>,
    /// Decimals.
    pub suggested_display_precision: u8,
}

/// <https://www.home-assistant.io/integrations/switch.mqtt/>
#[derive(Debug, Serialize)]
pub(super) struct Switch {
    /// Its template gives what [`Switch::state_on`] or [`Switch::state_off`] says.
    #[serde(flatten)]
    pub entity: Entity,
    /// Where to.
    pub command_topic: String,
    /// The command that switches on.
    pub payload_on: String,
    /// The command that switches off.
    pub payload_off: String,
    /// The state that means on.
    pub state_on: &'static str,
    /// The state that means off.
    pub state_off: &'static str,
}

impl Document {
    /// Entities of the site that read one topic.
    pub fn new(
        names: &Names,
        site_name: &str,
        availability_topic: String,
        state_topic: String,
        components: BTreeMap<&'static str, Component>,
    ) -> Self {
        const VERSION: &str = env!("CARGO_PKG_VERSION");
        Document {
            device: Device {
                identifiers: [names.device().to_owned()],
                name: site_name.to_owned(),
                manufacturer: "Habitat",
                model: "Adaptive sound masking",
                sw_version: VERSION,
            },
            origin: Origin {
                name: "habitatd",
                sw_version: VERSION,
            },
            availability_topic,
            state_topic,
            components,
        }
    }
}

impl Entity {
    /// `platform` is that of the component, and `template` makes the value from the state, which is taken as it is without.
    pub fn new(platform: &str, unique_id: String, name: String, template: Option<String>) -> Self {
        Entity {
            name,
            default_entity_id: Names::entity_id(platform, &unique_id),
            unique_id,
            value_template: template,
            qos: QOS,
        }
    }
}
