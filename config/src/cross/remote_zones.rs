//! Zones of other controllers: of another site, reachable, and at a level that fits.

use habitat_layout::acoustics::Borders;

use crate::{
    layout::DraftPlan,
    problem::Notes,
    read::shown,
    sections::{DEFAULT_LEVELS, DraftSite},
    site::ZoneLevels,
};

/// Checks each by itself; returns their commissioned levels.
pub(super) fn check(site: &DraftSite, site_notes: &Notes, plan: &DraftPlan, notes: &Notes) -> Vec<f64> {
    for (zone, places) in plan.plan.remote_zones.iter().zip(&plan.remote_zones) {
        if zone.site == site.names.id {
            let message = format!("{} is this site itself", shown(&zone.site));
            notes.error(
                places.of_key("site"),
                message,
                "describe a zone of this site in [[zone]]; [[remote_zone]] is for those of other controllers",
            );
        } else if site.mqtt.is_none() && !site_notes.has_errors() {
            notes.warning(
                &places.header,
                "nothing can be heard of this zone, as habitat.toml has no [mqtt]",
                "without it the zones beside it stay near their fixed levels",
            );
        }
    }
    let default_db = site.adaptation.levels.fixed.effective(DEFAULT_LEVELS.level_fixed_db);
    let level_db = |written: &Option<f64>| written.or(default_db).unwrap_or(DEFAULT_LEVELS.level_fixed_db);
    plan.remote_levels.iter().map(level_db).collect()
}

/// Notes zones whose fixed level is too far from that of a remote zone next door. The plan's geometry must be good.
pub(super) fn check_levels(site: &DraftSite, plan: &DraftPlan, own: &[ZoneLevels], remote_db: &[f64], notes: &Notes) {
    let largest_db = site.adaptation.law.neighbour_max_db;
    for (zone, beside) in Borders::of(&plan.plan).remote_zones.iter().enumerate() {
        for remote in beside {
            let (fixed_db, other_db) = (own[zone].level_fixed_db, remote_db[*remote]);
            if (fixed_db - other_db).abs() <= largest_db {
                continue;
            }
            let (id, other) = (&plan.plan.zones[zone].id, plan.plan.remote_zones[*remote].id());
            let message = format!(
                "the fixed level of `{other}`, {other_db} dB, is {} dB from that of `{id}` next door, {fixed_db} dB",
                (fixed_db - other_db).abs()
            );
            let help = format!("bring them within neighbour_max_db = {largest_db} of each other, on both sides");
            notes.error(plan.remote_zones[*remote].of_key("level_fixed_db"), message, help);
        }
    }
}
