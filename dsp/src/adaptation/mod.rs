//! The adaptation law: from the speech heard elsewhere to a masking level that nobody notices changing.
//!
//! [`Law`] says which level a zone should have: the one of least price by what each would have cost ([`CostCurve`], [`Reach`]).
//! [`limit_steps_between_neighbours`] makes the levels of bordering zones fit, and [`LevelDoor`] is the only place where a level
//! changes: slew, level and neighbour limits hold there and nowhere else. [`SiteLaw`] is the law and the neighbour limit of all
//! zones. [`Ramp`] fades in at start and after a mute, and silences at once; [`GlideRecorder`] accounts for every change.

mod cost;
mod door;
mod glide;
mod grid;
mod law;
mod neighbours;
mod ramp;
mod reach;
mod site;
mod sti_curve;

pub use cost::CostCurve;
pub use door::{LevelDoor, LevelLimits, TOLERANCE_DB};
pub use glide::GlideRecorder;
pub use grid::{LEVELS, PerLevel, grid_level_db};
pub use law::{Benefit, Goal, HeardSpeech, Law, MASKABLE_MARGIN_STI, Situation};
pub use neighbours::{Range, limit_steps_between_neighbours};
pub use ramp::Ramp;
pub use reach::Reach;
pub use site::{REACHED_DB, SiteLaw, ZoneBounds, ZoneHeard};
pub use sti_curve::{STI_CURVE_FROM_DB, sti_at};
