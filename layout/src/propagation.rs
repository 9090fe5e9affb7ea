//! How loud a source is somewhere else on its floor, per third-octave band.
//!
//! Two parts add up as energies: the direct sound (`direct`), which screens weaken (`screen`), and the sound that
//! floor, ceiling and walls send back (`reverberant`). A wall, a screen of full height, weakens both. All levels
//! are re the free-field level of the source at 1 m. Sources radiate alike in all directions, talkers too: nobody
//! knows which way they face, and ISO 3382-3 measures with an omnidirectional source for the same reason. Air
//! absorption is left out: 2 dB at 8 kHz over 20 m (ISO 9613-1), less elsewhere. Storeys do not hear each other.

mod direct;
mod obstacles;
mod reverberant;
mod room;
mod screen;

pub use room::{GAIN_FLOOR_DB, MAX_PATH_M, Path, Room};

pub(crate) use obstacles::Obstacles;

/// Speed of sound in air at 20 °C, m/s.
pub const SPEED_OF_SOUND_M_PER_S: f64 = 343.0;

#[cfg(test)]
mod tests;
