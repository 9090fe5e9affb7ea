//! How the sound devices are.

use habitat_events::{FaultReason, round_to};
use serde::Serialize;

use crate::{health::Health, latency::Latency};

/// One direction of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::console) struct DeviceView {
    /// Its name in the layout.
    device: String,
    /// "input" or "output".
    direction: &'static str,
    /// Whether sound goes through it.
    running: bool,
    /// What is wrong with it.
    reason: Option<FaultReason>,
    /// What it said.
    problem: Option<String>,
}

/// Describes the devices of the site; none where the backend has none.
pub(super) fn view(health: &Health) -> Vec<DeviceView> {
    let devices = health.devices().into_iter();
    devices
        .map(|((direction, device), known)| {
            let (reason, problem) = known.fault.unzip();
            DeviceView {
                device,
                direction,
                running: known.link.is_running(),
                reason,
                problem,
            }
        })
        .collect()
}

/// What one direction of a device has moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::console) struct DeviceCounters {
    device: String,
    direction: &'static str,
    /// Frames that went through it.
    frames: u64,
    /// Frames of input that found no room, or of output that were not there in time.
    frames_lost: u64,
    /// Times that it, or its server, said that it had lost a moment.
    xruns: u64,
    /// By how much its clock is faster than the one that the engine follows; null where it is the same.
    drift_ppm: Option<f64>,
    /// From the microphone to the engine, or from the engine to the loudspeaker.
    latency_ms: Option<f64>,
}

/// Counts of the devices of the site.
pub(super) fn counters(health: &Health) -> Vec<DeviceCounters> {
    let devices = health.devices().into_iter();
    devices
        .map(|((direction, device), known)| DeviceCounters {
            device,
            direction,
            frames: known.link.frames(),
            frames_lost: known.link.lost_frames(),
            xruns: known.link.xruns(),
            drift_ppm: known.link.drift_ppm(),
            latency_ms: known.link.latency_s().map(milliseconds),
        })
        .collect()
}

/// How long sound is under way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::console) struct LatencyView {
    /// From the engine through the first output device, the input device on its clock and back.
    round_trip_ms: Option<f64>,
    /// The same with the way through the room, as the engine has found it by listening.
    heard_after_ms: Option<f64>,
}

/// Describes it.
pub(super) fn latency(latency: &Latency) -> LatencyView {
    LatencyView {
        round_trip_ms: latency.round_trip_s().map(milliseconds),
        heard_after_ms: latency.heard_after_s().map(milliseconds),
    }
}

fn milliseconds(seconds: f64) -> f64 {
    round_to(seconds * 1e3, 1)
}
