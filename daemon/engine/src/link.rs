//! What both sides of the boundary know of one device: whether it runs, and how far it has come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{counters::Count, mean_time::MeanTime, stopwatch::Stopwatch};

/// One direction of one device. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DeviceLink(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    stopwatch: Stopwatch,
    rate_hz: f64,
    running: AtomicBool,
    /// Frames that the device has moved and when it moved the last of them: in one number, so that they are read together.
    moved: AtomicU64,
    /// Most frames that it has moved at once.
    most_at_once: AtomicU64,
    /// Frames that it has moved since the daemon began.
    frames: Count,
    /// Frames of input that found no room, or of output that were not there in time.
    lost_frames: Count,
    /// Times that the device or its server said that it had lost a moment.
    xruns: Count,
    /// Rate of the device re that of the engine, parts per thousand million; `i64::MIN` where it is not followed.
    drift: AtomicI64,
    /// Channels that have to be silent.
    muted: Box<[AtomicBool]>,
    /// What the device itself adds, as it says.
    device_latency: MeanTime,
    /// How long sound waits in the ring.
    ring_latency: MeanTime,
}

/// A position in a device's stream and when it was there; both wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) frames: u32,
    pub(crate) at_us: u32,
}

impl DeviceLink {
    pub(crate) fn new(stopwatch: Stopwatch, rate_hz: u32, channels: usize) -> Self {
        DeviceLink(Arc::new(Shared {
            stopwatch,
            rate_hz: f64::from(rate_hz),
            running: AtomicBool::new(true),
            moved: AtomicU64::new(0),
            most_at_once: AtomicU64::new(0),
            frames: Count::default(),
            lost_frames: Count::default(),
            xruns: Count::default(),
            drift: AtomicI64::new(i64::MIN),
            muted: (0..channels).map(|_| AtomicBool::new(false)).collect(),
            device_latency: MeanTime::default(),
            ring_latency: MeanTime::default(),
        }))
    }

    /// Whether the device runs. The engine neither waits for one that does not nor gives it anything.
    pub fn is_running(&self) -> bool {
        self.0.running.load(Ordering::Acquire)
    }

    /// The device runs from now on, or not any more. A device runs from the start unless it is said otherwise.
    pub fn set_running(&self, running: bool) {
        self.0.running.store(running, Ordering::Release);
    }

    /// Frames that the device has moved: its heartbeat.
    pub fn frames(&self) -> u64 {
        self.0.frames.get()
    }

    /// Frames of input that found no room, or of output that were not there in time.
    pub fn lost_frames(&self) -> u64 {
        self.0.lost_frames.get()
    }

    /// By how much the device's clock is faster than the one that the engine follows, parts per million; `None` where it is the same.
    pub fn drift_ppm(&self) -> Option<f64> {
        let drift = self.0.drift.load(Ordering::Relaxed);
        (drift != i64::MIN).then_some(drift as f64 / 1e3)
    }

    /// Times that the device or its server said that it had lost a moment.
    pub fn xruns(&self) -> u64 {
        self.0.xruns.get()
    }

    /// The device or its server has lost a moment.
    pub fn count_xrun(&self) {
        self.0.xruns.add(1);
    }

    /// How long sound is under way, seconds: from the microphone to the engine, or from the engine to the loudspeaker. Mean over a
    /// second; `None` while nothing is known.
    pub fn latency_s(&self) -> Option<f64> {
        let known = self.is_running().then(|| self.0.ring_latency.read_s()).flatten();
        known.map(|ring_s| ring_s + self.0.device_latency.read_s().unwrap_or_default())
    }

    /// A device has just given so many frames, the first of which it heard so long ago.
    pub fn heard_first(&self, ago: Duration, frames: usize) {
        let frames_s = frames as f64 / self.0.rate_hz;
        self.0.device_latency.take(ago.as_secs_f64() - frames_s, frames_s);
    }

    /// A device has just taken so many frames, the first of which it will play so long from now.
    pub fn plays_first(&self, from_now: Duration, frames: usize) {
        let frames_s = frames as f64 / self.0.rate_hz;
        self.0.device_latency.take(from_now.as_secs_f64() + frames_s, frames_s);
    }

    /// Whether a channel has to be silent, whatever waits for it.
    pub(crate) fn is_muted(&self, channel: usize) -> bool {
        self.0.muted.get(channel).is_some_and(|muted| muted.load(Ordering::Acquire))
    }

    /// A channel has to be silent, or not any more.
    pub(crate) fn set_muted(&self, channel: usize, is: bool) {
        if let Some(muted) = self.0.muted.get(channel) {
            muted.store(is, Ordering::Release);
        }
    }

