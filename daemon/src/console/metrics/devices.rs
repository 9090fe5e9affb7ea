//! Metrics of the sound devices.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use crate::health::Health;

type Real = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Device {
    device: String,
    direction: &'static str,
}

/// Adds them.
pub(super) fn register(registry: &mut Registry, health: &Health) {
    let running = Family::<Device, Gauge<i64>>::default();
    let (frames, lost) = (Family::<Device, Counter>::default(), Family::<Device, Counter>::default());
    let xruns = Family::<Device, Counter>::default();
    let (drift, latency) = (Family::<Device, Real>::default(), Family::<Device, Real>::default());
    for ((direction, device), known) in health.devices() {
        let label = Device { device, direction };
        running.get_or_create(&label).set(i64::from(known.link.is_running()));
        frames.get_or_create(&label).inc_by(known.link.frames());
        lost.get_or_create(&label).inc_by(known.link.lost_frames());
        xruns.get_or_create(&label).inc_by(known.link.xruns());
        if let Some(ppm) = known.link.drift_ppm() {
            drift.get_or_create(&label).set(ppm);
        }
        if let Some(seconds) = known.link.latency_s() {
            latency.get_or_create(&label).set(seconds);
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
        "device_xruns",
        "Times that a device, or its server, said that it had lost a moment",
        xruns,
    );
    registry.register_with_unit(
        "device_latency",
        "From the microphone to the engine, or from the engine to the loudspeaker",
        Unit::Seconds,
        latency,
    );
    let under_way = [
        (
            "round_trip",
            "From the engine through the first output device, the input device on its clock and back",
            health.latency.round_trip_s(),
        ),
        (
            "heard_after",
            "The same with the way through the room, as found by listening",
            health.latency.heard_after_s(),
        ),
    ];
    for (name, help, seconds) in under_way {
        if let Some(seconds) = seconds {
            let gauge = Real::default();
            gauge.set(seconds);
            registry.register_with_unit(name, help, Unit::Seconds, gauge);
        }
    }
    registry.register(
        "device_drift_ppm",
        "By how much the clock of a device is faster than the one that the engine follows",
        drift,
    );
}
