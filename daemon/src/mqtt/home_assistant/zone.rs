//! What belongs to a zone: its settings, its mute and what it measures.
//!
//! Templates are as plain as can be: a JSON null becomes `None`, which Home Assistant shows as "unknown", and true and
//! false become `True` and `False`.

use std::collections::BTreeMap;

use habitat_config::{
    Site, limits,
    site::{Soundscape, ZoneLevels},
};
use habitat_layout::Zone;

use super::{
    document::{BinarySensor, Component, Document, Entity, Number, Select, Sensor, Switch},
    names::Names,
};
use crate::mqtt::topics::{Topic, Topics};

/// Steps of the slider for the offset; smaller ones are hardly heard.
const OFFSET_STEP_DB: f64 = 0.5;

/// A value that the state of a zone tells.
struct Reading {
    id: &'static str,
    name: &'static str,
    /// Its member in the state.
    member: &'static str,
    device_class: Option<&'static str>,
    unit: Option<&'static str>,
    decimals: u8,
}

/// A level in dB(A), which Home Assistant writes "dBA".
const fn level(id: &'static str, name: &'static str, member: &'static str) -> Reading {
    Reading {
        id,
        name,
        member,
        device_class: Some("sound_pressure"),
        unit: Some("dBA"),
        decimals: 1,
    }
}

const READINGS: [Reading; 5] = [
    level("ambient", "ambient level", "ambient_laeq_db"),
    level("speech", "speech level", "speech_laeq_db"),
    level("masking", "masking level", "masking_db"),
    Reading {
        id: "sti",
        name: "STI of speech from elsewhere",
        member: "sti",
        device_class: None,
        unit: None,
        decimals: 2,
    },
    Reading {
        id: "distraction",
        name: "distraction",
        member: "distraction_db_min",
        device_class: None,
        unit: Some("dB·min"),
        decimals: 4,
    },
];

/// The document of a zone.
pub(super) fn document(names: &Names, site: &Site, zone: &Zone, levels: &ZoneLevels, topics: &Topics) -> Document {
    let soundscapes: Vec<_> = Soundscape::ALL.iter().map(|soundscape| soundscape.name()).collect();
    let zone = OfZone { names, zone, topics };
    Document::new(
        names,
        &site.name,
        topics.at(Topic::Status),
        topics.of(Topic::ZoneState, &zone.zone.id),
        zone.components(levels, soundscapes),
    )
}

/// Makes the components of a zone.
pub(super) struct OfZone<'a> {
    /// Of the site.
    pub names: &'a Names,
    /// Which.
    pub zone: &'a Zone,
    /// Of the site.
    pub topics: &'a Topics,
}

impl OfZone<'_> {
    /// All of them; a choice of soundscapes only where there are several.
    pub fn components(&self, levels: &ZoneLevels, soundscapes: Vec<&'static str>) -> BTreeMap<&'static str, Component> {
        let mut components = BTreeMap::from([
            ("offset", self.offset()),
            ("enabled", self.enabled()),
            ("mute", self.mute()),
            ("distracted", self.distracted(levels.sti_target)),
        ]);
        components.extend(READINGS.iter().map(|reading| (reading.id, self.sensor(reading))));
        if soundscapes.len() > 1 {
            components.insert("soundscape", self.soundscape(soundscapes));
        }
        components
    }

    /// The range is the one that every zone accepts, rather than the part that can be heard in this one: Home Assistant
    /// refuses a state outside it, and somebody may have set it by other ways.
    fn offset(&self) -> Component {
        Component::Number(Number {
            entity: self.entity("number", "offset", "level offset", member("effective.offset_db")),
            command_topic: self.topics.of(Topic::ZoneSet, &self.zone.id),
            command_template: r#"{"offset_db": {{ value }} }"#,
            min: -limits::OFFSET_LIMIT_DB,
            max: limits::OFFSET_LIMIT_DB,
            step: OFFSET_STEP_DB,
            unit_of_measurement: "dB",
        })
    }

    fn enabled(&self) -> Component {
        Component::Switch(Switch {
            entity: self.entity("switch", "enabled", "adaptation", member("effective.enabled")),
            command_topic: self.topics.of(Topic::ZoneSet, &self.zone.id),
            payload_on: r#"{"enabled": true}"#.to_owned(),
            payload_off: r#"{"enabled": false}"#.to_owned(),
            state_on: "True",
            state_off: "False",
        })
    }

    /// It is on while the zone is silent, alone or with the whole site; off releases the zone alone.
    fn mute(&self) -> Component {
        // An id needs no escapes.
        let command = |state: &str| format!(r#"{{"state": "{state}", "zone": "{}"}}"#, self.zone.id);
        Component::Switch(Switch {
            entity: self.entity("switch", "mute", "mute", member("muted")),
            command_topic: self.topics.at(Topic::MuteSet),
            payload_on: command("ON"),
            payload_off: command("OFF"),
            state_on: "True",
            state_off: "False",
        })
    }

    fn soundscape(&self, options: Vec<&'static str>) -> Component {
        Component::Select(Select {
            entity: self.entity("select", "soundscape", "soundscape", member("effective.soundscape")),
            command_topic: self.topics.of(Topic::ZoneSet, &self.zone.id),
            command_template: r#"{"soundscape": "{{ value }}"}"#,
            options,
        })
    }

    /// The STI is null exactly when nobody talks elsewhere, and then nobody is distracted by it.
    fn distracted(&self, sti_target: f64) -> Component {
        let template = format!("{{{{ 'ON' if (value_json.sti or 0) >= {sti_target} else 'OFF' }}}}");
        Component::BinarySensor(BinarySensor {
            entity: self.entity("binary_sensor", "distracted", "distracted by speech", template),
        })
    }

    fn sensor(&self, reading: &Reading) -> Component {
        Component::Sensor(Sensor {
            entity: self.entity("sensor", reading.id, reading.name, member(reading.member)),
            device_class: reading.device_class,
            state_class: "measurement",
            unit_of_measurement: reading.unit,
            suggested_display_precision: reading.decimals,
        })
    }

    fn entity(&self, platform: &str, id: &str, name: &str, template: String) -> Entity {
        let unique_id = self.names.unique_id(Some(&self.zone.id), id);
        Entity::new(platform, unique_id, format!("{} {name}", self.zone.name), Some(template))
    }
}

/// The template that takes a member of the state as it is.
fn member(path: &str) -> String {
    format!("{{{{ value_json.{path} }}}}")
}
