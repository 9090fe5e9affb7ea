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
use habitat_dsp::{AdaptationReport, Report, ZoneReport};
use habitat_engine::ReportReader;
use habitat_events::{Adaptation, Cause, Data, Device, DeviceKind, DeviceState, Direction, Evidence, Measurement, round_to};

use crate::{
    clock::FrameTime,
    control::Control,
    dispatch::Dispatch,
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
    ) -> io::Result<Self> {
        let engine_ended = Arc::new(AtomicBool::new(false));
        let silent = Arc::new(AtomicBool::new(false));
        let (ended, is_silent) = (engine_ended.clone(), silent.clone());
        let mut desk = Desk {
            site,
            time,
            dispatch,
            control,
            status,
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
    control: Control,
    status: StatusBoard,
    /// Zones of the period that is being reported.
    zones: Vec<ZoneStatus>,
}

impl Desk {
    fn take(&mut self, report: Report) {
        match report {
            Report::Zone(zone) => self.zone(&zone),
            Report::Adaptation(change) => self.adaptation(&change),
            Report::NotANumber {
                microphone,
                end_frame,
                faulty,
            } => self.not_a_number(microphone as usize, end_frame, faulty),
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
        if let Some(effective) = self.control.settings(index) {
            self.zones.push(ZoneStatus {
                measurement,
                effective,
                muted,
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

    fn not_a_number(&mut self, microphone: usize, end_frame: u64, faulty: bool) {
        let time = self.time.of(end_frame);
        let device = self
            .site
            .plan
            .microphones
            .get(microphone)
            .map(|m| m.id.clone())
            .unwrap_or_default();
        let state = if faulty { DeviceState::Fault } else { DeviceState::Recovered };
        tracing::warn!(device, ?state, "samples that are not numbers");
        let data = Data::Device(Device {
            device: device.clone(),
            kind: DeviceKind::Microphone,
            state,
            reason: "not_a_number".to_owned(),
        });
        self.dispatch.emit(&device, time, data);
    }

    fn zone_id(&self, index: usize) -> String {
        self.site
            .plan
            .zones
            .get(index)
            .map(|zone| zone.id.clone())
            .unwrap_or_default()
    }
}

/// Levels are given to 0.01 dB; masking to 0.001 dB, so that its slow glides can be followed.
fn measurement(zone: String, report: &ZoneReport) -> Measurement {
    let level = |db: Option<f32>| db.map(|db| round_to(f64::from(db), 2));
    let percentile = |index: usize| level(report.percentiles_db.map(|levels| levels[index]));
    Measurement {
        zone,
        period_s: 1.0,
        laeq_db: level(report.laeq_db),
        lafmax_db: level(report.lafmax_db),
        ambient_laeq_db: level(report.ambient_laeq_db),
        ambient_resolved: report.ambient_resolved,
        speech_laeq_db: level(report.speech_laeq_db),
        speech_ratio: round_to(f64::from(report.speech_ratio), 3),
        talker: report.talker,
        la10_db: percentile(0),
        la50_db: percentile(1),
        la90_db: percentile(2),
        sti: report.sti.map(|sti| round_to(f64::from(sti), 2)),
        masking_db: round_to(f64::from(report.masking_db), 3),
        distraction_db_min: round_to(f64::from(report.distraction_db_min), 4),
    }
}

fn cause(cause: habitat_dsp::Cause) -> Cause {
    match cause {
        habitat_dsp::Cause::Speech => Cause::Speech,
        habitat_dsp::Cause::Quiet => Cause::Quiet,
        habitat_dsp::Cause::Admin => Cause::Admin,
        habitat_dsp::Cause::Neighbour => Cause::Neighbour,
        habitat_dsp::Cause::Mute => Cause::Mute,
        habitat_dsp::Cause::Release => Cause::Release,
        habitat_dsp::Cause::Startup => Cause::Startup,
        habitat_dsp::Cause::Fault => Cause::Fault,
        habitat_dsp::Cause::Limit => Cause::Limit,
    }
}
