//! Masking sound: independent shaped noise for each loudspeaker.

mod generator;
mod random;
mod shape;

pub use generator::NoiseGenerator;
pub use random::RandomBits;
pub use shape::NoiseShape;
