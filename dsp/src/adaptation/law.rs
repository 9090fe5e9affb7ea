//! Which masking level a zone should have: the one of least price.
//!
//! A level costs what it does not mask: the share of the zone's listeners for whom speech *from another zone* has an STI above the
//! target. Speech is measured without our own sound and its propagation is known from the layout, so that a zone knows what every
//! level *would have* cost, not only the one that was played. It remembers these costs for minutes, and what the place is like for days.
//! Masking has a price per dB. The level of least sum wins, so that masking is paid for where it makes speech unintelligible, and
//! not where it cannot: there the cost is the same at every level.

use super::{
    cost::CostCurve,
    grid::{PerLevel, grid_level_db, levels_between, noise_levels_db},
    reach::Reach,
    sti_curve::sti_at,
};
use crate::{Cause, STI_CURVE_POINTS};

/// A change of speech counts by this much, dB per dB, about the level of a normal voice. People raise their voice in noise by at most
/// 0.65 dB/dB (Bottalico 2018); with this the loop through them amplifies a disturbance by at most 1/(1 − 0.5·0.65) = 1.5.
static RESPONSE_SLOPE: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("RESPONSE_SLOPE").ok().and_then(|v| v.parse().ok()).unwrap_or(0.2));

/// Talkers are remembered for this time at the default rise of 0.2 dB/min, seconds; a brisker site forgets faster, as fast as it can
/// follow.
static RECENT_S: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("RECENT_S").ok().and_then(|v| v.parse().ok()).unwrap_or(20.0));
const RECENT_SLEW_DB_PER_MIN: f64 = 0.2;
static SHORTEST_RECENT_S: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("SHORTEST_RECENT_S").ok().and_then(|v| v.parse().ok()).unwrap_or(10.0));

/// Speech that exceeds the target STI by more than this even under the highest level is not maskable.
pub const MASKABLE_MARGIN_STI: f64 = 0.15;

/// The place is remembered over this many seconds in which there was life in the office: two weeks of eight hours.
const PLACE_S: f64 = 2.0 * 5.0 * 8.0 * 3600.0;

/// Seconds after which what is known of the place counts half of what it will count in the end.
static PLACE_HALF_S: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("PLACE_HALF_S").ok().and_then(|v| v.parse().ok()).unwrap_or(3600.0));

/// How much the place counts re what was heard recently, once it is known.
static PLACE_WEIGHT: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("PLACE_WEIGHT").ok().and_then(|v| v.parse().ok()).unwrap_or(0.0));

/// Somebody has to talk within this time for the office to be alive, seconds; else it is quiet.
const ALIVE_S: f64 = 900.0;

/// A level is given up for one that costs less by this, so that two levels alike do not take turns.
static WORTH_MOVING: std::sync::LazyLock<f32> = std::sync::LazyLock::new(|| std::env::var("WORTH_MOVING").ok().and_then(|v| v.parse().ok()).unwrap_or(2e-4));

/// Masking does not help where the highest level leaves this share of the cost of the lowest.
const UNHELPED_SHARE: f32 = 0.8;

/// Below this share of distracted listeners there is nothing to help.
const NOTHING_TO_HELP: f32 = 0.02;

/// A talker elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct HeardSpeech<'a> {
    /// Zone of the talker.
    pub from_zone: usize,
    /// Level at the microphones there, dB(A).
    pub level_db: f64,
    /// That of a normal voice.
    pub normal_voice_db: f64,
    /// How many listeners here it reaches.
    pub reach: &'a Reach,
    /// Level at the listener here who hears best re that at the microphones there, dB.
    pub to_listeners_db: f64,
    /// STI there against the speech-to-noise ratio.
    pub sti_curve: &'a [f32; STI_CURVE_POINTS],
}

/// The level that a zone should have, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Masking at the listeners, dB(A).
    pub level_db: f64,
    /// Why.
    pub cause: Cause,
    /// STI that asks for it, and the zone of the talker.
    pub evidence: Option<(f32, u32)>,
}

