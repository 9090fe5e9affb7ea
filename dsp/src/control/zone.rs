//! Control state of one zone: what it may do, its ramp, and why its level is about to change.

use crate::{
    Base, Cause, EngineSetup, Parameters, ZoneParameters, ZoneReport,
    adaptation::{Fitting, GlideRecorder, Goal, LevelLimits, REACHED_DB, Ramp, Wanted, ZoneBounds},
    setup::OwnSoundSetup,
    units::{LOWEST_REPORTED_DB, reported_db},
};

/// The state.
pub(super) struct ZoneControl {
    level_fixed_db: f64,
    masking: Vec<OwnSoundSetup>,
    ramp: Ramp,
    /// It has been muted since the last step.
    mute_seen: bool,
    /// It plays nothing and did not a step ago: what changes here now comes from next door.
    silent: bool,
    /// What made the ramp begin.
    ramp_cause: Cause,
    goal: Goal,
    /// A setting or the schedule changed and the level has not got there yet.
    changed: Option<Cause>,
    /// The goal is still that of before the change.
    undecided: bool,
    pub(super) glide: GlideRecorder,
    /// Masking at the listeners, ramps included.
    masking_power: f64,
    /// The same at the end of the period that is to be reported.
    reported_masking_power: f64,
    pub(super) report: Option<ZoneReport>,
}

/// The limits that its parameters, and what borders on it beyond the site, set to a level.
pub(super) fn limits(parameters: &ZoneParameters, fitting: &Fitting) -> LevelLimits {
    let max_db = parameters.level_max_db + parameters.acclimatisation_db;
    LevelLimits {
        // A maximum that is not a number stays one: it allows no rise.
        max_db: if fitting.most_db < max_db { fitting.most_db } else { max_db },
    }
}

impl ZoneControl {
    /// Silent, about to ramp up to the fixed level.
    pub(super) fn new(setup: &EngineSetup, index: usize) -> Self {
        let zone = &setup.zones[index];
        ZoneControl {
            level_fixed_db: zone.level_fixed_db,
            masking: zone.masking.clone(),
            ramp: Ramp::new(setup.startup_ramp_s, setup.slew_down_db_per_min / 60.0),
            mute_seen: false,
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
        }
    }

    /// Its parameters are about to change.
    pub(super) fn parameters_change(&mut self, before: &ZoneParameters, after: &ZoneParameters) {
        let settings = |zone: &ZoneParameters| (zone.enabled, zone.offset_db, zone.level_min_db, zone.level_max_db);
        if settings(before) != settings(after) {
            (self.changed, self.undecided) = (Some(Cause::Admin), true);
        } else if before.base != after.base {
            (self.changed, self.undecided) = (Some(Cause::Schedule), true);
        }
    }

    /// What the law may do with it. `masking_db` is where its level stands, `hears` whether a microphone works.
    /// `fitting` are the levels that fit what borders on it beyond the site.
    pub(super) fn bounds(&self, parameters: &ZoneParameters, masking_db: f64, hears: bool, fitting: Fitting) -> ZoneBounds {
        let shift_db = parameters.acclimatisation_db;
        let stay_at = |level_db, cause| {
            Err(Goal {
                level_db,
                cause,
                evidence: None,
            })
        };
        let fixed_db = self.level_fixed_db + shift_db + parameters.offset_db;
        ZoneBounds {
            adapts: if parameters.base == Base::Off && !self.ramp.is_silent() {
                // The ramp alone fades it out.
                stay_at(masking_db, Cause::Schedule)
            } else if !self.ramp.is_open() {
                stay_at(fixed_db, self.ramp_cause)
            } else if !parameters.enabled {
                stay_at(fixed_db, Cause::Admin)
            } else if !hears {
                stay_at(fixed_db, Cause::Fault)
            } else {
                Ok(())
            },
            base_db: shift_db
                + match parameters.base {
                    Base::Level(level_db) => level_db,
                    Base::Lowest | Base::Off => parameters.level_min_db,
                },
            level_min_db: parameters.level_min_db + shift_db,
            level_max_db: parameters.level_max_db + shift_db,
            offset_db: parameters.offset_db,
            fitting,
        }
    }

    /// Takes what the law has decided.
    pub(super) fn set_goal(&mut self, goal: Goal) {
        self.goal = goal;
        self.undecided = false;
    }

    /// It is muted, if only for a moment: its ramp begins anew.
    pub(super) fn mute(&mut self) {
        self.mute_seen = true;
    }

    /// Moves the ramp on and returns the drive that is heard of a drive.
    pub(super) fn step_ramp(&mut self, site: &Parameters, zone: &ZoneParameters, drive: f64, step_s: f64) -> f64 {
        // A mute that was released before any step has silenced the devices already.
        let mute_seen = core::mem::take(&mut self.mute_seen);
        let wanted = if mute_seen || site.muted || zone.muted {
            Wanted::Mute
        } else if site.fade_out {
            Wanted::End
        } else if zone.base == Base::Off {
            Wanted::Off
        } else {
            Wanted::Play
        };
        let (was_open, was_silent) = (self.ramp.is_open(), self.ramp.is_silent());
        let amplitude = self.ramp.step(wanted, step_s);
        self.ramp_cause = match self.ramp_cause {
            _ if wanted == Wanted::Mute => Cause::Mute,
            Cause::Mute => Cause::Release,
            _ if wanted == Wanted::Off => Cause::Schedule,
            _ if wanted == Wanted::End || was_open => Cause::Startup,
            cause => cause,
        };
        self.silent = was_silent && self.ramp.is_silent();
        drive * amplitude * amplitude
    }

    /// Takes the drives that are heard; returns the masking at the listeners, dB(A).
    pub(super) fn masking_of(&mut self, audible_drives: &[f64]) -> f64 {
        let arrives = |source: &OwnSoundSetup| source.power * audible_drives[source.zone];
        self.masking_power = self.masking.iter().map(arrives).sum();
        reported_db(self.masking_power)
    }

    /// A period has ended; it is reported later, with the masking of now.
    pub(super) fn end_period(&mut self) {
        self.reported_masking_power = self.masking_power;
    }

    /// Masking at the end of the last period, dB(A).
    pub(super) fn reported_masking_db(&self) -> f64 {
        reported_db(self.reported_masking_power)
    }

    /// Why the level is about to be what it is.
    pub(super) fn why(&mut self, level_db: f64, goal_db: f64) -> Goal {
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
            Cause::Fault => Cause::Fault,
            // Softer although somebody talks: less masking is enough than there is.
            Cause::Speech if moved < 0.0 => self.changed.unwrap_or(Cause::Quiet),
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
