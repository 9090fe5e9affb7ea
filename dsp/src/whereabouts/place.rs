//! What is known of one microphone's place.

/// Blocks in a row in which a survey has to find a microphone elsewhere before that is told: 0.8 s, so that chance, which differs
/// from block to block, is not.
const CONFIRMING_BLOCKS: u32 = 4;

/// What a microphone is under suspicion for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// Its own loudspeakers should be heard and are not.
    Missing,
    /// They are heard, but not as they should be.
    OutOfProportion,
}

/// What is known of one microphone's place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    suspicion: Option<Suspicion>,
    /// A survey has found what it can about this suspicion.
    surveyed: bool,
    /// Blocks in a row in which its survey has found it elsewhere.
    elsewhere_blocks: u32,
    /// By what its own survey has found, another place explains clearly better what it hears.
    seems_elsewhere: bool,
    /// The same, and whoever should be there seems to be elsewhere as well.
    hears_others: Option<bool>,
}

impl Place {
    /// Of a microphone above suspicion.
    pub fn cleared(hears_others: Option<bool>) -> Self {
        Place {
            hears_others,
            ..Place::default()
        }
    }

    /// Whether it is under suspicion.
    pub fn is_suspect(&self) -> bool {
        self.suspicion.is_some()
    }

    /// Whether a survey has found what it can about the suspicion.
    pub fn is_surveyed(&self) -> bool {
        self.surveyed
    }

    /// Whether another place explains clearly better what it hears, whoever may be there.
    pub fn seems_elsewhere(&self) -> bool {
        self.seems_elsewhere
    }

    /// Whether it hears others than its own loudspeakers; `None` while that cannot be told.
    pub fn hears_others(&self) -> Option<bool> {
        self.hears_others
    }

    /// Puts it under a suspicion, and tells whether its survey, which has found what it can about another one, has to begin anew. What
    /// that has found stays until then.
    pub fn suspect(&mut self, suspicion: Suspicion) -> bool {
        if self.suspicion == Some(suspicion) {
            return false;
        }
        if self.suspicion.is_none() {
            *self = Place::default();
        }
        self.suspicion = Some(suspicion);
        core::mem::take(&mut self.surveyed)
    }

    /// Takes what a survey has found after a block: whether another place explains better what is heard, `alone` or with whoever
    /// should be there; and whether the survey is done.
    pub fn take(&mut self, alone: Option<bool>, hears_others: Option<bool>, done: bool) {
        if self.suspicion.is_none() {
            return;
        }
        self.surveyed |= done;
        self.seems_elsewhere = alone == Some(true);
        let elsewhere = hears_others == Some(true);
        self.elsewhere_blocks = if elsewhere { self.elsewhere_blocks + 1 } else { 0 };
        if !elsewhere || self.elsewhere_blocks >= CONFIRMING_BLOCKS {
            self.hears_others = hears_others;
        }
    }
}
