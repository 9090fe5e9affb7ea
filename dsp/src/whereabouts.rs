//! Which microphones hear the loudspeakers that they should, and whose channels are swapped.
//!
//! Every canceller knows by itself how much it finds of the loudspeakers near its microphone, which costs nearly nothing to ask. A
//! microphone that finds too little, or in the wrong proportions, is under suspicion: its place may be another, or only the
//! layout is wrong, the room has changed or the canceller has not learnt yet. Suspects are surveyed: compared with every
//! loudspeaker of the site, to find a place that explains what they hear. Only so many are surveyed at a time that the work is a
//! bounded share of what the cancellers do, however many are under suspicion; further ones wait.

mod place;
mod surveys;

use crate::{
    microphone::Microphone,
    own_sound::{References, Remover, Tools, Tuning},
    sensor::{HeardLoudspeaker, LoudspeakerMap},
    setup::EngineSetup,
    spectrum::Bands,
    units::db_to_power,
};
use place::{Place, Suspicion};
use surveys::Surveys;

/// A canceller is asked in every fifth block: once a second.
const ASKED_EVERY: u64 = 5;

/// Blocks in a row that have to be listened to before a canceller has an answer: the first agrees with none, and where nothing is
/// cancelled one more is left to chance too often.
const LISTENED_BLOCKS: usize = 2;
const LISTENED_BLOCKS_BY_POWER: usize = 3;

/// A place explains what a canceller has learnt of it when that deviates by no more than this, dB.
const FITS_DB: f64 = 3.0;

/// A loudspeaker near a microphone seems to be unplugged when this share of what is expected of it is found: −13 dB.
const SILENT_SHARE: f64 = 0.05;

/// Blocks after which a survey says something, with the one before: after one second.
const LEAST_BLOCKS: u32 = 4;

/// A survey that finds a microphone in its place ends after so many.
const CONTENT_BLOCKS: u32 = 8;

/// After so many, 3.6 s, a survey has found what it can, and ends when another microphone waits for it.
const MOST_BLOCKS: u32 = 17;

/// Parts of the work on the surveys in a block: first each survey takes its block, then the loudspeakers are compared.
const COMPARING_PARTS: usize = 16;
pub const SURVEY_PARTS: usize = surveys::MOST + COMPARING_PARTS;

/// The whereabouts of all microphones of a site.
pub struct Whereabouts {
    map: LoudspeakerMap,
    zones: Vec<usize>,
    places: Vec<Place>,
    surveys: Surveys,
    /// The microphone after the one whose survey began last.
    next: usize,
    blocks: u64,
    /// What the largest of all shares reaches by chance, re its standard uncertainty: less does not count as heard.
    chance_ratio: f64,
    heard: Vec<HeardLoudspeaker>,
}

impl Whereabouts {
    /// Nothing known yet.
    pub fn new(setup: &EngineSetup, tuning: &Tuning) -> Self {
        let loudspeakers = setup.loudspeakers.len();
        let weights = band_weights(setup, tuning);
        let gains = setup.microphones.iter().map(|microphone| {
            let gain = |gain_db: &Bands<f32>| {
                let bands = weights.iter().zip(gain_db);
                bands.map(|(weight, db)| weight * db_to_power(f64::from(*db))).sum()
            };
            microphone
                .loudspeakers
                .iter()
                .map(|c| (c.loudspeaker, gain(&c.gain_db)))
                .collect()
        });
        Whereabouts {
            map: LoudspeakerMap::new(loudspeakers, gains),
            zones: setup.loudspeakers.iter().map(|l| l.zone).collect(),
            places: vec![Place::default(); setup.microphones.len()],
            surveys: Surveys::new(tuning, loudspeakers, setup.microphones.len()),
            next: 0,
            blocks: 0,
            chance_ratio: (2.0 * (loudspeakers.max(2) as f64).ln()).sqrt(),
            heard: Vec::with_capacity(loudspeakers),
        }
    }

    /// Whether a microphone hears other loudspeakers than its own; `None` while that cannot be told.
    pub fn hears_others(&self, microphone: usize) -> Option<bool> {
        self.places.get(microphone).and_then(|place| place.hears_others())
    }

