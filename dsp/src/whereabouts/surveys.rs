//! The surveys of a site, and whom they survey: several at a time, as many as cost a fixed amount.

use crate::{
    microphone::Microphone,
    own_sound::{References, Survey, Tools, Tuning},
};

/// Loudspeakers that all surveys together compare in a block, as long as that makes a number of surveys within the bounds: 4 ms of
/// work in 200.
const COMPARISONS: usize = 1024;

/// Fewest and most microphones that are surveyed at a time. A survey costs a large site more, but the same share of its other work.
const FEWEST: usize = 4;
pub const MOST: usize = 16;

/// A survey, and the microphone that is surveyed.
struct Slot {
    survey: Survey,
    microphone: Option<usize>,
}

/// All surveys.
pub struct Surveys {
    slots: Vec<Slot>,
}

impl Surveys {
    /// Nobody is surveyed yet.
    pub fn new(tuning: &Tuning, loudspeakers: usize, microphones: usize) -> Self {
        let count = (COMPARISONS / loudspeakers.max(1)).clamp(FEWEST, MOST).min(microphones);
        let slot = || Slot {
            survey: Survey::new(tuning, loudspeakers),
            microphone: None,
        };
        Surveys {
            slots: (0..count).map(|_| slot()).collect(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// How many microphones are surveyed.
    pub fn busy(&self) -> usize {
        self.slots.iter().filter(|slot| slot.microphone.is_some()).count()
    }

    /// The microphone of a survey; `None` when it has none.
    pub fn microphone(&self, index: usize) -> Option<usize> {
        self.slots.get(index).and_then(|slot| slot.microphone)
    }

    /// What a survey has found so far.
    pub fn survey(&self, index: usize) -> Option<&Survey> {
        self.slots.get(index).map(|slot| &slot.survey)
    }

    /// Whether a microphone is surveyed.
    pub fn surveys(&self, microphone: usize) -> bool {
        self.slots.iter().any(|slot| slot.microphone == Some(microphone))
    }

    /// A survey begins with a microphone.
    pub fn begin(&mut self, index: usize, microphone: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.microphone = Some(microphone);
            slot.survey.begin();
        }
    }

    /// A survey ends.
    pub fn end(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.microphone = None;
        }
    }

    /// The survey of a microphone ends.
    pub fn end_of(&mut self, microphone: usize) {
        let of = |slot: &&mut Slot| slot.microphone == Some(microphone);
        self.slots.iter_mut().filter(of).for_each(|slot| slot.microphone = None);
    }

    /// The next block does not follow the last one.
    pub fn interrupt(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.survey.interrupt());
    }

    /// A survey takes the block of its microphone.
    pub fn take(&mut self, index: usize, tools: &mut Tools, microphones: &[Microphone]) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        if let Some(microphone) = slot.microphone.and_then(|microphone| microphones.get(microphone)) {
            slot.survey.take(tools, microphone.block());
        }
    }

    /// All surveys compare their blocks with a loudspeaker, whose spectrum stays at hand meanwhile.
    pub fn compare(&mut self, tools: &Tools, references: &References, loudspeaker: usize, played: f64) {
        for slot in self.slots.iter_mut().filter(|slot| slot.microphone.is_some()) {
            slot.survey.compare(tools.arch, references, loudspeaker, played);
        }
    }

    /// All loudspeakers have been compared.
    pub fn end_block(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.microphone.is_some()) {
            slot.survey.end_block();
        }
    }
}
