//! From what the zones report to how loud each zone's loudspeakers play: the law, the neighbour limit, the door, the ramps and
//! the account of every change, for one site.

use crate::{
    Cause, EngineSetup, Parameters, Report, ReportSink, ZoneReport,
    adaptation::{
        GlideRecorder, Goal, LevelDoor, LevelLimits, REACHED_DB, Ramp, Range, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard,
        limit_steps_between_neighbours,
    },
    setup::{HearingSetup, OwnSoundSetup},
    speech::{TalkerMemory, find_talkers},
    units::{LOWEST_REPORTED_DB, reported_db},
    zone::{HOPS_PER_S, Zone},
};

/// One step of the control is one analysis hop.
const STEP_S: f64 = 1.0 / HOPS_PER_S as f64;

/// Control state of one zone.
struct ZoneControl {
    level_fixed_db: f64,
    masking: Vec<OwnSoundSetup>,
    ramp: Ramp,
    /// It plays nothing and did not a step ago: what changes here now comes from next door.
    silent: bool,
    /// What made the ramp begin.
    ramp_cause: Cause,
    goal: Goal,
    /// A setting changed and the level has not got there yet.
    admin: bool,
    glide: GlideRecorder,
    /// Masking at the listeners, ramps included.
    masking_power: f64,
    /// The same at the end of the period that is to be reported.
    reported_masking_power: f64,
    report: Option<ZoneReport>,
}

/// The control of one site.
pub struct Control {
    parameters: Parameters,
    zones: Vec<ZoneControl>,
    hearing: Vec<Vec<HearingSetup>>,
    law: SiteLaw,
    door: LevelDoor,
    limits: Vec<LevelLimits>,
    audible_drives: Vec<f64>,
    goals_db: Vec<f64>,
    heard: Vec<ZoneHeard>,
    bounds: Vec<ZoneBounds>,
    speech_now_db: Vec<Option<f64>>,
    talker_memory: Vec<TalkerMemory>,
    order: Vec<usize>,
    talkers: Vec<bool>,
}

impl Control {
    pub fn new(setup: &EngineSetup, parameters: &Parameters) -> Self {
        let count = setup.zones.len();
        let neighbours: Vec<Vec<usize>> = setup.zones.iter().map(|zone| zone.neighbours.clone()).collect();
        let mut levels_db: Vec<f64> = setup.zones.iter().map(|zone| zone.level_fixed_db).collect();
        let free = Range {
            lowest_db: f64::NEG_INFINITY,
            highest_db: f64::NEG_INFINITY,
        };
        let nothing_allowed = ZoneBounds {
            adapts: Ok(()),
            level_min_db: 0.0,
            level_max_db: 0.0,
            offset_db: 0.0,
        };
        limit_steps_between_neighbours(&mut levels_db, &vec![free; count], &neighbours, setup.neighbour_max_db);
        let masking: Vec<&[OwnSoundSetup]> = setup.zones.iter().map(|zone| zone.masking.as_slice()).collect();
        let slew = (setup.slew_up_db_per_min, setup.slew_down_db_per_min);
        let door = LevelDoor::new(&masking, neighbours.clone(), &levels_db, slew, setup.neighbour_max_db);
        let zones = setup.zones.iter().enumerate().map(|(index, zone)| ZoneControl {
            level_fixed_db: zone.level_fixed_db,
            masking: zone.masking.clone(),
            ramp: Ramp::new(setup.startup_ramp_s),
            silent: false,
            ramp_cause: Cause::Startup,
            goal: Goal {
                level_db: zone.level_fixed_db,
                cause: Cause::Startup,
                evidence: None,
            },
            admin: false,
            glide: GlideRecorder::new(index as u32, LOWEST_REPORTED_DB, setup.sample_rate_hz),
            masking_power: 0.0,
            reported_masking_power: 0.0,
            report: None,
        });
        Control {
            parameters: parameters.clone(),
            zones: zones.collect(),
            hearing: setup.zones.iter().map(|zone| zone.hearing.clone()).collect(),
            law: SiteLaw::new(setup, setup.neighbour_max_db - TOLERANCE_DB),
            door,
            limits: parameters
                .zones
                .iter()
                .map(|zone| LevelLimits {
                    max_db: zone.level_max_db,
                })
                .collect(),
            audible_drives: vec![0.0; count],
            goals_db: levels_db,
            heard: vec![ZoneHeard::default(); count],
            bounds: vec![nothing_allowed; count],
            speech_now_db: vec![None; count],
            talker_memory: vec![TalkerMemory::default(); count],
            order: vec![0; count],
            talkers: vec![false; count],
        }
    }

    pub fn set_parameters(&mut self, parameters: &Parameters) {
        for ((zone, before), after) in self.zones.iter_mut().zip(&self.parameters.zones).zip(&parameters.zones) {
            zone.admin |= (before.enabled, before.offset_db, before.level_min_db, before.level_max_db)
                != (after.enabled, after.offset_db, after.level_min_db, after.level_max_db);
        }
        self.parameters.copy_from(parameters);
        for (limits, zone) in self.limits.iter_mut().zip(&self.parameters.zones) {
            limits.max_db = zone.level_max_db;
        }
    }

    /// Drives of the zones' loudspeakers, ramps included.
    pub fn audible_drives(&self) -> &[f64] {
        &self.audible_drives
    }

