//! The account of every change: one record per glide.

use super::Goal;
use crate::{AdaptationReport, Cause};

/// A glide is recorded at the latest after this time, seconds.
const LONGEST_S: f64 = 60.0;

/// A glide has ended when the level has not moved for this time, seconds.
const STILL_S: f64 = 2.0;

/// Changes below this are not recorded by themselves; they stay in the account until they add up to it.
const SMALLEST_DB: f64 = 0.005;

/// A level moves when it changes by more than this from one step to the next, dB; less is rounding.
const MOVING_DB: f64 = 1e-6;

/// Follows the level of one zone. The records join up: each begins where the last one ended.
#[derive(Clone, Debug)]
pub struct GlideRecorder {
    zone: u32,
    longest_frames: u64,
    still_frames: u64,
    from_db: f64,
    from_frame: u64,
    last_db: f64,
    last_moved_frame: u64,
    rising: bool,
    cause: Cause,
    evidence: Option<(f32, u32)>,
}

impl GlideRecorder {
    /// Follows a zone from the given level on.
    pub fn new(zone: u32, level_db: f64, sample_rate_hz: u32) -> Self {
        let frames = |seconds: f64| (seconds * f64::from(sample_rate_hz)) as u64;
        GlideRecorder {
            zone,
            longest_frames: frames(LONGEST_S),
            still_frames: frames(STILL_S),
            from_db: level_db,
            from_frame: 0,
            last_db: level_db,
            last_moved_frame: 0,
            rising: true,
            cause: Cause::Startup,
            evidence: None,
        }
    }

    /// Takes the level at a frame and why it is there; returns the record of a glide that has ended.
    pub fn step(&mut self, frame: u64, level_db: f64, why: &Goal) -> Option<AdaptationReport> {
        let moved = level_db - self.last_db;
        let moving = moved.abs() > MOVING_DB;
        let other = moving && (self.rising != (moved > 0.0) || self.cause != why.cause);
        let mut ended = None;
        if other {
            // What went before ended with the previous step; the new glide begins there.
            ended = self.close(self.last_moved_frame);
            self.rising = moved > 0.0;
            self.cause = why.cause;
            self.evidence = why.evidence;
            self.from_frame = self.last_moved_frame;
        }
        if moving {
            let still_before = self.last_moved_frame + self.still_frames < frame;
            if still_before && (self.last_db - self.from_db).abs() < SMALLEST_DB {
                self.from_frame = frame;
            }
            self.last_moved_frame = frame;
            self.evidence = why.evidence.or(self.evidence);
        }
        self.last_db = level_db;
        if ended.is_none() {
            let too_long = frame - self.from_frame >= self.longest_frames;
            let still = frame - self.last_moved_frame >= self.still_frames;
            if (too_long && moving) || still {
                ended = self.close(if still { self.last_moved_frame } else { frame });
            }
        }
        ended
    }

    /// The level at the last step.
    pub fn level_db(&self) -> f64 {
        self.last_db
    }

    /// Ends whatever glide is going on.
    pub fn finish(&mut self, frame: u64) -> Option<AdaptationReport> {
        self.close(frame)
    }

    fn close(&mut self, frame: u64) -> Option<AdaptationReport> {
        if (self.last_db - self.from_db).abs() < SMALLEST_DB {
            return None;
        }
        let record = AdaptationReport {
            zone: self.zone,
            end_frame: frame,
            frames: frame.saturating_sub(self.from_frame),
            from_db: self.from_db,
            to_db: self.last_db,
            cause: self.cause,
            evidence: self.evidence,
        };
        self.from_db = self.last_db;
        self.from_frame = frame;
        self.evidence = None;
        Some(record)
    }
}