    /// So much sound waits in the ring now, seconds; told by the engine in every block, which lasts so long.
    pub(crate) fn waits(&self, waiting_s: f64, block_s: f64) {
        self.0.ring_latency.take(waiting_s, block_s);
    }

    /// What waited is gone.
    pub(crate) fn forget_waiting(&self) {
        self.0.ring_latency.forget();
        self.0.device_latency.forget();
    }

    pub(crate) fn set_drift_ppm(&self, ppm: Option<f64>) {
        let drift = ppm.map_or(i64::MIN, |ppm| (ppm * 1e3) as i64);
        self.0.drift.store(drift, Ordering::Relaxed);
    }

    pub(crate) fn lose(&self, frames: u64) {
        self.0.lost_frames.add(frames);
    }

    /// The device has moved so many frames more, just now.
    pub(crate) fn moves(&self, frames: usize) {
        self.0.frames.add(frames as u64);
        self.0.most_at_once.fetch_max(frames as u64, Ordering::Relaxed);
        let at_us = self.0.stopwatch.elapsed().as_micros() as u32;
        let frames = self.0.frames.get() as u32;
        self.0
            .moved
            .store(u64::from(frames) << 32 | u64::from(at_us), Ordering::Release);
    }

    /// Most frames that the device has moved at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(Ordering::Relaxed) as usize
    }

    /// Frames that have to wait, on average, for a device that moves so many at once to run beside an engine that moves whole blocks.
    pub(crate) fn target_frames(&self, block_frames: usize) -> usize {
        target_frames(self.most_at_once(), block_frames)
    }

    /// Frames that have to be ready for a device that the engine follows.
    pub(crate) fn ready_frames(&self, block_frames: usize) -> usize {
        block_frames + self.most_at_once().clamp(block_frames, MOST_BLOCKS_AT_ONCE * block_frames)
    }

    pub(crate) fn moved(&self) -> Moved {
        let both = self.0.moved.load(Ordering::Acquire);
        Moved {
            frames: (both >> 32) as u32,
            at_us: both as u32,
        }
    }
}

/// Devices that move more at once than so many blocks are not provided for.
const MOST_BLOCKS_AT_ONCE: usize = 5;

/// Twice what is moved at once: after a callback that was early and before one that is late there is still enough.
pub(crate) fn target_frames(at_once: usize, block_frames: usize) -> usize {
    block_frames + 2 * at_once.clamp(block_frames, MOST_BLOCKS_AT_ONCE * block_frames)
}

impl Moved {
    /// How long ago it was at a time since the epoch, at most `longest`.
    pub(crate) fn ago(self, now: Duration, longest: Duration) -> Duration {
        let ago_us = (now.as_micros() as u32).wrapping_sub(self.at_us);
        // The device may have moved since that time was taken.
        let ago_us = if ago_us > u32::MAX / 2 { 0 } else { ago_us };
        Duration::from_micros(u64::from(ago_us)).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_has_moved_is_known_with_its_time() {
        let link = DeviceLink::new(Stopwatch::start(), 48_000, 2);
        link.moves(480);
        link.moves(20);
        assert_eq!((link.frames(), link.moved().frames), (500, 500));
        let moved = Moved { frames: 0, at_us: 5_000 };
        let longest = Duration::from_millis(200);
        assert_eq!(moved.ago(Duration::from_micros(7_000), longest), Duration::from_micros(2_000));
        assert_eq!(moved.ago(Duration::from_micros(4_000), longest), Duration::ZERO);
        assert_eq!(moved.ago(Duration::from_secs(5), longest), longest);
        // After 71 minutes the time wraps.
        let before = Moved {
            frames: 0,
            at_us: u32::MAX - 999,
        };
        let now = Duration::from_micros(u64::from(u32::MAX) + 1 + 500);
        assert_eq!(before.ago(now, longest), Duration::from_micros(1_500));
    }

    #[test]
    fn what_waits_and_what_the_device_adds_make_the_latency() {
        let link = DeviceLink::new(Stopwatch::start(), 48_000, 2);
        // The last of 480 frames was heard 20 ms after the first.
        link.heard_first(Duration::from_millis(30), 480);
        assert_eq!(link.latency_s(), None, "nothing has waited yet");
        link.waits(0.040, 0.02);
        assert!((link.latency_s().unwrap() - 0.060).abs() < 1e-6);
        link.set_running(false);
        assert_eq!(link.latency_s(), None);
    }

    #[test]
    fn drift_is_told_with_its_sign_or_not_at_all() {
        let link = DeviceLink::new(Stopwatch::start(), 48_000, 2);
        assert_eq!(link.drift_ppm(), None);
        link.set_drift_ppm(Some(-12.5));
        assert_eq!(link.drift_ppm(), Some(-12.5));
        link.set_drift_ppm(None);
        assert_eq!(link.drift_ppm(), None);
    }
}
