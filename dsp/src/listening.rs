//! In which blocks own sound is looked for.

/// Where the waveform is never cancelled it is listened to some blocks in a row every two seconds: to follow the couplings, and
/// to see soon enough which microphone does not hear its own loudspeakers. The first block agrees with none, so that fewer in a row
/// tell little.
const EVERY_BLOCKS: u64 = 10;
const BLOCKS: u64 = 3;

/// When to look for own sound.
pub struct Listening {
    always: bool,
}

impl Listening {
    /// All the time when the waveform may be cancelled.
    pub fn new(always: bool) -> Self {
        Listening { always }
    }

    /// Whether own sound is looked for in a block: also when somebody wants to.
    pub fn listens(&self, block: u64, wanted: bool) -> bool {
        self.always || wanted || block % EVERY_BLOCKS < BLOCKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_listened_to_blocks_in_a_row_every_two_seconds_or_as_long_as_it_is_wanted() {
        let listening = Listening::new(false);
        let listened: Vec<bool> = (100..120).map(|block| listening.listens(block, false)).collect();
        assert_eq!(listened.iter().filter(|listened| **listened).count(), 6);
        assert_eq!(listened.chunk_by(|a, b| a == b).count(), 4);
        assert!((100..120).all(|block| listening.listens(block, true)));
        assert!((100..120).all(|block| Listening::new(true).listens(block, false)));
    }
}
