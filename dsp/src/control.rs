//! From what the zones report to how loud each zone's loudspeakers play: the law, the neighbour limit, the door, the ramps and
//! the account of every change, for one site.

mod remote;
mod voices;
mod zone;

#[cfg(test)]
mod attack;

use remote::RemoteLevels;
use voices::Voices;
use zone::{ZoneControl, limits};

use crate::{
    EngineSetup, Parameters, Report, ReportSink, ZoneReport,
    adaptation::{
        Fitting, FluctuationSignature, LevelDoor, LevelLimits, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard,
        limit_steps_between_neighbours,
    },
    setup::{HearingSetup, OwnSoundSetup},
    speech::{TalkerMemory, find_talkers},
    zone::{HOPS_PER_S, ZoneSpeech},
};

/// One step of the control is one analysis hop.
const STEP_S: f64 = 1.0 / HOPS_PER_S as f64;

/// What a place has taught is reported once in so many seconds: a crash loses no more than this of days.
const PLACE_REPORTED_S: u64 = 900;

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
    voices: Voices,
    remote: RemoteLevels,
    talker_memory: Vec<TalkerMemory>,
    order: Vec<usize>,
    talkers: Vec<bool>,
    seconds: u64,
    /// Steps since the engine began, and those at the end of the last period.
    steps: u64,
    ended_steps: u64,
}

impl Control {
    pub fn new(setup: &EngineSetup, parameters: &Parameters, signature: FluctuationSignature) -> Self {
        let count = setup.zones.len();
        let neighbours: Vec<Vec<usize>> = setup.zones.iter().map(|zone| zone.neighbours.clone()).collect();
        let mut levels_db: Vec<f64> = setup.zones.iter().map(|zone| zone.level_fixed_db).collect();
        limit_steps_between_neighbours(
            &mut levels_db,
            &vec![f64::NEG_INFINITY; count],
            &neighbours,
            setup.neighbour_max_db,
        );
        let masking: Vec<&[OwnSoundSetup]> = setup.zones.iter().map(|zone| zone.masking.as_slice()).collect();
        let slew = (setup.slew_up_db_per_min, setup.slew_down_db_per_min);
        let door = LevelDoor::new(&masking, neighbours, &levels_db, slew, setup.neighbour_max_db);
        let zones: Vec<ZoneControl> = (0..count).map(|zone| ZoneControl::new(setup, zone)).collect();
        let there = setup.remote_zones.iter().map(|zone| zone.hearing.clone());
        let hearing: Vec<_> = setup.zones.iter().map(|zone| zone.hearing.clone()).chain(there).collect();
        let all = hearing.len();
        let remote = RemoteLevels::new(setup, setup.neighbour_max_db - TOLERANCE_DB);
        let bounds = zones.iter().zip(&parameters.zones).zip(&levels_db);
        Control {
            parameters: parameters.clone(),
            hearing,
            law: SiteLaw::new(setup, setup.neighbour_max_db - TOLERANCE_DB, signature),
            door,
            limits: parameters.zones.iter().map(|zone| limits(zone, &Fitting::ANY)).collect(),
            bounds: bounds
                .map(|((zone, parameters), level_db)| zone.bounds(parameters, *level_db, false, Fitting::ANY))
                .collect(),
            audible_drives: vec![0.0; count],
            heard: vec![ZoneHeard::default(); all],
            goals_db: levels_db,
            zones,
            voices: Voices::new(count, setup.remote_zones.len()),
            remote,
            talker_memory: vec![TalkerMemory::default(); all],
            order: vec![0; all],
            talkers: vec![false; all],
            seconds: 0,
            steps: 0,
            ended_steps: 0,
        }
    }

    pub fn set_parameters(&mut self, parameters: &Parameters) {
        let changes = self.parameters.zones.iter().zip(&parameters.zones);
        for (index, (zone, (before, after))) in self.zones.iter_mut().zip(changes).enumerate() {
            zone.parameters_change(before, after);
            if parameters.muted || after.muted {
                zone.mute();
            }
            if before.places_forgotten != after.places_forgotten {
                self.law.forget_place(index);
            }
        }
        let now_s = self.now_s();
        let remote_zones = self.parameters.remote_zones.iter().zip(&parameters.remote_zones);
        for (index, (before, after)) in remote_zones.enumerate() {
            if before.heard != after.heard {
                self.voices.take_remote(index, after, now_s);
                self.remote.take(index, after, now_s);
            }
        }
        self.parameters.copy_from(parameters);
        self.set_limits();
    }

