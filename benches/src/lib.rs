//! What the benchmarks and the tests of sound quality share: sites, rooms, sounds with known truth, and scores.

pub mod rooms;
pub mod score;
mod site;
pub mod sounds;
pub mod speech_cases;

pub use site::{SAMPLE_RATE_HZ, grid};
