//! The drawing of a floor.

use habitat_layout::{Plan, drawing};

use crate::console::refusal::Refusal;

/// The SVG of the floor with this id, or of the first.
///
/// # Errors
/// When the layout does not have it.
pub(in crate::console) fn svg(plan: &Plan, floor: Option<&str>) -> Result<String, Refusal> {
    let index = match floor {
        Some(id) => plan.floors.iter().position(|floor| floor.id == id),
        None => Some(0),
    };
    index.map(|index| drawing::svg(plan, index)).ok_or_else(|| {
        let ids: Vec<_> = plan.floors.iter().map(|floor| floor.id.as_str()).collect();
        Refusal::new(
            404,
            format!(
                "there is no floor {:?}; the floors are {}",
                floor.unwrap_or_default(),
                ids.join(", ")
            ),
        )
    })
}
