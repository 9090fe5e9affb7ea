//! From names of zones to zones.

use crate::{
    layout::DraftPlan,
    problem::Notes,
    read::{Span, shown},
};

/// The zones of these names; what is wrong with one is noted, and the others count.
pub(super) fn find(names: &[(String, Span)], notes: &Notes, plan: &DraftPlan) -> Vec<usize> {
    let mut zones = Vec::new();
    for (name, span) in names {
        let Some(zone) = plan.zone_ids.find(notes, name, span) else {
            continue;
        };
        if zones.contains(&zone) {
            notes.error(span, format!("zone {} is named twice", shown(name)), "name it once");
            continue;
        }
        zones.push(zone);
    }
    zones
}
