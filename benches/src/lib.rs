//! What the benchmarks and the tests of sound quality share: sites, rooms, sounds with known truth, and scores.

pub mod echo_scene;
pub mod fft;
pub mod office_day;
pub mod open_plan;
pub mod plain;
pub mod plan;
pub mod remover_run;
pub mod rooms;
pub mod score;
mod site;
pub mod sounds;
pub mod speech_cases;
#[cfg(feature = "speex")]
pub mod speex;

pub use site::{SAMPLE_RATE_HZ, grid, parameters};