/// What the law needs to know of a zone in one second.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Masking at the listeners now, dB(A).
    pub masking_db: f64,
    /// Steady ambient power at the listeners, where it is known.
    pub ambient_power: f64,
    /// A talker is in this zone.
    pub own_talker: bool,
    /// Somebody talks somewhere in the office.
    pub office_talks: bool,
    /// Highest level allowed here.
    pub level_max_db: f64,
    /// Lowest level allowed here.
    pub level_min_db: f64,
    /// Added to the level that speech or quiet asks for.
    pub offset_db: f64,
}

/// What masking can do for a zone now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Benefit {
    /// Nobody is distracted at the lowest level.
    #[default]
    Quiet,
    /// Masking makes speech from elsewhere unintelligible.
    Helps,
    /// Speech from elsewhere is understood at any level allowed.
    NotMaskable,
}

/// The law of one zone.
#[derive(Clone, Debug)]
pub struct Law {
    price_per_db: f32,
    up_db_per_s: f64,
    down_db_per_s: f64,
    recent_share: f32,
    now: CostCurve,
    recent: CostCurve,
    place: CostCurve,
    /// Seconds that the place was heard while the office was alive.
    place_s: f64,
    /// Seconds since somebody talked in the office.
    quiet_s: f64,
    level: Option<usize>,
    sti: Option<(f32, u32)>,
    evidence: Option<(f32, u32)>,
    benefit: Benefit,
}

impl Law {
    /// The law for a zone of a site that rises at the given rate. A dB of masking is worth making this share of the listeners not
    /// understand speech from elsewhere.
    pub fn new(price_per_db: f64, slew_up_db_per_min: f64, slew_down_db_per_min: f64) -> Self {
        let recent_s = ((*RECENT_S) * RECENT_SLEW_DB_PER_MIN / slew_up_db_per_min.max(0.01)).max((*SHORTEST_RECENT_S));
        Law {
            price_per_db: price_per_db as f32,
            up_db_per_s: slew_up_db_per_min / 60.0,
            down_db_per_s: slew_down_db_per_min / 60.0,
            recent_share: (1.0 / recent_s) as f32,
            now: CostCurve::NONE,
            recent: CostCurve::NONE,
            place: CostCurve::NONE,
            place_s: 0.0,
            quiet_s: f64::INFINITY,
            level: None,
            sti: None,
            evidence: None,
            benefit: Benefit::Quiet,
        }
    }

    /// Highest STI here of speech from another zone in the last second, and whose.
    pub fn sti(&self) -> Option<(f32, u32)> {
        self.sti
    }

    /// What masking can do here now.
    pub fn benefit(&self) -> Benefit {
        self.benefit
    }

    /// What is known of the place, and from how many seconds.
    pub fn place(&self) -> (&PerLevel, f64) {
        (self.place.values(), self.place_s)
    }

    /// Takes over what was known of the place; nothing is forgetting it.
    pub fn set_place(&mut self, place: Option<(&PerLevel, f64)>) {
        (self.place, self.place_s) = match place {
            Some((values, seconds)) => (CostCurve::from_values(values), seconds.clamp(0.0, PLACE_S)),
            None => (CostCurve::NONE, 0.0),
        };
    }

