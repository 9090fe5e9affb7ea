//! Lists of zones, which are only names before the layout is read.

use crate::read::{Item, Span, each, filled_list, text};

/// Names of zones and where they stand.
pub(crate) type ZoneNames = Vec<(String, Span)>;

/// Reads a list that is not empty.
pub(crate) fn zone_names(item: &Item) -> Option<ZoneNames> {
    each(&filled_list("[\"north-east\"]")(item)?, |item| {
        text(item).map(|name| (name, item.span.clone()))
    })
}
