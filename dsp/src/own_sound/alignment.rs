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

/// The alignment of one capture device with the loudspeakers.
pub struct Alignment {
    finder: Option<Finder>,
    delay: Option<usize>,
    lead: usize,
    slipped: usize,
}

struct Finder {
    finder: DelayFinder,
    microphone: usize,
    loudspeaker: usize,
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

    /// To be found by one microphone that hears one loudspeaker well.
    pub fn to_be_found(tuning: &Tuning, references: &References, (microphone, loudspeaker): (usize, usize)) -> Self {
        let frames = |seconds: f64| (seconds * tuning.sample_rate_hz) as usize;
        Alignment {
            finder: Some(Finder {
                finder: DelayFinder::new(tuning, references.longest_delay()),
                microphone,
                loudspeaker,
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

    /// The microphone whose blocks are to be given to [`Self::listen`].
    pub fn microphone(&self) -> Option<usize> {
        self.finder.as_ref().map(|finder| finder.microphone)
    }

    /// Takes that microphone's block, which begins at a frame of input. Tells whether the alignment has changed.
    pub fn listen(&mut self, transform: &mut Transform, references: &References, begin: i64, heard: &[f32]) -> bool {
        let Some(Finder { finder, loudspeaker, .. }) = &mut self.finder else {
            return false;
        };
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
