//! Schedules name zones that exist and levels that these allow.

use super::zone_names;
use crate::{
    layout::DraftPlan,
    problem::Notes,
    read::shown,
    sections::{DraftSchedule, DraftSite},
    site::{Schedule, ZoneLevels},
};

/// Checks all schedules.
pub(super) fn check(site: &DraftSite, notes: &Notes, plan: &DraftPlan, levels: &[ZoneLevels]) -> Vec<Schedule> {
    site.schedules
        .iter()
        .map(|draft| check_one(draft, notes, plan, levels))
        .collect()
}

fn check_one(draft: &DraftSchedule, notes: &Notes, plan: &DraftPlan, levels: &[ZoneLevels]) -> Schedule {
    let zones = zone_names::find(&draft.zones, notes, plan);
    if let Some((level, span)) = draft.level_db.as_written() {
        let allows = |zone: &&usize| !(levels[**zone].level_min_db..=levels[**zone].level_max_db).contains(level);
        if let Some(zone) = zones.iter().find(allows) {
            let ZoneLevels {
                level_min_db,
                level_max_db,
                ..
            } = levels[*zone];
            let message = format!(
                "`level_db` = {level} is outside the limits of zone {}",
                shown(&plan.plan.zones[*zone].id)
            );
            notes.error(
                span,
                message,
                format!("write a level from {level_min_db} to {level_max_db} dB"),
            );
        }
    }
    Schedule {
        zones,
        days: draft.days.clone(),
        from: draft.from,
        to: draft.to,
        level_db: draft.level_db.clone().written(),
        holidays: draft.holidays.clone(),
    }
}