    /// Whether a fade-out was asked for.
    pub fn faded_out(&self) -> bool {
        self.parameters.fade_out
    }

    /// Takes what a zone heard in the last period.
    pub fn take_period(&mut self, zone: usize, report: ZoneReport, measured: &Zone) {
        self.zones[zone].report = Some(report);
        self.heard[zone].hears = report.laeq_db.is_some();
        self.heard[zone].background_power = measured.known_background_power();
        self.heard[zone].speech_db = measured.speech_db();
        self.speech_now_db[zone] = measured.speech_now_db();
    }

    /// A period has ended; it is reported later, with the masking of now.
    pub fn end_period(&mut self) {
        for zone in &mut self.zones {
            zone.reported_masking_power = zone.masking_power;
        }
    }

    /// Once a period, after every zone has reported: finds the talkers, asks the law, and passes the reports on.
    pub fn decide(&mut self, sink: &mut impl ReportSink) {
        find_talkers(
            &self.speech_now_db,
            &self.hearing,
            &mut self.talker_memory,
            &mut self.order,
            &mut self.talkers,
        );
        for (index, zone) in self.zones.iter().enumerate() {
            let parameters = &self.parameters.zones[index];
            let here = &mut self.heard[index];
            here.talker = self.talkers[index];
            here.masking_db = self.door.level_db(index);
            let fixed = |cause| Goal {
                level_db: zone.level_fixed_db + parameters.offset_db,
                cause,
                evidence: None,
            };
            self.bounds[index] = ZoneBounds {
                adapts: if !zone.ramp.is_open() {
                    Err(fixed(zone.ramp_cause))
                } else if !parameters.enabled {
                    Err(fixed(Cause::Admin))
                } else if !here.hears {
                    Err(fixed(Cause::Fault))
                } else {
                    Ok(())
                },
                level_min_db: parameters.level_min_db,
                level_max_db: parameters.level_max_db,
                offset_db: parameters.offset_db,
            };
        }
        let goals = self.law.decide(&self.heard, &self.bounds);
        for ((zone, slot), goal) in self.zones.iter_mut().zip(&mut self.goals_db).zip(goals) {
            zone.goal = *goal;
            *slot = goal.level_db;
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            if let Some(mut report) = zone.report.take() {
                report.talker = self.talkers[index];
                report.sti = self.law.zone(index).sti().map(|(sti, _)| sti);
                report.masking_db = reported_db(zone.reported_masking_power) as f32;
                sink.report(Report::Zone(report));
            }
        }
    }

    /// Moves levels and ramps on by one hop and records what changed.
    pub fn step(&mut self, frame: u64, sink: &mut impl ReportSink) {
        self.door.step(&self.goals_db, &self.limits, STEP_S);
        for (index, zone) in self.zones.iter_mut().enumerate() {
            let muted = self.parameters.muted || self.parameters.zones[index].muted;
            let was_open = zone.ramp.is_open();
            let was_silent = zone.ramp.is_silent();
            let amplitude = zone.ramp.step(muted, self.parameters.fade_out, STEP_S);
            zone.ramp_cause = match zone.ramp_cause {
                _ if muted => Cause::Mute,
                Cause::Mute => Cause::Release,
                _ if self.parameters.fade_out || was_open => Cause::Startup,
                cause => cause,
            };
            zone.silent = was_silent && zone.ramp.is_silent();
            self.audible_drives[index] = self.door.drive(index) * amplitude * amplitude;
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            zone.masking_power = zone
                .masking
                .iter()
                .map(|source| source.power * self.audible_drives[source.zone])
                .sum();
            let level_db = reported_db(zone.masking_power);
            let why = zone.why(level_db, self.goals_db[index]);
            if let Some(record) = zone.glide.step(frame, level_db, &why) {
                sink.report(Report::Adaptation(record));
            }
        }
    }

    /// Records the glides that are going on.
    pub fn finish(&mut self, frame: u64, sink: &mut impl ReportSink) {
        for zone in &mut self.zones {
            if let Some(record) = zone.glide.finish(frame) {
                sink.report(Report::Adaptation(record));
            }
        }
    }
}

impl ZoneControl {
    /// Why the level is about to be what it is.
    fn why(&mut self, level_db: f64, goal_db: f64) -> Goal {
        if !self.ramp.is_open() {
            return Goal {
                cause: if self.silent { Cause::Neighbour } else { self.ramp_cause },
                evidence: None,
                ..self.goal
            };
        }
        if (level_db - goal_db).abs() < REACHED_DB {
            self.admin = false;
        }
        let moved = level_db - self.glide.level_db();
        let towards_goal = moved * (goal_db - level_db) >= 0.0 || (goal_db - level_db).abs() < REACHED_DB;
        let cause = match self.goal.cause {
            // Moving away from what this zone wants: the loudspeakers next door, or their limit, did it.
            _ if !towards_goal => Cause::Neighbour,
            Cause::Neighbour => Cause::Neighbour,
            _ if self.admin => Cause::Admin,
            // Softer although somebody talks: less masking is enough than there is.
            Cause::Speech if moved < 0.0 => Cause::Quiet,
            cause => cause,
        };
        let evidence = if cause == Cause::Speech { self.goal.evidence } else { None };
        Goal {
            cause,
            evidence,
            ..self.goal
        }
    }
}
