//! The adaptation law: from the speech heard elsewhere to a masking level that nobody notices changing.
//!
//! [`Law`] says which level a zone should have: the one of least price by what each would have cost ([`CostCurve`], [`Reach`]).
//! [`limit_steps_between_neighbours`] makes the levels of bordering zones fit, and [`LevelDoor`] is the only place where a level
//! changes: slew, level and neighbour limits hold there and nowhere else. [`SiteLaw`] is the law and the neighbour limit of all
//! zones; [`BorderLimits`] is the limit towards zones of another engine. [`Ramp`] fades in at start and after a mute, and silences at once; [`GlideRecorder`] accounts for every change.

mod border;
mod cost;
mod door;
mod fluctuation;
mod glide;
mod grid;
mod law;
mod neighbours;
mod place;
mod ramp;
mod reach;
mod site;
mod sti_curve;

pub use border::{BorderLimits, Fitting};
pub use cost::CostCurve;
pub use door::{LevelDoor, LevelLimits, TOLERANCE_DB};
pub use fluctuation::FluctuationSignature;
pub use glide::GlideRecorder;
pub use grid::LevelSum;
pub use law::{Benefit, Goal, HeardSpeech, Law, MASKABLE_MARGIN_STI, RESPONSE_SLOPE, Situation};
pub use neighbours::limit_steps_between_neighbours;
pub use place::{PLACE_LEVELS, PLACE_MEMORY_S, PlaceMemory};
pub use ramp::{Ramp, Wanted};
pub use reach::Reach;
pub use site::{REACHED_DB, SiteLaw, ZoneBounds, ZoneHeard};
pub use sti_curve::{STI_CURVE_FROM_DB, sti_at};
