//! Every field that can leave the building: what it is, where it goes, how often and why.
//!
//! `habitatd privacy` prints this list. A test compares it with the types, so that a field cannot be added without its entry.

use schemars::{Schema, schema_for};
use serde::Serialize;

use crate::{Adaptation, Controller, Data, Device, Layout, Measurement, Mute, Preferences};

/// What one kind of event tells, and to whom.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Disclosure {
    /// The event type.
    pub event_type: &'static str,
    /// Where it can go.
    pub destinations: &'static str,
    /// How often.
    pub how_often: &'static str,
    /// What it is collected for.
    pub why: &'static str,
    /// How long it is kept, and where.
    pub kept: &'static str,
}

/// One field of one event type.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// The event type.
    pub event_type: &'static str,
    /// Name in the document.
    pub name: String,
    /// What it holds.
    pub what: String,
}

/// All events are kept alike.
const KEPT: &str = "event log: until somebody removes the file; local history: the newest 256 MiB; for the tenant until it has it, at \
                    most `outbox_days` and `outbox_mib`; tenant: as its retention says";

/// One entry per event type, in the order of [`Data::TYPES`].
pub const DISCLOSURES: [Disclosure; 7] = [
    Disclosure {
        event_type: Data::TYPES[0],
        destinations: "event log and MQTT on the local network; cloud tenant",
        how_often: "locally each second, to the cloud one aggregate a minute",
        why: "shows where and when speech distracts, and that the masking stays within its limits",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[1],
        destinations: "event log and MQTT on the local network; cloud tenant",
        how_often: "at each increase and decrease, at most once a minute per zone and direction",
        why: "accounts for every change of the masking",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[2],
        destinations: "event log on the local network; cloud tenant",
        how_often: "when somebody changes a setting, or a setting expires",
        why: "accounts for what was set, through which channel and by which of the configured operators",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[3],
        destinations: "event log and MQTT on the local network; cloud tenant",
        how_often: "when a device fails or recovers",
        why: "lets facilities staff repair it",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[4],
        destinations: "event log and MQTT on the local network; cloud tenant",
        how_often: "when the loudspeakers are muted or released",
        why: "accounts for silence, and for which channel and which of the configured operators it came through",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[5],
        destinations: "event log on the local network; cloud tenant",
        how_often: "when the daemon starts, stops or is configured anew",
        why: "tells a gap in the data from a quiet room",
        kept: KEPT,
    },
    Disclosure {
        event_type: Data::TYPES[6],
        destinations: "event log on the local network; cloud tenant",
        how_often: "when the daemon starts with another layout than the one last told, one event per floor",
        why: "lets dashboards draw the floors, and group zones by floor and by what people do there",
        kept: KEPT,
    },
];

/// The JSON Schema of an event type's `data`.
pub fn data_schemas() -> [(&'static str, Schema); 7] {
    [
        (Data::TYPES[0], schema_for!(Measurement)),
        (Data::TYPES[1], schema_for!(Adaptation)),
        (Data::TYPES[2], schema_for!(Preferences)),
        (Data::TYPES[3], schema_for!(Device)),
        (Data::TYPES[4], schema_for!(Mute)),
        (Data::TYPES[5], schema_for!(Controller)),
        (Data::TYPES[6], schema_for!(Layout)),
    ]
}

/// Every field of every event's `data`, nested ones as `outer.inner`, those of list entries as `list[].inner`, read off the types.
pub fn fields() -> Vec<Field> {
    let mut fields = Vec::new();
    for (event_type, schema) in data_schemas() {
        let root = schema.as_value();
        collect(event_type, root, root, "", &mut fields);
    }
    fields
}

fn collect(
    event_type: &'static str,
    root: &serde_json::Value,
    schema: &serde_json::Value,
    prefix: &str,
    fields: &mut Vec<Field>,
) {
    let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) else {
        return;
    };
    for (name, property) in properties {
        // Of a list, what its entries are.
        let entries = property.get("items").filter(|entries| referred(entries).is_some());
        let target = referred(entries.unwrap_or(property))
            .and_then(|r| root.pointer(r.trim_start_matches('#')))
            .unwrap_or(property);
        let name = format!("{prefix}{name}{}", if entries.is_some() { "[]" } else { "" });
        if target.get("properties").is_some() {
            collect(event_type, root, target, &format!("{name}."), fields);
        } else {
            let what = property.get("description").or_else(|| target.get("description"));
            fields.push(Field {
                event_type,
                what: what.and_then(|d| d.as_str()).unwrap_or_default().replace('\n', " "),
                name,
            });
        }
    }
}

/// What a property refers to, also one that may be absent.
fn referred(property: &serde_json::Value) -> Option<&str> {
    let alternatives = property.get("anyOf").and_then(|list| list.as_array()).into_iter().flatten();
    let mut references = core::iter::once(property)
        .chain(alternatives)
        .filter_map(|schema| schema.get("$ref"));
    references.next()?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_says_where_it_goes_and_every_field_what_it_holds() {
        for (disclosure, event_type) in DISCLOSURES.iter().zip(Data::TYPES) {
            assert_eq!(disclosure.event_type, event_type);
        }
        let fields = fields();
        for event_type in Data::TYPES {
            assert!(
                fields.iter().any(|f| f.event_type == event_type),
                "{event_type} has no fields"
            );
        }
        for field in &fields {
            assert!(
                !field.what.is_empty(),
                "{} of {} is not described",
                field.name,
                field.event_type
            );
        }
    }

    #[test]
    fn nested_fields_are_listed_too() {
        let names: Vec<_> = fields().into_iter().map(|f| f.name).collect();
        for expected in [
            "evidence.sti",
            "evidence.from_zone",
            "to.level_max_db",
            "dropped.measurement",
            "zones[].microphones[].position_m",
            "laeq_db",
        ] {
            assert!(names.iter().any(|n| n == expected), "{expected} is missing in {names:?}");
        }
    }
}
