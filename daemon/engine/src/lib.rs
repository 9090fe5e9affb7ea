//! The real-time boundary: everything that crosses between the engine thread and the rest of the daemon.
//!
//! Samples cross over lock-free rings ([`CaptureEnd`], [`PlaybackEnd`]), parameters over a triple buffer
//! ([`ParameterWriter`]), reports over a ring ([`ReportReader`]). Nothing here waits: a full or empty ring is counted in
//! [`Counters`], and the engine goes on. [`EngineLoop::turn`] is the one door into real-time code; a debug build aborts on any
//! allocation behind it, and the tests run it under RealtimeSanitizer.
#![cfg_attr(realtime_sanitizer, feature(sanitize))]

mod block_time_buckets;
mod block_times;
mod block_times_read;
mod capture;
mod connect;
mod counters;
mod gate;
mod link;
mod mean_time;
mod playback;
mod rate_match;
mod rings;
mod stopwatch;
mod turn;
mod wiring;

pub use block_times::BlockTimes;
pub use block_times_read::BlockTimesRead;
pub use connect::{Ends, connect};
pub use counters::{Count, Counters};
pub use link::DeviceLink;
pub use rings::{CaptureEnd, ParameterWriter, PlaybackEnd, ReportGauge, ReportReader};
pub use turn::{EngineLoop, Mode, Turn};
pub use wiring::{DeviceWiring, Wiring};
