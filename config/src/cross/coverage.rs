//! Zones that cannot measure or play: possible, but worth knowing.

use crate::{layout::DraftPlan, problem::Notes};

/// Warns about zones without microphones or loudspeakers.
pub(super) fn check(plan: &DraftPlan, notes: &Notes) {
    if !plan.complete {
        return;
    }
    for (index, places) in plan.zones.iter().enumerate() {
        let listens = plan.plan.microphones.iter().any(|microphone| microphone.zone == index);
        let plays = plan.plan.loudspeakers.iter().any(|loudspeaker| loudspeaker.zone == index);
        let (message, help) = match (listens, plays) {
            (true, true) => continue,
            (true, false) => (
                "this zone has no loudspeaker",
                "it has only the masking that comes from its neighbours",
            ),
            (false, true) => (
                "this zone has no microphone",
                "it holds its fixed level, as nothing is measured in it",
            ),
            (false, false) => (
                "this zone has neither microphone nor loudspeaker",
                "nothing is measured in it and nothing plays in it",
            ),
        };
        notes.warning(places.of_key("id"), message, help);
    }
}
