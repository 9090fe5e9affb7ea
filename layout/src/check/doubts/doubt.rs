//! What can be in doubt, and how a person is told.

use thiserror::Error;

use super::super::{Field, Item};

/// One thing in a plan that was hardly meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// What it is about.
    pub item: Item,
    /// Where in it; `None` for the item as a whole.
    pub field: Option<Field>,
    /// What the item does not go with.
    pub other: Item,
    /// Why.
    pub kind: DoubtKind,
}

/// Why something is in doubt. `to_string` says it in words with numbers, [`DoubtKind::help`] what would be right.
///
/// Screens have no names: they are counted from 1 in the order of the plan, walls among them.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DoubtKind {
    /// A strip between two zones that belongs to neither and is too narrow to be a passage.
    #[error(
        "zone \"{zone}\" and zone \"{other}\" are drawn up to {gap_m:.2} m apart over {length_m:.1} m around ({x_m:.2}, {y_m:.2}), \
         with no wall between"
    )]
    Gap {
        /// Name of the zone.
        zone: String,
        /// Name of the other, the earlier one of the two.
        other: String,
        /// Width of the strip where it is widest.
        gap_m: f64,
        /// Its length.
        length_m: f64,
        /// Its middle, metres to the east.
        x_m: f64,
        /// Its middle, metres to the north.
        y_m: f64,
    },
    /// A screen that goes through a wall.
    #[error(
        "on floor \"{floor}\" screen {screen} goes through wall {wall} at ({x_m:.2}, {y_m:.2}) and ends {behind_m:.2} m behind it"
    )]
    ThroughWall {
        /// Name of the floor.
        floor: String,
        /// Number of the screen.
        screen: usize,
        /// Number of the wall.
        wall: usize,
        /// How far from the wall the end is that is nearer to it.
        behind_m: f64,
        /// Where it goes through, metres to the east.
        x_m: f64,
        /// Where it goes through, metres to the north.
        y_m: f64,
    },
    /// Two screens in one place.
    #[error("on floor \"{floor}\" screen {screen} lies on screen {other} over {shared_m:.2} m around ({x_m:.2}, {y_m:.2})")]
    Duplicate {
        /// Name of the floor.
        floor: String,
        /// Number of the screen.
        screen: usize,
        /// Number of the other, the earlier one of the two.
        other: usize,
        /// Length of what they share.
        shared_m: f64,
        /// Middle of what they share, metres to the east.
        x_m: f64,
        /// Middle of what they share, metres to the north.
        y_m: f64,
    },
}

impl DoubtKind {
    /// What is in doubt, with numbers.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// What the item does not go with, in words.
    pub fn other_name(&self) -> String {
        match self {
            Self::Gap { other, .. } => format!("zone \"{other}\""),
            Self::ThroughWall { wall, .. } => format!("wall {wall}"),
            Self::Duplicate { other, .. } => format!("screen {other}"),
        }
    }

    /// What would be right.
    pub fn help(&self) -> String {
        match self {
            Self::Gap { .. } => "let them share an edge, or draw the wall as a [[screen]] of full height".into(),
            Self::ThroughWall { .. } => "end it at the wall; if it stands on both sides, draw one screen for each".into(),
            Self::Duplicate { .. } => "draw it once: leave one out, or move it to where it stands".into(),
        }
    }
}
