//! Speech: whether somebody talks, how loud, and in which zone.

mod activity;
mod background;
mod decision;
mod detector;
mod evidence;
mod history;
mod modulation;
mod steady;
mod talker;
mod tools;
mod voicing;
mod weights;

pub use activity::{ActivityFrame, SpeechActivity, is_speech_band};
pub use decision::HIDDEN;
pub use detector::{SpeechDetector, SpeechFrame, SpeechPeriod};
pub use evidence::NAMES;
pub use history::{INPUTS, Inputs};
pub use modulation::Modulation;
pub use steady::SteadyPower;
pub use talker::{TalkerMemory, find_talkers};
pub use tools::SpeechTools;
