//! Which frame of output is heard in a frame of input: known, or found.

use super::{
    delay::DelayFinder,
    references::References,
    transform::{Transform, Tuning},
};

/// The references are kept this much ahead of the delay that was found at one microphone, seconds: others may hang nearer to
/// their loudspeakers.
const LEAD_S: f64 = 0.01;

/// Where the delay is known it does not contain the way through the room, and only the filters of the decimators need time.
const KNOWN_LEAD_S: f64 = 0.002;

/// The delay has changed when it is found so far from where it was, seconds: buffers slipped, or clocks drifted.
const SLIPPED_S: f64 = 0.005;

/// Blocks after which a microphone has had time enough to find the delay: 12 s, twice the time that the finder looks back over.
const PATIENCE_BLOCKS: u32 = 60;

/// The alignment of one capture device with the loudspeakers.
pub struct Alignment {
    finder: Option<Finder>,
    delay: Option<usize>,
    lead: usize,
    slipped: usize,
}

struct Finder {
    finder: DelayFinder,
    /// Microphones and a loudspeaker that each hears well, and which of these pairs is listened to.
    pairs: Vec<(usize, usize)>,
    at: usize,
    /// Blocks that it was listened to.
    listened: u32,
}

impl Alignment {
    /// Known to be a number of decimated frames.
    pub fn known(tuning: &Tuning, delay: f64) -> Self {
        let lead = KNOWN_LEAD_S * tuning.sample_rate_hz;
        Alignment {
            finder: None,
            delay: Some((delay - lead).max(0.0) as usize),
            lead: 0,
            slipped: 0,
        }
    }

    /// To be found by microphones that hear a loudspeaker well, the first of these pairs first.
    pub fn to_be_found(tuning: &Tuning, references: &References, pairs: Vec<(usize, usize)>) -> Self {
        let frames = |seconds: f64| (seconds * tuning.sample_rate_hz) as usize;
        Alignment {
            finder: Some(Finder {
                finder: DelayFinder::new(tuning, references.longest_delay()),
                pairs,
                at: 0,
                listened: 0,
            }),
            delay: None,
            lead: frames(LEAD_S),
            slipped: frames(SLIPPED_S),
        }
    }

    /// By how many decimated frames what is heard lies behind what is played; `None` while nobody knows.
    pub fn delay(&self) -> Option<usize> {
        self.delay
    }

    /// The same with the way through the room, as it was found; `None` while nobody has looked.
    pub fn found(&self) -> Option<usize> {
        self.finder.as_ref().and(self.delay).map(|delay| delay + self.lead)
    }

    /// The microphone whose blocks are to be given to [`Self::listen`].
    pub fn microphone(&self) -> Option<usize> {
        self.finder
            .as_ref()
            .and_then(|f| f.pairs.get(f.at))
            .map(|(microphone, _)| *microphone)
    }

    /// Has another microphone listen from now on when the one that does is not to be believed (`doubted`), or when it has had
    /// time enough and nothing is known yet, or (`lost`) what is known is of no use to most others: its channel may be swapped.
    pub fn pass_on(&mut self, doubted: bool, lost: bool) {
        let Some(finder) = &mut self.finder else { return };
        let in_vain = finder.listened >= PATIENCE_BLOCKS && (lost || self.delay.is_none());
        if doubted || in_vain {
            finder.at = (finder.at + 1) % finder.pairs.len().max(1);
            finder.listened = 0;
            finder.finder.restart();
        }
    }

    /// Takes that microphone's block, which begins at a frame of input. Tells whether the alignment has changed.
    pub fn listen(&mut self, transform: &mut Transform, references: &References, begin: i64, heard: &[f32]) -> bool {
        let Some(Finder {
            finder,
            pairs,
            at,
            listened,
        }) = &mut self.finder
        else {
            return false;
        };
        let Some((_, loudspeaker)) = pairs.get(*at) else {
            return false;
        };
        *listened = listened.saturating_add(1);
        finder.take(transform, references, *loudspeaker, begin, heard);
        let Some(found) = finder.delay().map(|delay| delay.saturating_sub(self.lead)) else {
            return false;
        };
        if self.delay.is_some_and(|delay| delay.abs_diff(found) <= self.slipped) {
            return false;
        }
        self.delay = Some(found);
        true
    }
}
