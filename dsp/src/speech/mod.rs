//! Speech: whether somebody talks, how loud, and in which zone.

mod activity;
mod background;
mod modulation;
mod talker;

pub use activity::{SpeechActivity, SpeechFrame, is_speech_band};
pub use background::Background;
pub use modulation::Modulation;
pub use talker::find_talkers;
