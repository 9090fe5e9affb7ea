//! From what the zones report to how loud each zone's loudspeakers play: the law, the neighbour limit, the door, the ramps and
//! the account of every change, for one site.

mod zone;

#[cfg(test)]
mod attack;

use zone::{ZoneControl, limits};

use crate::{
    EngineSetup, Parameters, Report, ReportSink, ZoneReport,
    adaptation::{
        FluctuationSignature, LevelDoor, LevelLimits, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard,
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
        let bounds = zones.iter().zip(&parameters.zones);
        Control {
            parameters: parameters.clone(),
            hearing: setup.zones.iter().map(|zone| zone.hearing.clone()).collect(),
            law: SiteLaw::new(setup, setup.neighbour_max_db - TOLERANCE_DB, signature),
            door,
            limits: parameters.zones.iter().map(limits).collect(),
            audible_drives: vec![0.0; count],
            heard: vec![ZoneHeard::default(); count],
            bounds: bounds
                .zip(&levels_db)
                .map(|((zone, parameters), level_db)| zone.bounds(parameters, *level_db, false))
                .collect(),
            goals_db: levels_db,
            zones,
            speech_now_db: vec![None; count],
            talker_memory: vec![TalkerMemory::default(); count],
            order: vec![0; count],
            talkers: vec![false; count],
            seconds: 0,
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
        self.parameters.copy_from(parameters);
        for (slot, zone) in self.limits.iter_mut().zip(&self.parameters.zones) {
            *slot = limits(zone);
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
        self.heard[zone].speech_db = speech.averaged_db;
        self.heard[zone].fluctuation_db = report.percentiles.map(|levels| f64::from(levels.l10_db - levels.l90_db));
        self.speech_now_db[zone] = speech.now_db;
    }

    /// A period has ended; it is reported later, with the masking of now.
    pub fn end_period(&mut self) {
        self.zones.iter_mut().for_each(ZoneControl::end_period);
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
            let here = &mut self.heard[index];
            here.talker = self.talkers[index];
            here.masking_db = self.door.level_db(index);
            self.bounds[index] = zone.bounds(&self.parameters.zones[index], here.masking_db, here.hears);
        }
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
