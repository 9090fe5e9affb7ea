//! One zone: what its microphones say together.

use crate::{
    PercentileLevels, Removal, ZoneReport,
    level::Percentiles,
    microphone::{Microphone, Period},
    own_sound::remove_own_sound,
    units::{power_to_db, reported_db},
};

/// Percentile levels look back over this time, seconds.
const PERCENTILE_S: u32 = 60;

/// Analysis hops per second; F-weighted levels are sampled at each.
pub const HOPS_PER_S: u32 = 50;

/// A period has a speech level from this share of speech on.
const SPEECH_SHARE: f64 = 0.5;

/// A minute distracts as far as LA10 − LA90 exceeds this (W. Chanaud, Acoustics Today, Fall 2007).
const DISTRACTION_CRITERION_DB: f64 = 5.0;

/// Seconds over which a talker's level is averaged, and silence after which the average begins anew.
const TALKER_AVERAGING_S: f64 = 5.0;
const TALKER_FORGET_S: u32 = 10;

/// Measurement of one zone.
#[derive(Clone, Debug)]
pub struct Zone {
    microphones: Vec<usize>,
    percentiles: Percentiles,
    active_frames: u32,
    frames: u32,
    speech_energy: f64,
    talker_power: f64,
    silent_s: u32,
    background_power: f64,
    ambient_known: bool,
}

/// Sums over the working microphones of a zone.
#[derive(Default)]
struct Together {
    count: f64,
    power: f64,
    highest: f64,
    own: f64,
    background: f64,
}

impl Zone {
    /// A zone that is measured by the given microphones.
    pub fn new(microphones: Vec<usize>) -> Self {
        Zone {
            microphones,
            percentiles: Percentiles::new((PERCENTILE_S * HOPS_PER_S) as usize),
            active_frames: 0,
            frames: 0,
            speech_energy: 0.0,
            talker_power: 0.0,
            silent_s: u32::MAX,
            background_power: 0.0,
            ambient_known: false,
        }
    }

    /// At the end of a hop: samples the levels and counts speech.
    pub fn hop(&mut self, microphones: &[Microphone]) {
        let working = self.microphones.iter().map(|m| &microphones[*m]).filter(|m| m.valid());
        let (count, fast, excess, active, settled) =
            working.fold((0.0, 0.0, 0.0, false, true), |(count, fast, excess, active, settled), m| {
                let speech = m.speech();
                let (fast, excess) = (fast + m.fast_power(), excess + speech.excess_power);
                (count + 1.0, fast, excess, active || speech.active, settled && m.settled())
            });
        self.frames += 1;
        if count == 0.0 {
            return;
        }
        if settled {
            self.percentiles.push(power_to_db(fast / count));
        }
        if active {
            self.active_frames += 1;
            self.speech_energy += excess / count;
        }
    }

    /// Ends a period of `frames` frames. Masking, STI and talker are filled in by the engine.
    pub fn end_period(
        &mut self,
        zone: u32,
        end_frame: u64,
        frames: u32,
        periods: &[Period],
        microphones: &[Microphone],
    ) -> ZoneReport {
        let working = self.microphones.iter().filter(|m| periods[**m].valid(frames));
        let together = working.fold(Together::default(), |sum, &m| Together {
            count: sum.count + 1.0,
            power: sum.power + periods[m].mean_power(),
            highest: sum.highest.max(periods[m].highest_power()),
            own: sum.own + periods[m].own_power(),
            background: sum.background + microphones[m].background_power(),
        });
        let heard = together.count > 0.0;
        let mean = |sum: f64| sum / together.count.max(1.0);
        let ambient = remove_own_sound(mean(together.power), mean(together.own), mean(together.background));
        self.ambient_known = heard && ambient.resolved;
        self.background_power = (mean(together.background) - mean(together.own)).max(0.0);

        let ratio = f64::from(self.active_frames) / f64::from(self.frames.max(1));
        let speech_power = self.speech_energy / f64::from(self.active_frames.max(1));
        self.follow_talker(heard && ratio >= SPEECH_SHARE, speech_power);

        let when_heard = |power: f64| heard.then(|| reported_db(power) as f32);
        let percentiles = heard.then(|| self.percentile_levels()).flatten();
        let distraction = percentiles.map_or(0.0, |levels| {
            (f64::from(levels.l10_db - levels.l90_db) - DISTRACTION_CRITERION_DB).max(0.0) / 60.0
        });
        let report = ZoneReport {
            zone,
            end_frame,
            laeq_db: when_heard(mean(together.power)),
            lafmax_db: when_heard(together.highest),
            ambient_laeq_db: when_heard(ambient.power),
            ambient_resolved: self.ambient_known,
            ambient_uncertainty_db: None,
            removal: Removal::Power,
            speech_laeq_db: (heard && ratio >= SPEECH_SHARE).then(|| reported_db(speech_power) as f32),
            speech_ratio: if heard { ratio as f32 } else { 0.0 },
            talker: false,
            percentiles,
            sti: None,
            masking_db: 0.0,
            distraction_db_min: distraction as f32,
        };
        (self.active_frames, self.frames, self.speech_energy) = (0, 0, 0.0);
        report
    }

    /// Level of the speech here, averaged over some seconds; `None` when nobody talked in the last one.
    pub fn speech_db(&self) -> Option<f64> {
        (self.silent_s == 0 && self.talker_power > 0.0).then(|| power_to_db(self.talker_power))
    }

    /// Steady ambient power at the microphones where it is known, else 0.
    pub fn known_background_power(&self) -> f64 {
        if self.ambient_known { self.background_power } else { 0.0 }
    }

    fn follow_talker(&mut self, talking: bool, speech_power: f64) {
        if !talking {
            self.silent_s = self.silent_s.saturating_add(1);
            return;
        }
        if self.silent_s > TALKER_FORGET_S {
            self.talker_power = speech_power;
        }
        self.talker_power += (speech_power - self.talker_power) / TALKER_AVERAGING_S;
        self.silent_s = 0;
    }

    fn percentile_levels(&self) -> Option<PercentileLevels> {
        let level = |percent| self.percentiles.exceeded_db(percent).map(|db| db as f32);
        Some(PercentileLevels {
            l1_db: level(1.0)?,
            l5_db: level(5.0)?,
            l10_db: level(10.0)?,
            l50_db: level(50.0)?,
            l90_db: level(90.0)?,
            l95_db: level(95.0)?,
            l99_db: level(99.0)?,
        })
    }
}