    /// Seconds since the engine began.
    fn now_s(&self) -> f64 {
        self.steps as f64 * STEP_S
    }

    fn set_limits(&mut self) {
        let zones = self.parameters.zones.iter().zip(&self.bounds);
        for (slot, (zone, bounds)) in self.limits.iter_mut().zip(zones) {
            *slot = limits(zone, &bounds.fitting);
        }
    }

    /// Whether a zone is muted, alone or with the site.
    pub fn is_muted(&self, zone: usize) -> bool {
        self.parameters.muted || self.parameters.zones.get(zone).is_some_and(|zone| zone.muted)
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
    pub fn take_period(&mut self, zone: usize, report: ZoneReport, speech: ZoneSpeech) {
        self.zones[zone].report = Some(report);
        self.heard[zone].hears = report.laeq_db.is_some();
        self.heard[zone].background_power = speech.background_power;
        self.heard[zone].fluctuation_db = report.percentiles.map(|levels| f64::from(levels.l10_db - levels.l90_db));
        self.voices.take(zone, &speech);
    }

    /// A period has ended; it is reported later, with the masking of now.
    pub fn end_period(&mut self) {
        self.ended_steps = self.steps;
        self.zones.iter_mut().for_each(ZoneControl::end_period);
    }

    /// Once a period, after every zone has reported: finds the talkers, asks the law, and passes the reports on.
    pub fn decide(&mut self, sink: &mut impl ReportSink) {
        self.voices.go_on(self.ended_steps as f64 * STEP_S);
        find_talkers(
            self.voices.now_db(),
            &self.hearing,
            &mut self.talker_memory,
            &mut self.order,
            &mut self.talkers,
        );
        for (index, here) in self.heard.iter_mut().enumerate() {
            here.talker = self.talkers[index];
            here.speech_db = self.voices.averaged_db(index);
        }
        let now_s = self.now_s();
        for (index, zone) in self.zones.iter().enumerate() {
            let (here, parameters) = (&mut self.heard[index], &self.parameters.zones[index]);
            here.masking_db = self.door.level_db(index);
            let fitting = self.remote.fitting(index, parameters.acclimatisation_db, now_s);
            self.bounds[index] = zone.bounds(parameters, here.masking_db, here.hears, fitting);
        }
        self.set_limits();
        let goals = self.law.decide(&self.heard, &self.bounds);
        for ((zone, slot), goal) in self.zones.iter_mut().zip(&mut self.goals_db).zip(goals) {
            zone.set_goal(*goal);
            *slot = goal.level_db;
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            if let Some(mut report) = zone.report.take() {
                report.talker = self.talkers[index];
                report.sti = self.law.zone(index).sti().map(|(sti, _)| sti);
                report.benefit = self.law.zone(index).benefit();
                report.masking_db = zone.reported_masking_db() as f32;
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
        if let Some(place) = self.law.zone(zone).place() {
            sink.report(Report::Place {
                zone: zone as u32,
                place,
                places_forgotten: self.parameters.zones[zone].places_forgotten,
            });
        }
    }

    /// Moves levels and ramps on by one hop and records what changed.
    pub fn step(&mut self, frame: u64, sink: &mut impl ReportSink) {
        self.steps += 1;
        self.door.step(&self.goals_db, &self.limits, STEP_S);
        for (index, zone) in self.zones.iter_mut().enumerate() {
            let drive = self.door.drive(index);
            self.audible_drives[index] = zone.step_ramp(&self.parameters, &self.parameters.zones[index], drive, STEP_S);
        }
        for (zone, goal_db) in self.zones.iter_mut().zip(&self.goals_db) {
            let level_db = zone.masking_of(&self.audible_drives);
            let why = zone.why(level_db, *goal_db);
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
