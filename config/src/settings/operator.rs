//! Who asks, which is one of those that the site has told: no free text gets into events.

use crate::{
    read::{nearest, shown},
    site::Site,
};

/// The operator that a request names, if it names one.
///
/// # Errors
/// A sentence, when the site has no such operator.
pub fn known_operator<'a>(site: &'a Site, by: Option<&str>) -> Result<Option<&'a str>, String> {
    let Some(by) = by else { return Ok(None) };
    let mut known = site.operators.iter().map(String::as_str);
    if let Some(operator) = known.clone().find(|known| *known == by) {
        return Ok(Some(operator));
    }
    Err(match nearest(by, known.clone()) {
        Some(near) => format!("`by` cannot be {}; did you mean `{near}`?", shown(by)),
        None if known.next().is_none() => {
            "`by` cannot be given, because this site has no `operators` in [site] of its configuration".to_owned()
        }
        None => format!(
            "`by` cannot be {}; `operators` in [site] of the configuration has {}",
            shown(by),
            site.operators.join(", ")
        ),
    })
}
