//! Every field that can leave this machine, in the forms in which people and programs read it.
//!
//! The list of events and their fields is read off the types ([`habitat_events::inventory`]); what MQTT and HTTP tell besides is listed
//! beside the code that tells it. There is one list ([`kinds`]) and several forms of it, so that none can say something else.

mod document;
mod html;
mod markdown;
mod text;

use habitat_events::inventory::{DISCLOSURES, fields};

pub use self::{document::document, html::html, markdown::markdown, text::text};
use crate::{
    mqtt::{ANNOUNCED_FIELDS, ANSWER_FIELDS},
    status::{STATE_FIELDS, StateField},
};

/// What stands above the list.
const NEVER: &str = "habitatd never stores or sends audio: there is no way in the program from samples to disk or network. \
                     What can leave this machine is listed here, and nothing else.";

/// What stands below it.
const ENVELOPE: &str = "Every event also carries id, source (site and controller), subject (zone or device) and time.";

/// Data for improving the product, which would have to be switched on.
const IMPROVEMENT: &str = "Data for improving the product: none. This version collects none, whatever is switched on.";

/// Something that can leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is.
    pub name: &'static str,
    /// What it is collected for.
    pub why: &'static str,
    /// Where it can go.
    pub where_to: &'static str,
    /// How often.
    pub how_often: &'static str,
    /// How long it is kept, and where.
    pub kept: &'static str,
    /// Its fields: name, and what it holds.
    pub fields: Vec<(String, String)>,
}

/// Everything that can leave.
pub fn kinds() -> Vec<Kind> {
    let fields = fields();
    let events = DISCLOSURES.iter().map(|event| Kind {
        name: event.event_type,
        why: event.why,
        where_to: event.destinations,
        how_often: event.how_often,
        kept: event.kept,
        fields: fields
            .iter()
            .filter(|field| field.event_type == event.event_type)
            .map(|field| (field.name.clone(), field.what.clone()))
            .collect(),
    });
    let local = LOCAL.iter().map(|kind| Kind {
        name: kind.title,
        why: kind.why,
        where_to: kind.destinations,
        how_often: kind.how_often,
        kept: kind.kept,
        fields: kind
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), field.what.to_owned()))
            .collect(),
    });
    events.chain(local).collect()
}

/// What is told on the local network and nowhere else.
struct Local {
    /// Its name for programs.
    key: &'static str,
    title: &'static str,
    why: &'static str,
    destinations: &'static str,
    how_often: &'static str,
    kept: &'static str,
    fields: &'static [StateField],
}

const LOCAL: [Local; 3] = [
    Local {
        key: "zone_state",
        title: "state of a zone, beside its measurement",
        why: "lets the building see and use what each zone does",
        destinations: "MQTT and the console on the local network",
        how_often: "on change, at most once a second",
        kept: "the MQTT broker keeps the latest of each zone until the next",
        fields: &STATE_FIELDS,
    },
    Local {
        key: "command_answers",
        title: "answers to commands",
        why: "tells whoever asked what became of it",
        destinations: "MQTT (the result topic, and where the command asked for it) and the console on the local network",
        how_often: "once for each command",
        kept: "the MQTT broker does not keep them; this machine keeps the ids of the latest commands of a zone, at most 64, so that none \
               is carried out twice: they count for ten minutes, and go with the next command of the zone",
        fields: &ANSWER_FIELDS,
    },
    Local {
        key: "home_assistant",
        title: "discovery for Home Assistant, with home_assistant = true",
        why: "sets up the zones in Home Assistant",
        destinations: "MQTT on the local network",
        how_often: "at each connect",
        kept: "the MQTT broker keeps it until it is removed",
        fields: &ANNOUNCED_FIELDS,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_everything_in_every_form() {
        let page = html().replace("<code>", "`").replace("</code>", "`");
        let forms = [text(), page, markdown(), format!("{:#}", document())];
        for kind in kinds() {
            assert!(!kind.fields.is_empty(), "{}", kind.name);
            for said in [kind.name, kind.why, kind.where_to, kind.how_often, kind.kept] {
                assert!(!said.is_empty(), "{kind:?}");
                assert!(forms.iter().all(|form| form.contains(said)), "{said}");
            }
            for (name, what) in &kind.fields {
                // Descriptions have signs that each form writes in its own way.
                assert!(forms.iter().all(|form| form.contains(name.as_str())), "{name}");
                assert!(forms[0].contains(what.as_str()), "{what}");
            }
        }
    }

    #[test]
    fn the_documentation_is_this_list() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/privacy.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == markdown(),
            "docs/privacy.md is not what `habitatd privacy --format markdown` prints; write it anew with UPDATE_DOCS=1"
        );
    }
}
