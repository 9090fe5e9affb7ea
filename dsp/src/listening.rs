//! In which blocks own sound is looked for.

/// Where the waveform is never cancelled it is listened to some blocks in a row every two seconds: to follow the couplings, and
/// to see soon enough which microphone does not hear its own loudspeakers. The first block agrees with none, so that fewer in a row
/// tell little.
const EVERY_BLOCKS: u64 = 10;
const BLOCKS: u64 = 3;

/// Blocks after which one more may be listened to because somebody wants to: a site that is never content costs a tenth more.
const BLOCKS_PER_EXTRA: u32 = 10;

/// Such blocks that may be saved up: 8 s, twice what a survey takes.
const MOST_EXTRA: u32 = 40;

/// When to look for own sound.
pub struct Listening {
    always: bool,
    /// Blocks that have passed and not been spent.
    saved: u32,
}

impl Listening {
    /// All the time when the waveform may be cancelled.
    pub fn new(always: bool) -> Self {
        Listening {
            always,
            saved: MOST_EXTRA * BLOCKS_PER_EXTRA,
        }
    }

    /// Whether own sound is looked for in a block, each asked for once: for a while also when somebody wants to.
    pub fn listens(&mut self, block: u64, wanted: bool) -> bool {
        self.saved = (self.saved + 1).min(MOST_EXTRA * BLOCKS_PER_EXTRA);
        if self.always || block % EVERY_BLOCKS < BLOCKS {
            return true;
        }
        let extra = wanted && self.saved >= BLOCKS_PER_EXTRA;
        if extra {
            self.saved -= BLOCKS_PER_EXTRA;
        }
        extra
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_listened_to_blocks_in_a_row_every_two_seconds_and_for_a_while_when_it_is_wanted() {
        let mut listening = Listening::new(false);
        let listened: Vec<bool> = (100..120).map(|block| listening.listens(block, false)).collect();
        assert_eq!(listened.iter().filter(|listened| **listened).count(), 6);
        assert_eq!(listened.chunk_by(|a, b| a == b).count(), 4);
        assert!((100..140).all(|block| listening.listens(block, true)));
        let later = (140..10_140).filter(|block| listening.listens(*block, true)).count();
        assert!((3_900..4_100).contains(&later), "{later}");
        assert!((100..120).all(|block| Listening::new(true).listens(block, false)));
    }
}
