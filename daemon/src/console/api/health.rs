//! How the parts of the daemon are.

use std::collections::BTreeMap;

use habitat_engine::Counters;
use habitat_events::FaultReason;
use serde::Serialize;
use tokio::time::Instant;

use super::{
    block_time::{self, BlockTimeView},
    devices::{self, DeviceCounters, DeviceView, LatencyView},
};
use crate::{
    console::{Console, heartbeat::Heartbeat},
    device_fault::advice,
    engine::real_time::{Obtained, RealTime},
    health::{Condition, Part},
};

/// What works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::console) struct HealthView {
    /// Whether the engine processes sound.
    ready: bool,
    /// If it does not: since when.
    problem: Option<String>,
    /// Every part that has reported.
    parts: BTreeMap<Part, Condition>,
    /// Microphones that have a fault, by id.
    microphones: BTreeMap<String, MicrophoneView>,
    /// Every direction of every sound device.
    devices: Vec<DeviceView>,
    /// What real time the system gives to a live engine.
    real_time: Option<Obtained>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct MicrophoneView {
    reason: FaultReason,
    /// What it does and what would help, as the rest of a sentence that begins with the microphone.
    problem: &'static str,
}

/// What works, and how much was lost.
#[derive(Serialize)]
pub(in crate::console) struct FullHealth {
    #[serde(flatten)]
    health: HealthView,
    counters: CountersView,
    device_counters: Vec<DeviceCounters>,
    latency: LatencyView,
    block_time: Option<BlockTimeView>,
}

#[derive(Serialize)]
struct CountersView {
    blocks: u64,
    blocks_without_input: u64,
    input_frames_lost: u64,
    output_frames_missing: u64,
    output_frames_lost: u64,
    reports_lost: u64,
}

/// Describes the parts.
pub(in crate::console) fn view(console: &Console, heartbeat: &Heartbeat) -> HealthView {
    let problem = heartbeat.check(Instant::now()).err();
    HealthView {
        ready: problem.is_none(),
        problem,
        parts: console.health.snapshot(),
        microphones: microphones(console),
        devices: devices::view(&console.health),
        real_time: console.real_time.as_ref().map(RealTime::obtained),
    }
}

fn microphones(console: &Console) -> BTreeMap<String, MicrophoneView> {
    let faults = console.health.microphone_faults().into_iter();
    faults
        .map(|(id, reason)| {
            let problem = advice(reason);
            (id, MicrophoneView { reason, problem })
        })
        .collect()
}

/// Describes parts and counters.
pub(in crate::console) fn full(console: &Console, heartbeat: &Heartbeat) -> FullHealth {
    FullHealth {
        health: view(console, heartbeat),
        counters: counters(&console.counters),
        device_counters: devices::counters(&console.health),
        latency: devices::latency(&console.health.latency),
        block_time: block_time::view(&console.counters.block_times),
    }
}

fn counters(counters: &Counters) -> CountersView {
    CountersView {
        blocks: counters.blocks.get(),
        blocks_without_input: counters.blocks_without_input.get(),
        input_frames_lost: counters.input_frames_lost.get(),
        output_frames_missing: counters.output_frames_missing.get(),
        output_frames_lost: counters.output_frames_lost.get(),
        reports_lost: counters.reports_lost.get(),
    }
}
