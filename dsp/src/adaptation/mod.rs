//! The adaptation law: from the speech heard elsewhere to a masking level that nobody notices changing.
//!
//! [`Law`] says which level a zone should have, [`limit_steps_between_neighbours`] makes the levels of bordering zones fit, and
//! [`LevelDoor`] is the only place where a level changes: slew, level and neighbour limits hold there and nowhere else.
//! [`Ramp`] fades in at start and after a mute, and silences at once; [`GlideRecorder`] accounts for every change.

mod door;
mod glide;
mod law;
mod neighbours;
mod ramp;

pub use door::{LevelDoor, LevelLimits, TOLERANCE_DB};
pub use glide::GlideRecorder;
pub use law::{Goal, HeardSpeech, Law, MASKABLE_MARGIN_STI, STI_CURVE_FROM_DB, Situation, sti_at};
pub use neighbours::{Range, limit_steps_between_neighbours};
pub use ramp::Ramp;
