//! From the name of a zone in a message to the zone.

use super::topics::Topics;
use crate::control::Control;

/// The index of the zone with this id.
///
/// # Errors
/// A sentence with the most similar id there is.
pub(super) fn find(control: &Control, zone: &str) -> Result<usize, String> {
    control
        .zone_index(zone)
        .ok_or_else(|| unknown(zone, control.site().plan.zones.iter().map(|known| known.id.as_str())))
}

fn unknown<'a>(zone: &str, known: impl Iterator<Item = &'a str>) -> String {
    if !Topics::may_name(zone) {
        return "the name of the zone is not one that a zone can have".to_owned();
    }
    match known.min_by_key(|known| strsim::damerau_levenshtein(zone, known)) {
        Some(nearest) => format!("there is no zone `{zone}`; the nearest by name is `{nearest}`"),
        None => format!("there is no zone `{zone}`; this site has none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_zone_is_answered_with_the_nearest() {
        let known = ["north-east", "north-west", "lounge"];
        assert!(unknown("north-eats", known.into_iter()).ends_with("`north-east`"));
        assert!(unknown("Lounge", known.into_iter()).ends_with("`lounge`"));
        assert!(!unknown("a\u{7}b", known.into_iter()).contains('\u{7}'));
        assert!(unknown("a", std::iter::empty()).contains("has none"));
    }
}
