//! Sounds with known truth: the same for the same seed, with no recordings but the four synthetic voices of the demo.

pub mod disturbance;
mod echo;
mod impacts;
pub mod level;
mod machines;
mod music;
pub mod noise;
pub mod random;
pub mod scene;
mod strike;
pub mod talk;
pub mod voice;
mod water;
