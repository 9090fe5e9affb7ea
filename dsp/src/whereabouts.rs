//! Which microphones hear the loudspeakers that they should, and whose channels are swapped.
//!
//! Every canceller knows by itself how much it finds of the loudspeakers near its microphone, which costs nearly nothing to ask. A
//! microphone that finds too little, or in the wrong proportions, is under suspicion: its place may be another, or only the
//! layout is wrong, the room has changed or the canceller has not learnt yet. Suspects are surveyed: compared with every
//! loudspeaker of the site, to find a place that explains what they hear. A few are surveyed at a time, one comparison per block,
//! so that the work is a fixed share of what the cancellers do, however many are under suspicion.

use crate::{
    microphone::Microphone,
    own_sound::{References, Remover, Survey, Tools, Tuning},
    sensor::{HeardLoudspeaker, LoudspeakerMap},
    setup::EngineSetup,
    spectrum::Bands,
    units::db_to_power,
};

/// Microphones that are surveyed at a time. One is compared in each block, with the three blocks up to it, so that no block is
/// compared twice.
const SURVEYS: usize = 3;

/// A canceller is asked in every fifth block: once a second.
const ASKED_EVERY: u64 = 5;

/// A place explains what a canceller has learnt of it when that deviates by no more than this, dB.
const FITS_DB: f64 = 3.0;

/// A loudspeaker near a microphone seems to be unplugged when this share of what is expected of it is found: −13 dB.
const SILENT_SHARE: f64 = 0.05;

/// Comparisons, each of three blocks, after which a survey says something, and after which it ends: 1.2 s and 3.6 s.
const LEAST_COMPARISONS: u32 = 2;
const MOST_COMPARISONS: u32 = 6;

/// A survey that finds a microphone in its place ends after so many.
const CONTENT_COMPARISONS: u32 = 3;

/// What is known of one microphone.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Its own loudspeakers should be heard and are not, or not as they should be.
    suspect: bool,
    hears_others: Option<bool>,
}

/// A survey and whom it surveys.
struct Surveyed {
    survey: Survey,
    microphone: Option<usize>,
}

