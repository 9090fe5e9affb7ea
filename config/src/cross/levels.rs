//! The levels of each zone after it has inherited what it does not set: in order, and loud only when acknowledged.

use crate::{
    layout::DraftPlan,
    limits,
    problem::Notes,
    read::{Reading, Span},
    sections::{DEFAULT_LEVELS, DraftSite, Levels},
    site::ZoneLevels,
};

/// Where the values of the site itself come from if it does not set them.
const DEFAULT: &str = " (the default)";

/// Where those of a zone come from if it does not set them.
const INHERITED: &str = " (from [adaptation])";

/// One of the three levels.
#[derive(Clone, Copy)]
struct Level<'a> {
    key: &'static str,
    value: f64,
    /// Where it is written, if it is in the table in question.
    own: Option<&'a Span>,
}

/// Checks the site's levels and each zone's; returns those that hold in each zone of the plan.
pub(super) fn check(site: &DraftSite, site_notes: &Notes, plan: &DraftPlan, plan_notes: &Notes) -> Vec<ZoneLevels> {
    let defaults = [
        DEFAULT_LEVELS.level_min_db,
        DEFAULT_LEVELS.level_fixed_db,
        DEFAULT_LEVELS.level_max_db,
    ];
    let site_levels = levels(&site.adaptation.levels, defaults.map(Some));
    let in_order = note_order(site_levels, DEFAULT, site_notes);
    note_loud(site, site_levels[2], site_notes);
    // Zones are not blamed for what the site has wrong already.
    let inherited = site_levels.map(|level| level.filter(|_| in_order).map(|level| level.value));
    let sti_target = site.adaptation.levels.sti_target.effective(DEFAULT_LEVELS.sti_target);
    let soundscape = site.soundscape.effective(DEFAULT_LEVELS.soundscape);
    let of_zone = |wishes: &crate::layout::ZoneWishes| {
        let zone = levels(&wishes.levels, inherited);
        note_order(zone, INHERITED, plan_notes);
        note_loud(site, zone[2], plan_notes);
        let [min, fixed, max] = zone.map(|level| level.map(|level| level.value));
        // A value that is missing here is wrong and noted, and the site is refused.
        ZoneLevels {
            level_min_db: min.unwrap_or(DEFAULT_LEVELS.level_min_db),
            level_fixed_db: fixed.unwrap_or(DEFAULT_LEVELS.level_fixed_db),
            level_max_db: max.unwrap_or(DEFAULT_LEVELS.level_max_db),
            sti_target: wishes
                .levels
                .sti_target
                .clone()
                .written()
                .or(sti_target)
                .unwrap_or(DEFAULT_LEVELS.sti_target),
            soundscape: wishes
                .soundscape
                .clone()
                .written()
                .or(soundscape)
                .unwrap_or(DEFAULT_LEVELS.soundscape),
        }
    };
    plan.wishes.iter().map(of_zone).collect()
}

/// Lowest, fixed and highest level of a table; `None` where one is wrong.
fn levels(written: &Levels, inherited: [Option<f64>; 3]) -> [Option<Level<'_>>; 3] {
    let level = |key, reading: &'_ Reading<f64>, inherited: Option<f64>| match reading.as_written() {
        Some((value, _)) => Some((key, *value)),
        None if reading.is_wrong() => None,
        None => inherited.map(|value| (key, value)),
    };
    let [min, fixed, max] = inherited;
    [
        (level("level_min_db", &written.min, min), written.min.span()),
        (level("level_fixed_db", &written.fixed, fixed), written.fixed.span()),
        (level("level_max_db", &written.max, max), written.max.span()),
    ]
    .map(|(level, own)| level.map(|(key, value)| Level { key, value, own }))
}

/// Whether lowest ≤ fixed ≤ highest; notes the first pair that is not in order, unless both are inherited.
fn note_order([min, fixed, max]: [Option<Level>; 3], origin: &str, notes: &Notes) -> bool {
    for (low, high) in [(min, max), (min, fixed), (fixed, max)] {
        let (Some(low), Some(high)) = (low, high) else { continue };
        if low.value <= high.value {
            continue;
        }
        let describe = |level: Level| format!("`{}` = {}", level.key, level.value);
        let from = |level: Level| if level.own.is_none() { origin } else { "" };
        let (span, message) = match (high.own, low.own) {
            (Some(span), _) => (span, format!("{} is below {}{}", describe(high), describe(low), from(low))),
            (None, Some(span)) => (span, format!("{} is above {}{}", describe(low), describe(high), from(high))),
            (None, None) => continue,
        };
        notes.error(
            span,
            message,
            "level_min_db, level_fixed_db and level_max_db must rise in this order",
        );
        return false;
    }
    true
}

/// Notes a highest level that needs to be acknowledged and is not.
fn note_loud(site: &DraftSite, max: Option<Level>, notes: &Notes) {
    let limit = limits::LOUD_ABOVE_DB;
    let Some(Level {
        value, own: Some(span), ..
    }) = max
    else {
        return;
    };
    if value > limit && !site.adaptation.loud_acknowledged {
        let message = format!("`level_max_db` = {value} is loud (above {limit} dB)");
        let help = format!("write at most {limit}, or accept it with acknowledge_loud = true in [adaptation] of habitat.toml");
        notes.error(span, message, help);
    }
}
