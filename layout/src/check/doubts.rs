//! Finds what can be, but was hardly meant: gaps between zones, screens through walls, screens drawn twice.
//!
//! A plan with doubts is as good as any; they are worth a look, because people draw what they mean only nearly.

mod doubt;
mod drawn;
mod duplicates;
mod gaps;
mod through_walls;

pub use doubt::{Doubt, DoubtKind};

use crate::plan::Plan;

/// Everything in a plan that was hardly meant; empty when nothing is.
///
/// Items that [`check`](crate::check) finds fault with are left out. Never panics, whatever the numbers are.
pub fn doubts(plan: &Plan) -> Vec<Doubt> {
    let screens = drawn::Screens::of(plan);
    let mut doubts = gaps::find(plan);
    doubts.extend(through_walls::find(plan, &screens));
    doubts.extend(duplicates::find(plan, &screens));
    doubts
}
