//! What the layout doubts in its geometry, brought to its place in the file.

use crate::{layout::DraftPlan, problem::Notes};

/// Warns about what was hardly meant. The plan's geometry must be good.
pub(super) fn check(plan: &DraftPlan, notes: &Notes) {
    for doubt in habitat_layout::doubts(&plan.plan) {
        let Some(places) = plan.places(doubt.item) else { continue };
        let span = doubt.field.map_or(&places.header, |field| places.of_key(field.key()));
        let mut help = doubt.kind.help();
        if let Some(other) = plan.places(doubt.other) {
            let line = notes.line(other.header.start);
            help.push_str(&format!("; {} is in line {line}", doubt.kind.other_name()));
        }
        notes.warning(span, doubt.kind.message(), help);
    }
}
