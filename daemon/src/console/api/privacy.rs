//! Every field that can leave the building.

use habitat_events::inventory::{DISCLOSURES, Disclosure, Field, fields};
use serde::Serialize;

use crate::{
    mqtt::ANNOUNCED_FIELDS,
    status::{STATE_FIELDS, StateField},
};

/// The inventory.
#[derive(Serialize)]
pub(in crate::console) struct Privacy {
    /// Kinds of events: where they go, how often and why.
    disclosures: &'static [Disclosure],
    /// Their fields.
    fields: Vec<Field>,
    /// What the state of a zone tells over MQTT beside its measurement.
    zone_state: [StateField; 5],
    /// What discovery for Home Assistant tells over MQTT, where it is switched on.
    home_assistant: [StateField; 3],
}

/// The inventory of this version.
pub(in crate::console) fn view() -> Privacy {
    Privacy {
        disclosures: &DISCLOSURES,
        fields: fields(),
        zone_state: STATE_FIELDS,
        home_assistant: ANNOUNCED_FIELDS,
    }
}
