//! A plain speech detector to compare with: a level above the background that fluctuates like syllables.

mod activity;
mod modulation;
mod steady;

pub use activity::{ActivityFrame, SpeechActivity, is_speech_band};
