//! Which masking level a zone should have: the one of least price.
//!
//! A level costs what it does not mask: the share of the zone's listeners for whom speech *from another zone* has an STI above the
//! target. Speech is measured without our own sound and its propagation is known from the layout, so that a zone knows what every
//! level *would have* cost, not only the one that was played. It remembers these costs for a short while, and what the place is
//! like for days. Masking has a price. The level of least sum wins, so that masking is paid for where it makes speech
//! unintelligible, and not where it cannot: there the cost is the same at every level.

use super::{
    cost::{CostCurve, NoiseCosts},
    grid::{LEVELS, LevelSum, PerLevel, grid_level_db, levels_between},
    place::PlaceMemory,
    reach::Reach,
    sti_curve::sti_at,
};
use crate::{
    Cause, STI_CURVE_POINTS,
    units::{db_to_power, power_to_db},
};

/// A change of speech counts by this much, dB per dB, about the level of a normal voice. People raise their voice in noise by at
/// most 0.65 dB/dB (Bottalico et al. 2017), so that the loop through them amplifies a disturbance by at most 1/(1 − 0.2·0.65) = 1.15.
/// What a microphone says of a voice is mostly how near to it the talker sits, and that says little about who else hears it.
pub const RESPONSE_SLOPE: f64 = 0.2;

/// Talkers are remembered for this time at the default rise of 0.2 dB/min, seconds: turns in a conversation. A brisker site
/// forgets faster, as fast as it can follow.
const RECENT_S: f64 = 20.0;
const RECENT_SLEW_DB_PER_MIN: f64 = 0.2;
const SHORTEST_RECENT_S: f64 = 10.0;

/// How much the place counts re what was heard recently, once it is known.
const PLACE_WEIGHT: f32 = 0.2;

/// Somebody has to talk within this time for the office to be alive, seconds; else it is quiet.
const ALIVE_S: f64 = 900.0;

/// A level is given up for one that costs less by this, so that two levels alike do not take turns.
const WORTH_MOVING: f32 = 2e-4;

/// Up to this ambient level people raise their voices in noise by a quarter of a dB per dB only, beyond it by 0.65, dB(A) (Bottalico et
/// al., Acta Acust. united Ac. 103, 169 (2017)).
const VOICES_RISE_FROM_DB: f64 = 43.3;

/// The level at which the price per dB is stated, dB(A).
const PRICED_AT_DB: f64 = 43.0;

/// Decibels per neper of power: turns a price per dB into one per power ratio.
const DB_PER_NEPER: f64 = 10.0 / core::f64::consts::LN_10;

/// Masking does not help where the highest level leaves this share of the cost of the lowest.
const UNHELPED_SHARE: f32 = 0.8;

/// Below this share of distracted listeners there is nothing to help.
const NOTHING_TO_HELP: f32 = 0.02;

/// Speech that exceeds the target STI by more than this even under the highest level is taken as not maskable when an office is
/// planned: what the uncertainty of a path makes of the end of a zone's reach.
pub const MASKABLE_MARGIN_STI: f64 = 0.15;

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
    /// People work here whom speech from elsewhere distracts.
    pub has_workplaces: bool,
    /// A talker is in this zone.
    pub own_talker: bool,
    /// Somebody talks somewhere in the office.
    pub office_talks: bool,
    /// Level while there is nothing to mask: the lowest allowed, or what a schedule asks for.
    pub base_db: f64,
    /// Highest level allowed here.
    pub level_max_db: f64,
    /// Added to the level that speech or quiet asks for.
    pub offset_db: f64,
}

impl Situation {
    /// Highest level for which a zone rises in which somebody talks. People raise their voice in noise (the Lombard effect): such a
    /// zone rises for speech from elsewhere, and no further than that hardly changes the voice.
    fn highest_beside_talker_db(&self) -> f64 {
        let unheeded = db_to_power(VOICES_RISE_FROM_DB) - self.ambient_power;
        power_to_db(unheeded.max(1.0)).max(self.masking_db)
    }

    /// How far the zone may be lifted for its neighbours' sake. One with a talker of its own is not: it may be for this talker that they
    /// rise. Only where nobody works, as at a coffee corner, it rises as far as that hardly changes voices, or it would hold down
    /// those around it that need masking most.
    pub(super) fn highest_for_others_db(&self) -> f64 {
        match (self.own_talker, self.has_workplaces) {
            (false, _) => self.level_max_db,
            (true, true) => self.masking_db,
            (true, false) => self.highest_beside_talker_db().min(self.level_max_db),
        }
    }
}

/// What masking can do for a zone now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Benefit {
    /// Nobody is distracted at the lowest level.
    #[default]
    Quiet,
    /// Masking makes speech from elsewhere unintelligible.
    Helps,
    /// Speech from elsewhere is understood at any level allowed: masking holds or falls.
    NotMaskable,
}

