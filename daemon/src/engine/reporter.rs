//! From the engine's reports to events and status.
//!
//! A thread of its own takes the reports, so that neither a slow disk nor a busy async runtime reaches back into the engine.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use habitat_config::Site;
use habitat_dsp::{AdaptationReport, MicrophoneFault, Report, ZoneReport};
use habitat_engine::ReportReader;
use habitat_events::{Adaptation, Cause, Data, Device, DeviceKind, Direction, Evidence, round_to};
use habitat_layout::RemoteZone;

use crate::{
    clock::FrameTime,
    control::Control,
    device_fault,
    dispatch::Dispatch,
    engine::{learner::Learner, measurement::measurement},
    health::{Health, Part},
    status::{SiteStatus, StatusBoard, ZoneStatus},
};

/// How often the thread looks for reports.
const LOOK: Duration = Duration::from_millis(10);

/// The running thread.
pub struct Reporter {
    thread: JoinHandle<()>,
    engine_ended: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
}

impl Reporter {
    /// Starts to take reports.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        site: Arc<Site>,
        mut reports: ReportReader,
        time: FrameTime,
        dispatch: Dispatch,
        control: Control,
        status: StatusBoard,
        health: Health,
    ) -> io::Result<Self> {
        let engine_ended = Arc::new(AtomicBool::new(false));
        let silent = Arc::new(AtomicBool::new(false));
        let (ended, is_silent) = (engine_ended.clone(), silent.clone());
        if !site.plan.microphones.is_empty() {
            health.ok(Part::Microphones);
        }
        let mut desk = Desk {
            site,
            time,
            dispatch,
            learner: Learner::new(&control),
            control,
            status,
            health,
            zones: Vec::new(),
        };
        let work = move || {
            loop {
                // Read before the ring: what was reported before the end is seen.
                let last_look = ended.load(Ordering::Acquire);
                while let Some(report) = reports.take() {
                    if report == Report::Silent {
                        is_silent.store(true, Ordering::Release);
                    }
                    desk.take(report);
                }
                if last_look {
                    return;
                }
                std::thread::park_timeout(LOOK);
            }
        };
        let thread = std::thread::Builder::new().name("reporter".into()).spawn(work)?;
        Ok(Reporter {
            thread,
            engine_ended,
            silent,
        })
    }

    /// Whether the engine has faded out.
    pub fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Acquire)
    }

    /// Takes the last reports of an engine that has ended.
    pub fn finish(self) {
        self.engine_ended.store(true, Ordering::Release);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the reporter thread ended by a panic");
        }
    }
}

/// Turns reports into events, one after the other.
struct Desk {
    site: Arc<Site>,
    time: FrameTime,
    dispatch: Dispatch,
    /// Absent: nothing is learnt.
    learner: Option<Learner>,
    control: Control,
    status: StatusBoard,
    health: Health,
    /// Zones of the period that is being reported.
    zones: Vec<ZoneStatus>,
}

impl Desk {
    fn take(&mut self, report: Report) {
        match report {
            Report::Zone(zone) => self.zone(&zone),
            Report::Adaptation(change) => self.adaptation(&change),
            Report::Microphone {
                microphone,
                end_frame,
                fault,
            } => self.microphone(microphone as usize, end_frame, fault),
            Report::Place {
                zone,
                place,
                places_forgotten,
            } => self.control.place_learnt(zone as usize, place, places_forgotten),
            Report::HeardAfter { frames } => {
                let rate_hz = f64::from(self.site.audio.sample_rate_hz);
                self.health.latency.set_heard_after_s(frames as f64 / rate_hz);
            }
            Report::Silent => {}
        }
    }

    fn zone(&mut self, report: &ZoneReport) {
        let index = report.zone as usize;
        let time = self.time.of(report.end_frame);
        let measurement = measurement(self.zone_id(index), report);
        self.dispatch.measurement(index, time, measurement.clone());
        if index == 0 {
            self.zones.clear();
        }
        let mutes = self.control.mutes();
        let muted = mutes.borrow().site || mutes.borrow().zones.get(index).copied().unwrap_or(false);
        if let Some(learner) = &mut self.learner {
            learner.second(index, time, report, muted);
        }
        if let Some(effective) = self.control.settings(index) {
            self.zones.push(ZoneStatus {
                measurement,
                effective,
                base_level_db: self.control.base_level_db(index),
                muted,
                masking_benefit: report.benefit.into(),
            });
        }
        if self.zones.len() == self.site.plan.zones.len() {
            self.status.publish(SiteStatus {
                time: Some(time),
                zones: std::mem::take(&mut self.zones),
            });
        }
    }

    fn adaptation(&mut self, change: &AdaptationReport) {
        let time = self.time.of(change.end_frame);
        let zone = self.zone_id(change.zone as usize);
        let rising = change.to_db > change.from_db;
        let data = Data::Adaptation(Adaptation {
            zone: zone.clone(),
            direction: if rising { Direction::Increase } else { Direction::Decrease },
            from_db: round_to(change.from_db, 3),
            to_db: round_to(change.to_db, 3),
            duration_s: round_to(change.frames as f64 / f64::from(self.site.audio.sample_rate_hz), 3),
            cause: cause(change.cause),
            evidence: Evidence {
                sti: change.evidence.map(|(sti, _)| round_to(f64::from(sti), 2)),
                from_zone: change.evidence.map(|(_, from)| self.zone_id(from as usize)),
            },
        });
        self.dispatch.emit(&zone, time, data);
    }

    fn microphone(&mut self, index: usize, end_frame: u64, fault: Option<MicrophoneFault>) {
        let Some(microphone) = self.site.plan.microphones.get(index) else {
            return;
        };
        let device = microphone.id.clone();
        let fault = fault.map(device_fault::reason);
        let before = self.health.microphone(&device, fault);
        let Some((state, reason)) = device_fault::news(before, fault) else {
            return;
        };
        let data = Data::Device(Device {
            device: device.clone(),
            kind: DeviceKind::Microphone,
            state,
            reason,
        });
        self.dispatch.emit(&device, self.time.of(end_frame), data);
    }

    /// Of a zone, or of one of the remote zones after them.
    fn zone_id(&self, index: usize) -> String {
        let plan = &self.site.plan;
        let own = plan.zones.get(index).map(|zone| zone.id.clone());
        let remote = || plan.remote_zones.get(index.checked_sub(plan.zones.len())?);
        own.or_else(|| remote().map(RemoteZone::id)).unwrap_or_default()
    }
}

fn cause(cause: habitat_dsp::Cause) -> Cause {
    match cause {
        habitat_dsp::Cause::Speech => Cause::Speech,
        habitat_dsp::Cause::Quiet => Cause::Quiet,
        habitat_dsp::Cause::Schedule => Cause::Schedule,
        habitat_dsp::Cause::Admin => Cause::Admin,
        habitat_dsp::Cause::Neighbour => Cause::Neighbour,
        habitat_dsp::Cause::Mute => Cause::Mute,
        habitat_dsp::Cause::Release => Cause::Release,
        habitat_dsp::Cause::Startup => Cause::Startup,
        habitat_dsp::Cause::Fault => Cause::Fault,
        habitat_dsp::Cause::Limit => Cause::Limit,
    }
}
