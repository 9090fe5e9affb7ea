//! What time it is for events: the wall clock in live operation, the stream's own time under `pipe`.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// How far stream time may drift from the wall clock before a live clock follows it, seconds.
const LARGEST_DRIFT_S: f64 = 0.5;

/// Converts frames to time.
#[derive(Clone, Debug)]
pub struct Clock {
    sample_rate_hz: u32,
    /// `Some`: stream time from here on, nothing depends on the wall clock.
    stream_start: Option<Timestamp>,
    frame: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that counts frames from a given time.
    pub fn stream(start: Timestamp, sample_rate_hz: u32) -> Self {
        Clock {
            sample_rate_hz,
            stream_start: Some(start),
            frame: Arc::default(),
        }
    }

    /// A clock that follows the wall clock.
    pub fn wall(sample_rate_hz: u32) -> Self {
        Clock {
            sample_rate_hz,
            stream_start: None,
            frame: Arc::default(),
        }
    }

    /// Whether time is counted in frames.
    pub fn is_stream(&self) -> bool {
        self.stream_start.is_some()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self.stream_start {
            Some(start) => self.after(start, self.frame.load(Ordering::Relaxed)),
            None => Timestamp::now(),
        }
    }

    /// The time of a frame, where time is counted in frames.
    pub fn stream_time(&self, frame: u64) -> Option<Timestamp> {
        self.stream_start.map(|start| self.after(start, frame))
    }

    /// Notes that the engine has come as far as this frame.
    pub fn advance(&self, frame: u64) {
        self.frame.fetch_max(frame, Ordering::Relaxed);
    }

    /// The time `frames` after another.
    pub fn after(&self, start: Timestamp, frames: u64) -> Timestamp {
        let rate = u64::from(self.sample_rate_hz);
        let (seconds, rest) = (frames / rate, frames % rate);
        let duration = SignedDuration::new(seconds as i64, (rest * 1_000_000_000 / rate) as i32);
        start.checked_add(duration).unwrap_or(start)
    }
}

/// The time of each frame, as the reporter sees it.
#[derive(Debug)]
pub struct FrameTime {
    clock: Clock,
    start: Timestamp,
}

impl FrameTime {
    /// Begins now, or at the stream's start.
    pub fn new(clock: Clock) -> Self {
        let start = clock.stream_start.unwrap_or_else(Timestamp::now);
        FrameTime { clock, start }
    }

    /// The time of a frame that the engine has just reported. A live clock that has drifted is set anew.
    pub fn of(&mut self, frame: u64) -> Timestamp {
        self.clock.advance(frame);
        let time = self.clock.after(self.start, frame);
        if self.clock.is_stream() {
            return time;
        }
        let now = Timestamp::now();
        let drift = now.duration_since(time);
        if drift.as_secs_f64().abs() <= LARGEST_DRIFT_S {
            return time;
        }
        self.start = self.start.checked_add(drift).unwrap_or(self.start);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_time_counts_frames_exactly() {
        let start: Timestamp = "2026-01-05T08:00:00+02:00".parse().unwrap();
        let mut time = FrameTime::new(Clock::stream(start, 44_100));
        assert_eq!(time.of(44_100 * 3600).to_string(), "2026-01-05T07:00:00Z");
        assert_eq!(time.of(44_100 * 3600 + 22_050).to_string(), "2026-01-05T07:00:00.5Z");
    }

    #[test]
    fn a_live_clock_follows_the_wall_clock() {
        let mut time = FrameTime::new(Clock::wall(48_000));
        let late = time.of(48_000 * 86_400);
        assert!(late.duration_since(Timestamp::now()).as_secs_f64().abs() < 1.0);
    }
}
