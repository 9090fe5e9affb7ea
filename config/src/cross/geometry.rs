//! What the layout finds wrong in its geometry, brought to its place in the file.

use habitat_layout::Field;

use crate::{layout::DraftPlan, problem::Notes};

/// Checks the plan; returns whether it is good.
pub(super) fn check(plan: &DraftPlan, notes: &Notes) -> bool {
    let faults = habitat_layout::check(&plan.plan);
    let good = faults.is_empty();
    for fault in faults {
        // A plan without zones is noted where it is read.
        let Some(places) = plan.places(fault.item) else { continue };
        let span = match fault.field {
            Field::Listeners(Some(index)) | Field::Microphones(Some(index)) => places.of_element(fault.field.key(), index),
            field => places.of_key(field.key()),
        };
        notes.error(span, fault.kind.message(), fault.kind.help());
    }
    good
}
