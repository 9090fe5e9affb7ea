//! Fixed levels of zones that border on each other: the neighbour limit holds from the first moment.

use habitat_layout::acoustics::Borders;

use crate::{layout::DraftPlan, problem::Notes, sections::DraftSite, site::ZoneLevels};

/// Notes zones whose fixed level is too far above that of a zone next door. The plan's geometry must be good.
pub(super) fn check(site: &DraftSite, plan: &DraftPlan, levels: &[ZoneLevels], notes: &Notes) {
    let largest_db = site.adaptation.law.neighbour_max_db;
    for (zone, neighbours) in Borders::of(&plan.plan).zones.iter().enumerate() {
        let fixed_db = levels[zone].level_fixed_db;
        let Some(softest) = neighbours.iter().copied().min_by(|a, b| {
            let fixed = |index: &usize| levels[*index].level_fixed_db;
            fixed(a).total_cmp(&fixed(b))
        }) else {
            continue;
        };
        let softest_db = levels[softest].level_fixed_db;
        if fixed_db - softest_db <= largest_db {
            continue;
        }
        let key = plan.zones[zone].of_key("level_fixed_db");
        let other = &plan.plan.zones[softest].id;
        let message = format!(
            "the fixed level {fixed_db} dB is {} dB above that of `{other}` next door, {softest_db} dB",
            fixed_db - softest_db
        );
        let help = format!("bring them within neighbour_max_db = {largest_db} of each other");
        notes.error(key, message, help);
    }
}
