//! Whether microphones can be believed: what their samples look like, and which loudspeakers they hear.

mod loudspeakers;
mod samples;
mod watch;

pub use loudspeakers::{HeardLoudspeaker, LoudspeakerMap};
pub use samples::{LARGEST_SAMPLE, SampleCollector, SampleStatistics, or_silence};
pub use watch::{SensorSecond, SensorWatch};