/// The whereabouts of all microphones of a site.
pub struct Whereabouts {
    map: LoudspeakerMap,
    zones: Vec<usize>,
    places: Vec<Place>,
    surveys: Vec<Surveyed>,
    /// The survey that is compared in this block.
    turn: usize,
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
        let survey = || Surveyed {
            survey: Survey::new(tuning, loudspeakers),
            microphone: None,
        };
        Whereabouts {
            map: LoudspeakerMap::new(loudspeakers, gains),
            zones: setup.loudspeakers.iter().map(|l| l.zone).collect(),
            places: vec![Place::default(); setup.microphones.len()],
            surveys: (0..SURVEYS.min(setup.microphones.len())).map(|_| survey()).collect(),
            turn: 0,
            next: 0,
            blocks: 0,
            chance_ratio: (2.0 * (loudspeakers.max(2) as f64).ln()).sqrt(),
            heard: Vec::with_capacity(loudspeakers),
        }
    }

    /// Whether a microphone hears other loudspeakers than its own; `None` while that cannot be told.
    pub fn hears_others(&self, microphone: usize) -> Option<bool> {
        self.places.get(microphone).and_then(|place| place.hears_others)
    }

    /// What was heard so far is not aligned with what is heard from now on.
    pub fn interrupt(&mut self) {
        self.surveys.iter_mut().for_each(|surveyed| surveyed.survey.interrupt());
    }

    /// A new block is worked on.
    pub fn begin_block(&mut self, references: &References) {
        self.blocks += 1;
        self.turn = (self.turn + 1) % SURVEYS;
        if references.transformed() <= 1 {
            self.interrupt();
        }
        for index in 0..self.surveys.len() {
            if self.surveys[index].microphone.is_none() {
                let suspect = self.next_suspect();
                let surveyed = &mut self.surveys[index];
                surveyed.microphone = suspect;
                surveyed.survey.begin();
            }
        }
    }

    /// Asks a canceller that has done its work on the block.
    pub fn ask(&mut self, microphone: usize, remover: &Remover, arch: pulp::Arch, drives: &[f64]) {
        let presence = remover.presence();
        // Without the nearest loudspeaker, in a muted zone, a place is known by those of others only, and that is not enough.
        let nearest = remover.loudspeakers().first();
        let nearest_plays = nearest.is_some_and(|loudspeaker| drives[self.zones[*loudspeaker]] > 0.0);
        let should_hear = nearest_plays && presence.is_some_and(|presence| presence.is_expected());
        let finds = presence.is_some_and(|presence| presence.is_found());
        if !should_hear {
            self.set(microphone, false, None);
            return;
        }
        if !finds {
            self.suspect(microphone);
            return;
        }
        if (self.blocks + microphone as u64).is_multiple_of(ASKED_EVERY) {
            self.find(microphone, remover, arch, drives);
            // Once a survey has found it elsewhere, only a survey finds it back in its place.
            let elsewhere = self.hears_others(microphone) == Some(true);
            if !elsewhere && self.map.own_deviation_db(microphone, &self.heard) <= FITS_DB {
                self.set(microphone, false, Some(false));
            } else {
                self.suspect(microphone);
            }
        }
    }

    /// Whether a microphone should hear its own loudspeakers and does not, or not as it should.
    pub fn is_suspect(&self, microphone: usize) -> bool {
        self.places.get(microphone).is_some_and(|place| place.suspect)
    }

    /// Whether that is true of most microphones: then it is not they who are wrong.
    pub fn most_are_suspect(&self) -> bool {
        2 * self.places.iter().filter(|place| place.suspect).count() > self.places.len()
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

    /// Does one of several parts of the work on a block.
    pub fn work(
        &mut self,
        (part, parts): (usize, usize),
        tools: &mut Tools,
        references: &References,
        microphones: &[Microphone],
        drives: &[f64],
    ) {
        if references.transformed() == 0 {
            return;
        }
        if part < self.surveys.len() {
            let Surveyed { survey, microphone } = &mut self.surveys[part];
            if let Some(microphone) = microphone.and_then(|index| microphones.get(index)) {
                survey.take(tools, microphone.block());
            }
        }
        // The first parts take the blocks that are compared in the others.
        let (part, parts) = (part.checked_sub(SURVEYS), parts - SURVEYS);
        let (Some(part), Some(surveyed)) = (part, self.surveys.get_mut(self.turn)) else {
            return;
        };
        let Some(microphone) = surveyed.microphone.filter(|_| surveyed.survey.is_ready()) else {
            return;
        };
        let count = self.zones.len();
        for loudspeaker in count * part / parts..count * (part + 1) / parts {
            let played = drives[self.zones[loudspeaker]];
            if played > 0.0 {
                surveyed.survey.compare(tools.arch, references, loudspeaker, played);
            }
        }
        if part + 1 == parts {
            surveyed.survey.end_comparison();
            self.conclude(microphone);
        }
    }

    /// After a comparison: says what the survey has found so far, and ends it when it has found enough.
    fn conclude(&mut self, microphone: usize) {
        let Some(surveyed) = self.surveys.get_mut(self.turn) else {
            return;
        };
        let survey = &surveyed.survey;
        let comparisons = survey.comparisons();
        if comparisons < LEAST_COMPARISONS {
            return;
        }
        let uncertainty = survey.uncertainty();
        let least = self.chance_ratio * uncertainty;
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
        let hears_others = {
            let vacant = |place: usize| self.places.get(place).is_some_and(|place| place.suspect);
            self.map.hears_others(microphone, &self.heard, (1.0, uncertainty), vacant)
        };
        let content = hears_others == Some(false) && comparisons >= CONTENT_COMPARISONS;
        if content || comparisons >= MOST_COMPARISONS {
            surveyed.microphone = None;
        }
        if let Some(place) = self.places.get_mut(microphone)
            && place.suspect
        {
            place.hears_others = hears_others;
        }
    }

    fn suspect(&mut self, microphone: usize) {
        if let Some(place) = self.places.get_mut(microphone)
            && !place.suspect
        {
            *place = Place {
                suspect: true,
                hears_others: None,
            };
        }
    }

    fn set(&mut self, microphone: usize, suspect: bool, hears_others: Option<bool>) {
        if let Some(place) = self.places.get_mut(microphone) {
            *place = Place { suspect, hears_others };
        }
        let surveyed = self.surveys.iter_mut().find(|s| s.microphone == Some(microphone));
        if let Some(surveyed) = surveyed {
            surveyed.microphone = None;
        }
    }

    /// The next microphone under suspicion that is not surveyed. Every other time those that nothing is known of come first.
    fn next_suspect(&mut self) -> Option<usize> {
        let count = self.places.len();
        let round = || (0..count).map(|n| (self.next + n) % count);
        let waits = |index: &usize| {
            let surveyed = self.surveys.iter().any(|s| s.microphone == Some(*index));
            self.places[*index].suspect && !surveyed
        };
        let unknown = |index: &usize| waits(index) && self.places[*index].hears_others.is_none();
        let urgent = round().find(unknown).filter(|_| self.blocks.is_multiple_of(2));
        let found = urgent.or_else(|| round().find(waits))?;
        self.next = (found + 1) % count;
        Some(found)
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
