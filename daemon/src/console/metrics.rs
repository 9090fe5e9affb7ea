//! What Prometheus reads, in the OpenMetrics text format <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
//!
//! The registry is made anew for each reading, so that a value which is not known now is absent instead of old.

mod devices;

use std::{fmt, sync::atomic::AtomicU64};

use habitat_engine::BlockTimesRead;
use habitat_events::{Measurement, OwnSoundRemoval};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet, text},
    metrics::{MetricType, counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};

use super::{Console, heartbeat::Heartbeat};
use crate::{health::Condition, status::ZoneStatus};

/// Media type of the text.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Real = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Zone {
    zone: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Microphone {
    microphone: String,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Part {
    part: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Policy {
    policy: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Cpus {
    cpus: String,
}

/// Block times, in two buckets per octave.
#[derive(Debug)]
struct BlockTimes(BlockTimesRead);

impl EncodeMetric for BlockTimes {
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        let bound = |bound: Option<std::time::Duration>| bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64());
        let halves = self.0.half_octaves().into_iter();
        let buckets: Vec<(f64, u64)> = halves.map(|(longest, count)| (bound(longest), count)).collect();
        encoder.encode_histogram::<NoLabelSet>(self.0.sum().as_secs_f64(), self.0.blocks(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// All metrics as they are now.
pub(super) fn text(console: &Console, heartbeat: &Heartbeat) -> String {
    let mut registry = Registry::with_prefix("habitat");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "Version of habitatd", version);
    zones(&mut registry, console);
    engine(&mut registry, console, heartbeat);
    block_times(&mut registry, console);
    real_time(&mut registry, console);
    health(&mut registry, console);
    devices::register(&mut registry, &console.health);
    let mut written = String::new();
    // Writing to a string cannot fail.
    let _ = text::encode(&mut written, &registry);
    written
}

fn zones(registry: &mut Registry, console: &Console) {
    let status = console.status.latest();
    type Value = fn(&ZoneStatus) -> Option<f64>;
    fn of(measurement: &ZoneStatus) -> &Measurement {
        &measurement.measurement
    }
    let gauges: [(&str, &str, Value); 10] = [
        (
            "zone_laeq_db",
            "All sound at the zone's microphones over the last second, dB(A)",
            |zone| of(zone).laeq_db,
        ),
        ("zone_ambient_laeq_db", "The same without our own masking, dB(A)", |zone| {
            of(zone).ambient_laeq_db
        }),
        (
            "zone_ambient_resolved",
            "Whether the ambient level is known to 1 dB",
            |zone| Some(f64::from(u8::from(of(zone).ambient_resolved))),
        ),
        (
            "zone_ambient_uncertainty_db",
            "Standard uncertainty of the ambient level, dB",
            |zone| of(zone).ambient_uncertainty_db,
        ),
        (
            "zone_own_sound_waveform",
            "Whether our own masking was removed by its waveform (1) or by its power (0)",
            |zone| Some(f64::from(u8::from(of(zone).own_sound_removal == OwnSoundRemoval::Waveform))),
        ),
        ("zone_masking_db", "Masking at the listeners of the zone, dB(A)", |zone| {
            Some(of(zone).masking_db)
        }),
        ("zone_speech_ratio", "Share of the last second with speech", |zone| {
            Some(of(zone).speech_ratio)
        }),
        ("zone_speech_laeq_db", "Level of speech while somebody spoke, dB(A)", |zone| {
            of(zone).speech_laeq_db
        }),
        ("zone_sti", "Highest predicted STI here of speech from another zone", |zone| {
            of(zone).sti
        }),
        ("zone_muted", "Whether the zone is muted, alone or with the site", |zone| {
            Some(f64::from(u8::from(zone.muted)))
        }),
    ];
    for (name, help, value) in gauges {
        let family = Family::<Zone, Real>::default();
        for zone in &status.zones {
            if let Some(value) = value(zone) {
                family
                    .get_or_create(&Zone {
                        zone: of(zone).zone.clone(),
                    })
                    .set(value);
            }
        }
        registry.register(name, help, family);
    }
}

fn engine(registry: &mut Registry, console: &Console, heartbeat: &Heartbeat) {
    let counters = &console.counters;
    let counts = [
        ("engine_blocks", "Blocks processed", &counters.blocks),
        (
            "engine_blocks_without_input",
            "Blocks rendered without input",
            &counters.blocks_without_input,
        ),
        (
            "engine_input_frames_lost",
            "Input frames that found no room",
            &counters.input_frames_lost,
        ),
        (
            "engine_output_frames_missing",
            "Output frames that came too late",
            &counters.output_frames_missing,
        ),
        (
            "engine_output_frames_lost",
            "Output frames that found no room",
            &counters.output_frames_lost,
        ),
        ("engine_reports_lost", "Reports that found no room", &counters.reports_lost),
    ];
    for (name, help, count) in counts {
        let counter = Counter::<u64>::default();
        counter.inc_by(count.get());
        registry.register(name, help, counter);
    }
    let ready = Gauge::<i64>::default();
    ready.set(i64::from(heartbeat.check(tokio::time::Instant::now()).is_ok()));
    registry.register(
        "ready",
        "Whether the engine has processed a block within the last two seconds",
        ready,
    );
    let muted = Gauge::<i64>::default();
    muted.set(i64::from(console.control.mutes().borrow().site));
    registry.register("muted", "Whether the whole site is muted", muted);
}

fn block_times(registry: &mut Registry, console: &Console) {
    let times = &console.counters.block_times;
    let Some(period) = times.block_period() else { return };
    let duration = Real::default();
    duration.set(period.as_secs_f64());
    registry.register_with_unit("engine_block_period", "How long a block lasts", Unit::Seconds, duration);
    let run = BlockTimes(times.whole_run());
    registry.register_with_unit("engine_block", "What the engine took for each block", Unit::Seconds, run);
}

fn real_time(registry: &mut Registry, console: &Console) {
    let Some(real_time) = &console.real_time else { return };
    let obtained = real_time.obtained();
    if let Some(scheduling) = obtained.scheduling {
        let family = Family::<Policy, Gauge<i64>>::default();
        let policy = scheduling.policy;
        family.get_or_create(&Policy { policy }).set(i64::from(scheduling.priority));
        let help = "Priority of the engine thread, and its scheduling policy, as the kernel says";
        registry.register("engine_scheduling_priority", help, family);
    }
    if let Some(cpus) = obtained.cpus {
        let family = Family::<Cpus, Gauge<i64>>::default();
        family.get_or_create(&Cpus { cpus }).set(1);
        registry.register("engine_cpus", "CPUs that the engine thread may run on", family);
    }
    let locked = Gauge::<i64>::default();
    locked.set(i64::from(obtained.memory_locked));
    registry.register("memory_locked", "Whether all memory of the daemon is locked", locked);
    let sizes = [
        (
            "memory_lock",
            "Address space that is locked, some of it only reserved",
            real_time.locked_bytes(),
        ),
        (
            "memory_lock_limit",
            "RLIMIT_MEMLOCK, absent if unlimited",
            obtained.memory_lock_limit_bytes,
        ),
    ];
    for (name, help, size) in sizes {
        if let Some(bytes) = size {
            let gauge = Real::default();
            gauge.set(bytes as f64);
            registry.register_with_unit(name, help, Unit::Bytes, gauge);
        }
    }
}

fn health(registry: &mut Registry, console: &Console) {
    let family = Family::<Part, Gauge<i64>>::default();
    for (part, condition) in console.health.snapshot() {
        // The same word as in `/api/v1/health`.
        let Ok(serde_json::Value::String(part)) = serde_json::to_value(part) else {
            continue;
        };
        family
            .get_or_create(&Part { part })
            .set(i64::from(condition == Condition::Ok));
    }
    registry.register("part_ok", "Whether a part of the daemon does its work", family);
    let faults = Family::<Microphone, Gauge<i64>>::default();
    for (microphone, reason) in console.health.microphone_faults() {
        let reason = reason.word();
        faults.get_or_create(&Microphone { microphone, reason }).set(1);
    }
    registry.register("microphone_fault", "A microphone that has a fault, and which", faults);
}
