//! Checks between values: of one file, and of one file with the other.

mod channels;
mod coverage;
mod doubts;
mod geometry;
mod levels;
mod neighbours;
mod schedules;

use crate::{
    layout::DraftPlan,
    problem::Notes,
    sections::DraftSite,
    site::{Schedule, ZoneLevels},
};

/// What follows from both files together.
pub(crate) struct Outcome {
    /// See [`crate::site::Site::zones`].
    pub(crate) levels: Vec<ZoneLevels>,
    /// See [`crate::site::Site::schedules`].
    pub(crate) schedules: Vec<Schedule>,
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
    channels::check(&site.audio.backend, plan, plan_notes);
    coverage::check(plan, plan_notes);
    // A zone or wall that could not be read would look like a gap.
    let good = geometry::check(plan, plan_notes) && plan.complete && !plan_notes.has_errors();
    if good {
        doubts::check(plan, plan_notes);
    }
    if good && !site_notes.has_errors() {
        neighbours::check(site, plan, &levels, plan_notes);
    }
    let schedules = schedules::check(site, site_notes, plan, &levels);
    Outcome { levels, schedules }
}