    /// What was heard so far is not aligned with what is heard from now on.
    pub fn interrupt(&mut self) {
        self.surveys.interrupt();
    }

    /// A new block is worked on.
    pub fn begin_block(&mut self, references: &References) {
        self.blocks += 1;
        if references.transformed() <= 1 {
            self.surveys.interrupt();
        }
        for index in 0..self.surveys.count() {
            if self.surveys.microphone(index).is_none()
                && let Some(suspect) = self.next_suspect()
            {
                self.surveys.begin(index, suspect);
                self.next = (suspect + 1) % self.places.len();
            }
        }
    }

    /// How many microphones are surveyed.
    pub fn surveyed(&self) -> usize {
        self.surveys.busy()
    }

    /// Asks a canceller that has done its work on the block.
    pub fn ask(&mut self, microphone: usize, remover: &Remover, (arch, transformed): (pulp::Arch, usize), drives: &[f64]) {
        let presence = remover.presence();
        let listened_to = if remover.cancels() {
            LISTENED_BLOCKS
        } else {
            LISTENED_BLOCKS_BY_POWER
        };
        if presence.is_some() && transformed < listened_to {
            return;
        }
        // Without the nearest loudspeaker, in a muted zone, a place is known by those of others only, and that is not enough.
        let nearest = remover.loudspeakers().first();
        let nearest_plays = nearest.is_some_and(|loudspeaker| drives[self.zones[*loudspeaker]] > 0.0);
        let should_hear = nearest_plays && presence.is_some_and(|presence| presence.is_expected());
        let finds = presence.is_some_and(|presence| presence.is_found());
        if !should_hear {
            self.clear(microphone, None);
            return;
        }
        if !finds {
            self.suspect(microphone, Suspicion::Missing);
            return;
        }
        // Where it is only listened from time to time it costs less, and not every turn would come.
        let turn = (self.blocks + microphone as u64).is_multiple_of(ASKED_EVERY);
        if turn || !remover.cancels() {
            self.find(microphone, remover, arch, drives);
            // Once a survey has found it elsewhere, only a survey finds it back in its place.
            let elsewhere = self.hears_others(microphone) == Some(true);
            if !elsewhere
                && self
                    .map
                    .own_deviation_db(microphone, &self.heard, remover.heard_uncertainty())
                    <= FITS_DB
            {
                self.clear(microphone, Some(false));
            } else {
                self.suspect(microphone, Suspicion::OutOfProportion);
            }
        }
    }

    /// A microphone has not heard the block: what was told of it stays, and nothing is asked of it.
    pub fn lose(&mut self, microphone: usize) {
        self.clear(microphone, self.hears_others(microphone));
    }

    /// Whether a survey goes on that has not found what it can: then every block counts.
    pub fn wants_to_listen(&self) -> bool {
        let mut surveyed = (0..self.surveys.count()).filter_map(|index| self.surveys.microphone(index));
        surveyed.any(|microphone| self.places.get(microphone).is_some_and(|place| !place.is_surveyed()))
    }

    /// Whether a microphone should hear its own loudspeakers and does not, or not as it should.
    pub fn is_suspect(&self, microphone: usize) -> bool {
        self.places.get(microphone).is_some_and(|place| place.is_suspect())
    }

    /// Whether that is true of most microphones: then it is not they who are wrong.
    pub fn most_are_suspect(&self) -> bool {
        2 * self.places.iter().filter(|place| place.is_suspect()).count() > self.places.len()
    }

    /// What a canceller has found of the loudspeakers near its microphone, but for those that seem to be unplugged.
    fn find(&mut self, microphone: usize, remover: &Remover, arch: pulp::Arch, drives: &[f64]) {
        self.heard.clear();
        let (mut all_heard, mut all_expected) = (0.0, 0.0);
        for (index, &loudspeaker) in remover.loudspeakers().iter().enumerate() {
            let played = drives[self.zones[loudspeaker]];
            let heard = remover.heard_of(arch, index, played);
            all_heard += heard;
            all_expected += self.map.gain(microphone, loudspeaker) * played;
            self.heard.push(HeardLoudspeaker {
                loudspeaker,
                played,
                heard,
            });
        }
        let map = &self.map;
        self.heard.retain(|h| {
            let expected = map.gain(microphone, h.loudspeaker) * h.played;
            h.heard * all_expected > SILENT_SHARE * expected * all_heard
        });
    }

