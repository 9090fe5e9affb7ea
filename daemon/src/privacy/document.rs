//! For programs.

use habitat_events::inventory::{DISCLOSURES, fields};
use serde_json::{Value, json};

use super::{ENVELOPE, IMPROVEMENT, LOCAL, NEVER};

/// The list as JSON: `events` and their `fields`, and what is told on the local network besides.
pub fn document() -> Value {
    let mut document = json!({
        "never": NEVER, "events": DISCLOSURES, "fields": fields(), "envelope": ENVELOPE, "product_improvement": IMPROVEMENT,
    });
    let local = LOCAL.iter().map(|kind| {
        json!({
            "key": kind.key, "name": kind.title, "why": kind.why, "destinations": kind.destinations,
            "how_often": kind.how_often, "kept": kind.kept,
        })
    });
    document["local"] = local.collect();
    for kind in LOCAL {
        document[kind.key] = json!(kind.fields);
    }
    document
}