    /// Takes one second and returns the level that the zone should have.
    pub fn decide<'a>(&mut self, situation: &Situation, heard: impl Iterator<Item = HeardSpeech<'a>>) -> Goal {
        self.hear(situation, heard);
        self.remember(situation.office_talks);
        let mut goal = self.cheapest(situation);
        if *PLAIN { goal.level_db = if self.sti.is_some_and(|(sti, _)| sti > 0.5) { situation.level_max_db } else { situation.level_min_db }; }
        let may_rise = !situation.own_talker || *OWN;
        if goal.level_db > situation.masking_db && !may_rise {
            return Goal {
                level_db: situation.masking_db,
                ..goal
            };
        }
        goal
    }

    /// What this second would have cost at each level.
    fn hear<'a>(&mut self, situation: &Situation, heard: impl Iterator<Item = HeardSpeech<'a>>) {
        self.now.clear();
        self.sti = None;
        let mut noise_db: Option<PerLevel> = None;
        let masked_db = crate::units::power_to_db(crate::units::db_to_power(situation.masking_db) + situation.ambient_power);
        for speech in heard {
            let counted_db = speech.normal_voice_db + (*RESPONSE_SLOPE) * (speech.level_db - speech.normal_voice_db);
            let noise_db = noise_db.get_or_insert_with(|| noise_levels_db(situation.ambient_power));
            self.now.add(speech.reach, counted_db as f32, noise_db);
            let sti = sti_at(speech.sti_curve, speech.level_db + speech.to_listeners_db - masked_db) as f32;
            if self.sti.is_none_or(|(highest, _)| sti > highest) {
                self.sti = Some((sti, speech.from_zone as u32));
            }
        }
        self.evidence = self.sti.or(self.evidence);
    }

    fn remember(&mut self, office_talks: bool) {
        self.quiet_s = if office_talks { 0.0 } else { self.quiet_s + 1.0 };
        self.recent.approach(&self.now, self.recent_share);
        if self.quiet_s < ALIVE_S {
            self.place_s = (self.place_s + 1.0).min(PLACE_S);
            self.place.approach(&self.now, (1.0 / self.place_s) as f32);
        }
    }

    /// Cost of a level of the grid by what is remembered.
    fn cost(&self, level: usize) -> f32 {
        if self.quiet_s >= ALIVE_S {
            return 0.0;
        }
        let place = ((*PLACE_WEIGHT) * self.place_s / (self.place_s + (*PLACE_HALF_S))) as f32;
        place * self.place.at(level) + (1.0 - place) * self.recent.at(level)
    }

    fn cheapest(&mut self, situation: &Situation) -> Goal {
        let levels = levels_between(situation.level_min_db, situation.level_max_db);
        let (lowest, highest) = (*levels.start(), *levels.end());
        let sum = |level: usize| self.cost(level) + if *POW { self.price_per_db * (10f64.powf((grid_level_db(level)-43.0)/10.0) * 4.34) as f32 } else { self.price_per_db * grid_level_db(level) as f32 };
        let mut best = lowest;
        for level in levels {
            if sum(level) < sum(best) {
                best = level;
            }
        }
        // A level that costs hardly more than the best one stays.
        if *SURV > 0.0 {
            let now_db = situation.masking_db;
            let mut least = 0.0f32;
            let at = levels_between(now_db.max(situation.level_min_db), situation.level_max_db);
            let here = *at.start();
            best = here;
            let mut total = 0.0f32;
            for level in here + 1..=highest {
                let after_s = (grid_level_db(level) - now_db).max(0.0) / self.up_db_per_s;
                total += (sum(level) - sum(level - 1)) * (-after_s / *SURV).exp() as f32;
                if total < least { least = total; best = level; }
            }
            total = 0.0;
            for level in (lowest..here).rev() {
                let after_s = (now_db - grid_level_db(level)).max(0.0) / self.down_db_per_s;
                total += (sum(level) - sum(level + 1)) * (-after_s / *SURV).exp() as f32;
                if total < least { least = total; best = level; }
            }
        }
        let stays = |level: &usize| (lowest..=highest).contains(level) && sum(*level) < sum(best) + (*WORTH_MOVING);
        let level = self.level.filter(|_| *SURV <= 0.0).filter(stays).unwrap_or(best);
        self.level = Some(level);

        let (unmasked, masked) = (self.cost(lowest), self.cost(highest));
        self.benefit = if unmasked < NOTHING_TO_HELP {
            Benefit::Quiet
        } else if masked > UNHELPED_SHARE * unmasked {
            Benefit::NotMaskable
        } else {
            Benefit::Helps
        };
        let speech = level > lowest;
        Goal {
            level_db: grid_level_db(level).max(situation.level_min_db) + situation.offset_db,
            cause: if speech { Cause::Speech } else { Cause::Quiet },
            evidence: self.evidence.filter(|_| speech),
        }
    }
}
static POW: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| std::env::var("LINEAR_PRICE").is_err());
static OWN: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| std::env::var("OWN").is_ok());
static PLAIN: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| std::env::var("PLAIN").is_ok());
static SURV: std::sync::LazyLock<f64> = std::sync::LazyLock::new(|| std::env::var("SURV").ok().and_then(|v| v.parse().ok()).unwrap_or(0.0));