    /// Does one of [`SURVEY_PARTS`] of the work on a block.
    pub fn work(&mut self, part: usize, tools: &mut Tools, references: &References, microphones: &[Microphone], drives: &[f64]) {
        if references.transformed() == 0 {
            return;
        }
        let Some(part) = part.checked_sub(surveys::MOST) else {
            self.surveys.take(part, tools, microphones);
            return;
        };
        let count = self.zones.len();
        for loudspeaker in count * part / COMPARING_PARTS..count * (part + 1) / COMPARING_PARTS {
            let played = drives[self.zones[loudspeaker]];
            self.surveys.compare(tools, references, loudspeaker, played);
        }
        if part + 1 == COMPARING_PARTS {
            self.surveys.end_block();
            (0..self.surveys.count()).for_each(|index| self.conclude(index));
        }
    }

    /// After a block: says what a survey has found so far, and ends it when it has found enough.
    fn conclude(&mut self, index: usize) {
        let (Some(microphone), Some(survey)) = (self.surveys.microphone(index), self.surveys.survey(index)) else {
            return;
        };
        let blocks = survey.blocks();
        if blocks < LEAST_BLOCKS {
            return;
        }
        let least = self.chance_ratio * survey.uncertainty();
        self.heard.clear();
        for loudspeaker in 0..self.zones.len() {
            let (share, played) = survey.loudspeaker(loudspeaker);
            let heard = if share > least { share } else { 0.0 };
            self.heard.push(HeardLoudspeaker {
                loudspeaker,
                played,
                heard,
            });
        }
        let total_and_uncertainty = (1.0, least);
        // Channels are swapped by twos or more. A microphone whose loudspeakers are all unplugged hears those of others as well, but
        // whoever should hear those does.
        let alone = self
            .map
            .hears_others(microphone, &self.heard, total_and_uncertainty, |_| true);
        let vacant = |place: usize| self.places.get(place).is_some_and(|place| place.seems_elsewhere());
        let hears_others = match alone {
            Some(true) => self.map.hears_others(microphone, &self.heard, total_and_uncertainty, vacant),
            other => other,
        };
        let content = hears_others == Some(false) && blocks >= CONTENT_BLOCKS;
        let done = content || blocks >= MOST_BLOCKS;
        if content || (done && self.next_suspect().is_some()) {
            self.surveys.end(index);
        }
        if let Some(place) = self.places.get_mut(microphone) {
            place.take(alone, hears_others, done);
        }
    }

    fn suspect(&mut self, microphone: usize, suspicion: Suspicion) {
        let place = self.places.get_mut(microphone);
        if place.is_some_and(|place| place.suspect(suspicion)) {
            self.surveys.end_of(microphone);
        }
    }

    /// A microphone is above suspicion.
    fn clear(&mut self, microphone: usize, hears_others: Option<bool>) {
        if let Some(place) = self.places.get_mut(microphone) {
            *place = Place::cleared(hears_others);
        }
        self.surveys.end_of(microphone);
    }

    /// The next microphone under suspicion that is not surveyed. Every other time those that nothing is known of come first.
    fn next_suspect(&self) -> Option<usize> {
        let count = self.places.len();
        let round = || (0..count).map(|n| (self.next + n) % count);
        let waits = |index: &usize| self.places[*index].is_suspect() && !self.surveys.surveys(*index);
        let unknown = |index: &usize| waits(index) && self.places[*index].hears_others().is_none();
        let urgent = round().find(unknown).filter(|_| self.blocks.is_multiple_of(2));
        urgent.or_else(|| round().find(waits))
    }
}

/// Share of each band among the bins that are compared and in which masking is played.
fn band_weights(setup: &EngineSetup, tuning: &Tuning) -> Bands<f64> {
    let bins: Bands<f64> = core::array::from_fn(|band| {
        let (begin, end) = tuning.bins_of_band(band);
        if setup.masking_spectrum_db[band].is_finite() {
            (end - begin) as f64
        } else {
            0.0
        }
    });
    let all: f64 = bins.iter().sum();
    core::array::from_fn(|band| bins[band] / all.max(1.0))
}
