//! From what the zones report to how loud each zone's loudspeakers play: the law, the neighbour limit, the door, the ramps and
//! the account of every change, for one site.

use crate::{
    Cause, EngineSetup, Parameters, Report, ReportSink, ZoneReport,
    adaptation::{
        GlideRecorder, Goal, HeardSpeech, Law, LevelDoor, LevelLimits, Ramp, Range, Situation, TOLERANCE_DB,
        limit_steps_between_neighbours,
    },
    setup::{HearingSetup, OwnSoundSetup},
    speech::{TalkerMemory, find_talkers},
    units::{LOWEST_REPORTED_DB, reported_db},
    zone::{HOPS_PER_S, Zone},
};

/// One step of the control is one analysis hop.
const STEP_S: f64 = 1.0 / HOPS_PER_S as f64;

/// A goal counts as reached when the level is this close, dB.
const REACHED_DB: f64 = 0.01;

/// A talker pauses for breath: so many seconds pass before the zone counts as one without a talker of its own.
const TALKER_PAUSE_S: u32 = 5;

/// Control state of one zone.
struct ZoneControl {
    level_fixed_db: f64,
    masking: Vec<OwnSoundSetup>,
    law: Law,
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
    background_power: f64,
    /// Seconds since somebody talked in this zone.
    silent_s: u32,
}

/// The control of one site.
pub struct Control {
    parameters: Parameters,
    zones: Vec<ZoneControl>,
    hearing: Vec<Vec<HearingSetup>>,
    neighbours: Vec<Vec<usize>>,
    neighbour_max_db: f64,
    door: LevelDoor,
    limits: Vec<LevelLimits>,
    audible_drives: Vec<f64>,
    goals_db: Vec<f64>,
    ranges: Vec<Range>,
    speech_db: Vec<Option<f64>>,
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
        limit_steps_between_neighbours(&mut levels_db, &vec![free; count], &neighbours, setup.neighbour_max_db);
        let masking: Vec<&[OwnSoundSetup]> = setup.zones.iter().map(|zone| zone.masking.as_slice()).collect();
        let slew = (setup.slew_up_db_per_min, setup.slew_down_db_per_min);
        let door = LevelDoor::new(&masking, neighbours.clone(), &levels_db, slew, setup.neighbour_max_db);
        let zones = setup.zones.iter().enumerate().map(|(index, zone)| ZoneControl {
            level_fixed_db: zone.level_fixed_db,
            masking: zone.masking.clone(),
            law: Law::new(zone.level_fixed_db, zone.sti_target, setup.slew_up_db_per_min),
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
            background_power: 0.0,
            silent_s: TALKER_PAUSE_S,
        });
        Control {
            parameters: parameters.clone(),
            zones: zones.collect(),
            hearing: setup.zones.iter().map(|zone| zone.hearing.clone()).collect(),
            neighbours,
            neighbour_max_db: setup.neighbour_max_db - TOLERANCE_DB,
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
            ranges: vec![free; count],
            speech_db: vec![None; count],
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
        self.zones[zone].background_power = measured.known_background_power();
        self.speech_db[zone] = measured.speech_db();
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
        for (index, zone) in self.zones.iter_mut().enumerate() {
            zone.silent_s = if self.talkers[index] {
                0
            } else {
                zone.silent_s.saturating_add(1)
            };
            let own_talker = zone.silent_s < TALKER_PAUSE_S;
            let (talkers, speech_db) = (&self.talkers, &self.speech_db);
            let parameters = &self.parameters.zones[index];
            let heard = self.hearing[index]
                .iter()
                .filter(|path| talkers[path.from_zone])
                .filter_map(|path| {
                    let level_db = speech_db[path.from_zone]? + path.to_listeners_db;
                    Some(HeardSpeech {
                        from_zone: path.from_zone,
                        level_db,
                        sti_curve: &path.sti_curve,
                    })
                });
            let situation = Situation {
                masking_db: self.door.level_db(index),
                ambient_power: zone.background_power,
                own_talker,
                level_max_db: parameters.level_max_db,
                level_min_db: parameters.level_min_db,
                offset_db: parameters.offset_db,
            };
            let asked = zone.law.decide(&situation, heard);
            let fixed = |cause| Goal {
                level_db: zone.level_fixed_db + parameters.offset_db,
                cause,
                evidence: None,
            };
            let hears = zone.report.is_some_and(|report| report.laeq_db.is_some());
            zone.goal = if !zone.ramp.is_open() {
                fixed(zone.ramp_cause)
            } else if !parameters.enabled {
                fixed(Cause::Admin)
            } else if !hears {
                fixed(Cause::Fault)
            } else {
                asked
            };
            let lowest_db = parameters.level_min_db.min(parameters.level_max_db);
            zone.goal.level_db = zone.goal.level_db.min(parameters.level_max_db).max(lowest_db);
            self.goals_db[index] = zone.goal.level_db;
            // A zone with a talker of its own, or one that does not adapt, is not lifted for its neighbours' sake.
            let may_rise = hears && parameters.enabled && zone.ramp.is_open() && !own_talker;
            let highest_db = if may_rise {
                parameters.level_max_db
            } else {
                situation.masking_db
            };
            self.ranges[index] = Range { lowest_db, highest_db };
        }
        limit_steps_between_neighbours(&mut self.goals_db, &self.ranges, &self.neighbours, self.neighbour_max_db);
        for (index, zone) in self.zones.iter_mut().enumerate() {
            // The neighbour limit is the cause where it turned the way this zone goes.
            let now_db = self.door.level_db(index);
            let (asked_db, limited_db) = (zone.goal.level_db - now_db, self.goals_db[index] - now_db);
            if (asked_db - limited_db).abs() > REACHED_DB && asked_db * limited_db <= 0.0 {
                zone.goal.cause = Cause::Neighbour;
            }
            if let Some(mut report) = zone.report.take() {
                report.talker = self.talkers[index];
                report.sti = zone.law.sti().map(|(sti, _)| sti);
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
