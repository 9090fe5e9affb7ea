//! Three rooms: loudspeakers in the ceiling, and what a ceiling microphone hears of them.
//!
//! Responses come from the image sources of a shoebox room (J. Allen & D. Berkley, JASA 65, 943-950, 1979) with fractional
//! delays; part of the reflections can be moved, as people and furniture would move them.

mod convolution;
mod drift;
mod image_source;
mod paths;

pub use convolution::Convolution;
pub use drift::Drift;
pub use image_source::{Point, Room, RoomKind, SPEED_OF_SOUND_M_PER_S};
pub use paths::Paths;
