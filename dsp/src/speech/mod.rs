//! Speech: whether somebody talks, how loud, and in which zone.

mod background;
mod decision;
mod detector;
mod evidence;
mod history;
mod talker;
mod talker_level;
mod tools;
mod voicing;
mod weights;

pub use decision::HIDDEN;
pub use detector::{SpeechDetector, SpeechFrame, SpeechPeriod};
pub use evidence::NAMES;
pub use history::{INPUTS, Inputs};
pub use talker::{TalkerMemory, find_talkers};
pub use talker_level::TalkerLevel;
pub use tools::SpeechTools;
