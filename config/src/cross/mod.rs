//! Checks between values: of one file, and of one file with the other.

mod channels;
mod coverage;
mod doubts;
mod geometry;
mod groups;
mod levels;
mod neighbours;
mod remote_zones;
mod schedules;
mod zone_names;

use crate::{
    layout::DraftPlan,
    problem::Notes,
    sections::DraftSite,
    site::{Group, Scene, Schedule, ZoneLevels},
};

/// What follows from both files together.
pub(crate) struct Outcome {
    /// See [`crate::site::Site::zones`].
    pub(crate) levels: Vec<ZoneLevels>,
    /// See [`crate::site::Site::remote_levels`].
    pub(crate) remote_levels: Vec<f64>,
    /// See [`crate::site::Site::schedules`].
    pub(crate) schedules: Vec<Schedule>,
    /// See [`crate::site::Site::groups`].
    pub(crate) groups: Vec<Group>,
    /// See [`crate::site::Site::scenes`].
    pub(crate) scenes: Vec<Scene>,
}

/// Checks a layout without a site.
pub(crate) fn check_layout(plan: &DraftPlan, notes: &Notes) {
    if geometry::check(plan, notes) && !notes.has_errors() {
        doubts::check(plan, notes);
    }
}

/// Runs all checks; what is wrong goes to the notes of the file that it stands in.
pub(crate) fn check(site: &DraftSite, site_notes: &Notes, plan: &DraftPlan, plan_notes: &Notes) -> Outcome {
    let levels = levels::check(site, site_notes, plan, plan_notes);
    let remote_levels = remote_zones::check(site, site_notes, plan, plan_notes);
    channels::check(&site.audio.backend, plan, plan_notes);
    coverage::check(plan, plan_notes);
    // A zone or wall that could not be read would look like a gap.
    let good = geometry::check(plan, plan_notes) && plan.complete && !plan_notes.has_errors();
    if good {
        doubts::check(plan, plan_notes);
    }
    if good && !site_notes.has_errors() {
        neighbours::check(site, plan, &levels, plan_notes);
        remote_zones::check_levels(site, plan, &levels, &remote_levels, plan_notes);
    }
    Outcome {
        schedules: schedules::check(site, site_notes, plan, &levels),
        groups: groups::check_groups(&site.groups, site_notes, plan),
        scenes: groups::check_scenes(&site.scenes, site_notes, plan, &levels),
        levels,
        remote_levels,
    }
}