/// The law of one zone.
#[derive(Clone, Debug)]
pub struct Law {
    /// Price of each level of the grid, in shares of listeners.
    prices: PerLevel,
    recent_share: f32,
    heard: NoiseCosts,
    now: CostCurve,
    recent: CostCurve,
    /// What the place teaches; `None` where that is not to be remembered.
    place: Option<PlaceMemory>,
    /// Seconds since somebody talked in the office.
    quiet_s: f64,
    level: Option<usize>,
    sti: Option<(f32, u32)>,
    evidence: Option<(f32, u32)>,
    benefit: Benefit,
}

impl Law {
    /// The law for a zone of a site that rises at the given rate.
    ///
    /// `price_per_db` is the share of the listeners for whom speech from elsewhere has to become unintelligible to be worth one
    /// more dB of masking at 43 dB(A). The price grows with the power of masking, as its annoyance does: levels low enough not to
    /// be noticed are nearly free, high ones are dear. Without a `place` to begin with, none is remembered.
    pub fn new(price_per_db: f64, slew_up_db_per_min: f64, place: Option<PlaceMemory>) -> Self {
        let recent_s = (RECENT_S * RECENT_SLEW_DB_PER_MIN / slew_up_db_per_min.max(0.01)).max(SHORTEST_RECENT_S);
        let price = |level: usize| price_per_db * DB_PER_NEPER * db_to_power(grid_level_db(level) - PRICED_AT_DB);
        Law {
            prices: core::array::from_fn::<f32, LEVELS, _>(|level| price(level) as f32),
            recent_share: (1.0 / recent_s) as f32,
            heard: NoiseCosts::NONE,
            now: CostCurve::NONE,
            recent: CostCurve::NONE,
            place: place.map(PlaceMemory::sane),
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

    /// What is known of the place; `None` where that is not to be remembered.
    pub fn place(&self) -> Option<PlaceMemory> {
        self.place
    }

    /// Forgets what is known of the place, and begins anew.
    pub fn forget_place(&mut self) {
        self.place = self.place.map(|_| PlaceMemory::default());
    }

    /// Takes one second and returns the level that the zone should have.
    pub fn decide<'a>(&mut self, sum: &LevelSum, situation: &Situation, heard: impl Iterator<Item = HeardSpeech<'a>>) -> Goal {
        self.hear(sum, situation, heard);
        self.remember(situation.office_talks);
        let goal = self.cheapest(situation);
        if situation.own_talker {
            let level_db = goal.level_db.min(situation.highest_beside_talker_db());
            return Goal { level_db, ..goal };
        }
        goal
    }

    /// What this second would have cost at each level.
    fn hear<'a>(&mut self, sum: &LevelSum, situation: &Situation, heard: impl Iterator<Item = HeardSpeech<'a>>) {
        let mut heard = heard.peekable();
        self.now.clear();
        self.sti = None;
        if heard.peek().is_none() {
            return;
        }
        self.heard.clear();
        let masked_db = power_to_db(db_to_power(situation.masking_db) + situation.ambient_power);
        for speech in heard {
            if situation.has_workplaces {
                let counted_db = speech.normal_voice_db + RESPONSE_SLOPE * (speech.level_db - speech.normal_voice_db);
                self.heard.add(speech.reach, counted_db as f32);
            }
            let sti = sti_at(speech.sti_curve, speech.level_db + speech.to_listeners_db - masked_db) as f32;
            if self.sti.is_none_or(|(highest, _)| sti > highest) {
                self.sti = Some((sti, speech.from_zone as u32));
            }
        }
        self.heard.by_level(&sum.noises(situation.ambient_power), &mut self.now);
        self.evidence = self.sti;
    }

    fn remember(&mut self, office_talks: bool) {
        self.quiet_s = if office_talks { 0.0 } else { self.quiet_s + 1.0 };
        self.recent.approach(&self.now, self.recent_share);
        if let Some(place) = self.place.as_mut().filter(|_| self.quiet_s < ALIVE_S) {
            place.learn(&self.now);
        }
    }

    /// Cost of a level of the grid by what is remembered.
    fn cost(&self, level: usize) -> f32 {
        if self.quiet_s >= ALIVE_S {
            return 0.0;
        }
        let recent = self.recent.at(level);
        self.place.as_ref().map_or(recent, |place| {
            let weight = PLACE_WEIGHT * place.known();
            weight * place.share(grid_level_db(level)) + (1.0 - weight) * recent
        })
    }

    fn cheapest(&mut self, situation: &Situation) -> Goal {
        let levels = levels_between(situation.base_db, situation.level_max_db);
        let (lowest, highest) = (*levels.start(), *levels.end());
        let sum = |level: usize| self.cost(level) + self.prices[level];
        let (mut best, mut least) = (lowest, sum(lowest));
        for level in levels {
            let sum = sum(level);
            if sum < least {
                (best, least) = (level, sum);
            }
        }
        // A level that costs hardly more than the best one stays.
        let stays = |level: &usize| (lowest..=highest).contains(level) && sum(*level) < least + WORTH_MOVING;
        let level = self.level.filter(stays).unwrap_or(best);
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
            level_db: grid_level_db(level).max(situation.base_db) + situation.offset_db,
            cause: if speech { Cause::Speech } else { Cause::Quiet },
            evidence: self.evidence.filter(|_| speech),
        }
    }
}
