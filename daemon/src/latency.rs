//! How long sound is under way through the devices: told by them, and heard.

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use habitat_engine::DeviceLink;

/// What is known of it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    devices: Arc<OnceLock<MainDevices>>,
    heard_after_s: Arc<RwLock<Option<f64>>>,
}

/// The devices whose round trip is meant.
#[derive(Clone, Debug)]
pub struct MainDevices {
    /// The input on the clock of the output.
    pub input: DeviceLink,
    /// The first output.
    pub output: DeviceLink,
    /// What is processed at once.
    pub block: Duration,
}

impl Latency {
    /// Makes the devices known, once.
    pub fn set_devices(&self, devices: MainDevices) {
        // There is one backend in a run.
        let _ = self.devices.set(devices);
    }

    /// From the engine through the output device, the input device and back to the engine: what is played is heard so much later if
    /// loudspeaker and microphone touch, seconds. `None` without devices, or while one of them does not run.
    pub fn round_trip_s(&self) -> Option<f64> {
        let devices = self.devices.get()?;
        Some(devices.block.as_secs_f64() + devices.input.latency_s()? + devices.output.latency_s()?)
    }

    /// Takes what was found by listening, seconds.
    pub fn set_heard_after_s(&self, found_s: f64) {
        *self.heard_after_s.write().unwrap_or_else(PoisonError::into_inner) = Some(found_s);
    }

    /// The same round trip with the way through the room, seconds, as the engine has found it by listening.
    pub fn heard_after_s(&self) -> Option<f64> {
        *self.heard_after_s.read().unwrap_or_else(PoisonError::into_inner)
    }
}
