//! One zone: what its microphones say together.

use crate::{
    PercentileLevels, Removal, ZoneReport,
    adaptation::Benefit,
    hearing::Hearing,
    level::{Percentiles, db_minutes},
    microphone::HeardPeriod,
    own_sound::ambient,
    speech::TalkerLevel,
    units::{power_to_db, reported_db},
};

/// Percentile levels look back over this time, seconds.
const PERCENTILE_S: u32 = 60;

/// Analysis hops per second; F-weighted levels are sampled at each.
pub const HOPS_PER_S: u32 = 50;

/// A period has a speech level from this share of speech on.
const SPEECH_SHARE: f64 = 0.5;

/// Levels of one microphone over a period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelPeriod {
    /// Mean A-weighted power.
    pub mean_power: f64,
    /// Highest F-weighted, A-weighted power.
    pub highest_power: f64,
    /// Nearly all frames arrived, and they can be believed.
    pub valid: bool,
}

/// What the control needs to know of a period besides the report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ZoneSpeech {
    /// Level of the speech here in the last period; `None` without speech.
    pub now_db: Option<f64>,
    /// The same, averaged over some seconds; `None` when nobody talked in the last one.
    pub averaged_db: Option<f64>,
    /// Steady ambient power at the microphones where it is known, else 0.
    pub background_power: f64,
}

/// Measurement of one zone.
pub struct Zone {
    microphones: Vec<usize>,
    percentiles: Percentiles,
    /// Of the period that has ended and is not reported yet.
    levels: Option<PercentileLevels>,
    speech_db: Option<f64>,
    talker: TalkerLevel,
    background_power: f64,
}

/// Sums over the working microphones of a zone.
#[derive(Default)]
struct Together {
    count: f64,
    power: f64,
    highest: f64,
    heard: f64,
    own: f64,
    uncertainty: f64,
    background: f64,
    speech_power: f64,
    speech_ratio: f64,
    by_power: bool,
}

impl Zone {
    /// A zone that is measured by the given microphones.
    pub fn new(microphones: Vec<usize>) -> Self {
        Zone {
            microphones,
            percentiles: Percentiles::new((PERCENTILE_S * HOPS_PER_S) as usize),
            levels: None,
            speech_db: None,
            talker: TalkerLevel::default(),
            background_power: 0.0,
        }
    }

    /// At the end of a hop: samples the level. `works` tells which microphones can be believed.
    pub fn hop(&mut self, hearing: &Hearing, works: impl Fn(usize) -> bool) {
        let working = self.microphones.iter().filter(|m| works(**m));
        let (count, power, settled) = working.fold((0.0, 0.0, true), |(count, power, settled), m| {
            let (fast, has_settled) = hearing.fast_power(*m);
            (count + 1.0, power + fast, settled && has_settled)
        });
        if count > 0.0 && settled {
            self.percentiles.push(power_to_db(power / count));
        }
    }

    /// At the end of a period: keeps what goes on moving until the period is reported.
    pub fn end_period(&mut self) {
        self.levels = self.percentiles.levels();
    }

    /// Reports the period that has ended. Masking, STI and talker are filled in by the engine.
    pub fn report(&mut self, zone: u32, end_frame: u64, levels: &[LevelPeriod], heard: &[HeardPeriod]) -> ZoneReport {
        let working = self.microphones.iter().filter(|m| levels[**m].valid);
        let all = working.fold(Together::default(), |sum, &m| sum.with(&levels[m], &heard[m]));
        let works = all.count > 0.0;
        let mean = |sum: f64| sum / all.count.max(1.0);
        let ambient = ambient(mean(all.power), mean(all.own), mean(all.uncertainty));
        // Without a single block of the period nothing is known but its levels.
        let knows_own = works && all.heard == all.count;
        self.background_power = if knows_own && ambient.resolved {
            mean(all.background)
        } else {
            0.0
        };

        let ratio = if works { all.speech_ratio } else { 0.0 };
        let talking = ratio >= SPEECH_SHARE && all.speech_power > 0.0;
        let speech_power = mean(all.speech_power);
        self.talker.follow(talking.then_some(speech_power));
        self.speech_db = talking.then(|| power_to_db(speech_power));

        let when_it_works = |power: f64| works.then(|| reported_db(power) as f32);
        let percentiles = self.levels.filter(|_| works);
        let distraction = percentiles.map_or(0.0, |levels| {
            db_minutes(f64::from(levels.l10_db), f64::from(levels.l90_db), 1.0 / 60.0)
        });
        ZoneReport {
            zone,
            end_frame,
            laeq_db: when_it_works(mean(all.power)),
            lafmax_db: when_it_works(all.highest),
            ambient_laeq_db: when_it_works(if knows_own { ambient.power } else { mean(all.power) }),
            ambient_resolved: knows_own && ambient.resolved,
            ambient_uncertainty_db: knows_own.then_some(ambient.uncertainty_db as f32),
            removal: if knows_own && !all.by_power {
                Removal::Waveform
            } else {
                Removal::Power
            },
            speech_laeq_db: (ratio >= SPEECH_SHARE).then(|| reported_db(speech_power) as f32),
            speech_ratio: ratio as f32,
            talker: false,
            percentiles,
            sti: None,
            masking_db: 0.0,
            benefit: Benefit::Quiet,
            distraction_db_min: distraction as f32,
        }
    }

    /// Speech and background of the last period.
    pub fn speech(&self) -> ZoneSpeech {
        ZoneSpeech {
            now_db: self.speech_db,
            averaged_db: self.talker.averaged_db(),
            background_power: self.background_power,
        }
    }
}

impl Together {
    fn with(self, level: &LevelPeriod, heard: &HeardPeriod) -> Self {
        Together {
            count: self.count + 1.0,
            power: self.power + level.mean_power,
            highest: self.highest.max(level.highest_power),
            heard: self.heard + f64::from(u32::from(heard.blocks > 0)),
            own: self.own + heard.own_power,
            uncertainty: self.uncertainty + heard.own_uncertainty,
            background: self.background + heard.background_power,
            speech_power: self.speech_power + heard.speech.power,
            speech_ratio: self.speech_ratio.max(heard.speech.ratio),
            by_power: self.by_power || heard.removal == Removal::Power,
        }
    }
}
