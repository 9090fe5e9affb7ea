//! From the name of a zone or a group in a message to what is meant.

use super::topics::Topics;
use crate::control::Control;

/// The index of the zone with this id.
///
/// # Errors
/// A sentence with the most similar id there is.
pub(super) fn zone(control: &Control, zone: &str) -> Result<usize, String> {
    let known = control.site().plan.zones.iter().map(|known| known.id.as_str());
    control.zone_index(zone).ok_or_else(|| unknown("zone", zone, known))
}

/// The zones of the group with this id.
///
/// # Errors
/// A sentence with the most similar id there is.
pub(super) fn group<'a>(control: &'a Control, group: &str) -> Result<&'a Vec<usize>, String> {
    let groups = &control.site().groups;
    let found = groups.iter().find(|known| known.id == group);
    found
        .map(|found| &found.zones)
        .ok_or_else(|| unknown("group", group, groups.iter().map(|known| known.id.as_str())))
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    if !Topics::may_name(name) {
        return format!("the name of the {kind} is not one that a {kind} can have");
    }
    match known.min_by_key(|known| strsim::damerau_levenshtein(name, known)) {
        Some(nearest) => format!("there is no {kind} `{name}`; the nearest by name is `{nearest}`"),
        None => format!("there is no {kind} `{name}`; this site has none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_zone_is_answered_with_the_nearest() {
        let known = ["north-east", "north-west", "lounge"];
        assert!(unknown("zone", "north-eats", known.into_iter()).ends_with("`north-east`"));
        assert!(unknown("zone", "Lounge", known.into_iter()).ends_with("`lounge`"));
        assert!(!unknown("zone", "a\u{7}b", known.into_iter()).contains('\u{7}'));
        assert!(unknown("group", "a", std::iter::empty()).contains("has none"));
    }
}
