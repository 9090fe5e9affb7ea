//! From what the zones report to how loud each zone's loudspeakers play: the law, the neighbour limit, the door, the ramps and
//! the account of every change, for one site.

use crate::{
    Base, Cause, EngineSetup, Parameters, Report, ReportSink, ZoneParameters, ZoneReport,
    adaptation::{
        FluctuationSignature, GlideRecorder, Goal, LevelDoor, LevelLimits, REACHED_DB, Ramp, Range, SiteLaw, TOLERANCE_DB,
        Wanted, ZoneBounds, ZoneHeard, limit_steps_between_neighbours,
    },
    setup::{HearingSetup, OwnSoundSetup},
    speech::{TalkerMemory, find_talkers},
    units::{LOWEST_REPORTED_DB, reported_db},
    zone::{HOPS_PER_S, Zone},
};

/// One step of the control is one analysis hop.
const STEP_S: f64 = 1.0 / HOPS_PER_S as f64;

/// What a place has taught is reported once in so many seconds: a crash loses no more than this of days.
const PLACE_REPORTED_S: u64 = 900;

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
    /// A setting or the schedule changed and the level has not got there yet.
    changed: Option<Cause>,
    /// The goal is still that of before the change.
    undecided: bool,
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
    seconds: u64,
}

impl Control {
    pub fn new(setup: &EngineSetup, parameters: &Parameters, signature: FluctuationSignature) -> Self {
        let count = setup.zones.len();
        let neighbours: Vec<Vec<usize>> = setup.zones.iter().map(|zone| zone.neighbours.clone()).collect();
        let mut levels_db: Vec<f64> = setup.zones.iter().map(|zone| zone.level_fixed_db).collect();
        let free = Range {
            lowest_db: f64::NEG_INFINITY,
            highest_db: f64::NEG_INFINITY,
        };
        let nothing_allowed = ZoneBounds {
            adapts: Ok(()),
            base_db: 0.0,
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
            ramp: Ramp::new(setup.startup_ramp_s, setup.slew_down_db_per_min / 60.0),
            silent: false,
            ramp_cause: Cause::Startup,
            goal: Goal {
                level_db: zone.level_fixed_db,
                cause: Cause::Startup,
                evidence: None,
            },
            changed: None,
            undecided: false,
            glide: GlideRecorder::new(index as u32, LOWEST_REPORTED_DB, setup.sample_rate_hz),
            masking_power: 0.0,
            reported_masking_power: 0.0,
            report: None,
        });
        Control {
            parameters: parameters.clone(),
            zones: zones.collect(),
            hearing: setup.zones.iter().map(|zone| zone.hearing.clone()).collect(),
            law: SiteLaw::new(setup, setup.neighbour_max_db - TOLERANCE_DB, signature),
            door,
            limits: parameters.zones.iter().map(limits).collect(),
            audible_drives: vec![0.0; count],
            goals_db: levels_db,
            heard: vec![ZoneHeard::default(); count],
            bounds: vec![nothing_allowed; count],
            speech_now_db: vec![None; count],
            talker_memory: vec![TalkerMemory::default(); count],
            order: vec![0; count],
            talkers: vec![false; count],
            seconds: 0,
        }
    }

    pub fn set_parameters(&mut self, parameters: &Parameters) {
        for ((zone, before), after) in self.zones.iter_mut().zip(&self.parameters.zones).zip(&parameters.zones) {
            let settings = |zone: &ZoneParameters| (zone.enabled, zone.offset_db, zone.level_min_db, zone.level_max_db);
            if settings(before) != settings(after) {
                (zone.changed, zone.undecided) = (Some(Cause::Admin), true);
            } else if (before.base, before.acclimatisation_db) != (after.base, after.acclimatisation_db) {
                (zone.changed, zone.undecided) = (Some(Cause::Schedule), true);
            }
        }
        for (zone, (before, after)) in self.parameters.zones.iter().zip(&parameters.zones).enumerate() {
            if before.places_forgotten != after.places_forgotten {
                self.law.forget_place(zone);
            }
        }
        self.parameters.copy_from(parameters);
        for (slot, zone) in self.limits.iter_mut().zip(&self.parameters.zones) {
            *slot = limits(zone);
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
        self.heard[zone].fluctuation_db = report.percentiles.map(|levels| f64::from(levels.l10_db - levels.l90_db));
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
            let acclimatisation_db = parameters.acclimatisation_db;
            let at = |level_db, cause| Goal {
                level_db,
                cause,
                evidence: None,
            };
            let fixed = |cause| at(zone.level_fixed_db + acclimatisation_db + parameters.offset_db, cause);
            self.bounds[index] = ZoneBounds {
                adapts: if parameters.base == Base::Off && !zone.ramp.is_silent() {
                    // The ramp alone fades it out.
                    Err(at(here.masking_db, Cause::Schedule))
                } else if !zone.ramp.is_open() {
                    Err(fixed(zone.ramp_cause))
                } else if !parameters.enabled {
                    Err(fixed(Cause::Admin))
                } else if !here.hears {
                    Err(fixed(Cause::Fault))
                } else {
                    Ok(())
                },
                base_db: match parameters.base {
                    Base::Level(level_db) => level_db + acclimatisation_db,
                    Base::Lowest | Base::Off => parameters.level_min_db + acclimatisation_db,
                },
                level_min_db: parameters.level_min_db + acclimatisation_db,
                level_max_db: parameters.level_max_db + acclimatisation_db,
                offset_db: parameters.offset_db,
            };
        }
        let goals = self.law.decide(&self.heard, &self.bounds);
        for ((zone, slot), goal) in self.zones.iter_mut().zip(&mut self.goals_db).zip(goals) {
            zone.goal = *goal;
            zone.undecided = false;
            *slot = goal.level_db;
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            if let Some(mut report) = zone.report.take() {
                report.talker = self.talkers[index];
                report.sti = self.law.zone(index).sti().map(|(sti, _)| sti);
                report.benefit = self.law.zone(index).benefit();
                report.masking_db = reported_db(zone.reported_masking_power) as f32;
                sink.report(Report::Zone(report));
            }
        }
        self.seconds += 1;
        // Zone by zone, so that no block carries all of them.
        let due = |zone: &usize| (self.seconds + *zone as u64).is_multiple_of(PLACE_REPORTED_S);
        for zone in (0..self.zones.len()).filter(due) {
            self.report_place(zone, sink);
        }
    }

    fn report_place(&self, zone: usize, sink: &mut impl ReportSink) {
        let place = self.law.zone(zone).place();
        sink.report(Report::Place {
            zone: zone as u32,
            place,
        });
    }

    /// Moves levels and ramps on by one hop and records what changed.
    pub fn step(&mut self, frame: u64, sink: &mut impl ReportSink) {
        self.door.step(&self.goals_db, &self.limits, STEP_S);
        for (index, zone) in self.zones.iter_mut().enumerate() {
            let parameters = &self.parameters.zones[index];
            let wanted = if self.parameters.muted || parameters.muted {
                Wanted::Mute
            } else if self.parameters.fade_out {
                Wanted::End
            } else if parameters.base == Base::Off {
                Wanted::Off
            } else {
                Wanted::Play
            };
            let was_open = zone.ramp.is_open();
            let was_silent = zone.ramp.is_silent();
            let amplitude = zone.ramp.step(wanted, STEP_S);
            zone.ramp_cause = match zone.ramp_cause {
                _ if wanted == Wanted::Mute => Cause::Mute,
                Cause::Mute => Cause::Release,
                _ if wanted == Wanted::Off => Cause::Schedule,
                _ if wanted == Wanted::End || was_open => Cause::Startup,
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
        (0..self.zones.len()).for_each(|zone| self.report_place(zone, sink));
    }
}

fn limits(zone: &ZoneParameters) -> LevelLimits {
    LevelLimits {
        max_db: zone.level_max_db + zone.acclimatisation_db,
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
        if !self.undecided && (level_db - goal_db).abs() < REACHED_DB {
            self.changed = None;
        }
        let moved = level_db - self.glide.level_db();
        let towards_goal = moved * (goal_db - level_db) >= 0.0 || (goal_db - level_db).abs() < REACHED_DB;
        let cause = match self.goal.cause {
            // Moving away from what this zone wants: the loudspeakers next door, or their limit, did it.
            _ if !towards_goal => Cause::Neighbour,
            Cause::Neighbour => Cause::Neighbour,
            // Softer although somebody talks: less masking is enough than there is.
            Cause::Speech if moved < 0.0 => self.changed.unwrap_or(Cause::Quiet),
            Cause::Fault => Cause::Fault,
            cause => self.changed.unwrap_or(cause),
        };
        let evidence = if cause == Cause::Speech { self.goal.evidence } else { None };
        Goal {
            cause,
            evidence,
            ..self.goal
        }
    }
}
