//! In which blocks own sound is looked for.

/// Where the waveform is never cancelled, couplings are followed by listening to some blocks in a row every four seconds.
const EVERY_BLOCKS: u64 = 20;
const BLOCKS: u64 = 6;

/// Blocks in which the loudspeakers have to be followed before the first of them: an FFT reaches one block further back, and a
/// block begins before it is full.
const LEAD_BLOCKS: u64 = 2;

/// Decimated frames until the decimators have settled, and some to spare.
const SETTLING_FRAMES: usize = 64;

/// When to look for own sound.
pub struct Listening {
    always: bool,
}

impl Listening {
    /// All the time when the waveform may be cancelled.
    pub fn new(always: bool) -> Self {
        Listening { always }
    }

    /// Whether own sound is looked for in a block, counted from 1.
    pub fn listens(&self, block: u64) -> bool {
        self.always || block % EVERY_BLOCKS < BLOCKS
    }

    /// Whether what is played after so many blocks of input will be looked for. It is heard `delay` frames later; while nobody knows
    /// the delay, everything is needed to find it.
    pub fn wants_playback(&self, blocks: u64, delay: Option<usize>, block_frames: usize) -> bool {
        let Some(delay) = delay.filter(|_| !self.always) else {
            return true;
        };
        let lead = LEAD_BLOCKS + (delay + SETTLING_FRAMES).div_ceil(block_frames.max(1)) as u64;
        (blocks + lead) % EVERY_BLOCKS < (BLOCKS - 1 + lead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_block_is_compared_with_was_kept() {
        let listening = Listening::new(false);
        for delay in [0, 341, 3199, 3200, 9000, 24_000] {
            let wanted = |blocks: i64| listening.wants_playback(blocks as u64, Some(delay), 3200);
            for block in (100..200).filter(|block| listening.listens(*block)) {
                // The block itself and the one before it, as they were played, and a little before for the decimators.
                let begin = (block as i64 - 2) * 3200 - delay as i64 - 40;
                let end = block as i64 * 3200 - delay as i64;
                assert!(
                    (begin..end).step_by(8).all(|frame| wanted(frame.div_euclid(3200))),
                    "{block}, {delay}"
                );
            }
            assert!((100..200).filter(|blocks| wanted(*blocks)).count() < 100 || delay > 20_000);
        }
    }
}
