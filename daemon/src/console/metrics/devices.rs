//! Metrics of the sound devices.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::health::Health;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Device {
    device: String,
    direction: &'static str,
}

/// Adds them.
pub(super) fn register(registry: &mut Registry, health: &Health) {
    let running = Family::<Device, Gauge<i64>>::default();
    let (frames, lost) = (Family::<Device, Counter>::default(), Family::<Device, Counter>::default());
    let drift = Family::<Device, Gauge<f64, AtomicU64>>::default();
    for ((direction, device), known) in health.devices() {
        let label = Device { device, direction };
        running.get_or_create(&label).set(i64::from(known.link.is_running()));
        frames.get_or_create(&label).inc_by(known.link.frames());
        lost.get_or_create(&label).inc_by(known.link.lost_frames());
        if let Some(ppm) = known.link.drift_ppm() {
            drift.get_or_create(&label).set(ppm);
        }
    }
    registry.register("device_running", "Whether sound goes through a device", running);
    registry.register("device_frames", "Frames that went through a device", frames);
    registry.register(
        "device_frames_lost",
        "Frames of input that found no room, or of output that were not there in time",
        lost,
    );
    registry.register(
        "device_drift_ppm",
        "By how much the clock of a device is faster than the one that the engine follows",
        drift,
    );
}
