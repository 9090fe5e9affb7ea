//! Whether it is worth it to cancel the waveform of our own sound.

use crate::units::db_to_power;

/// It is when it removes this much, dB: less, and subtraction of a followed power is as good.
const WORTHWHILE_DB: f64 = 8.0;

/// And where this share of what is expected has been found: else the microphone does not hear it.
const FOUND_SHARE: f64 = 0.25;

/// Blocks in a row, with our own sound plainly audible, after which cancelling that is not worth it is given up: 25 s. After a
/// change of the room it takes less to be worth it again.
const PATIENCE_BLOCKS: u32 = 125;

/// Our own sound is plainly audible when it should make this share of all sound.
const AUDIBLE_SHARE: f64 = 0.3;

/// A microphone that hears less than this share of what our own sound should make does not hear it, and has nothing to cancel.
const HEARING_SHARE: f64 = 0.5;

/// Time constant of the averages, blocks.
const AVERAGING_BLOCKS: f64 = 25.0;

/// What cancelling has achieved of late. Energies in any unit that all share.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worth {
    expected: f64,
    found: f64,
    left: f64,
    /// Blocks in a row in which it was not worth it.
    poor_blocks: u32,
}

impl Worth {
    /// Takes one block: all that was heard, what of it should have been our own sound, what was, and what of that is left.
    pub fn observe(&mut self, heard: f64, expected: f64, found: f64, left: f64) {
        if expected < AUDIBLE_SHARE * heard || heard < HEARING_SHARE * expected {
            return;
        }
        let average = |mean: &mut f64, value: f64| *mean += (value - *mean) / AVERAGING_BLOCKS;
        average(&mut self.expected, expected);
        average(&mut self.found, found);
        average(&mut self.left, left);
        let worthwhile = self.found > db_to_power(WORTHWHILE_DB) * self.left && self.found > FOUND_SHARE * self.expected;
        self.poor_blocks = if worthwhile { 0 } else { self.poor_blocks + 1 };
    }

    /// Whether it has not been worth it for too long.
    pub fn is_given_up(&self) -> bool {
        self.poor_blocks > PATIENCE_BLOCKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Given up after two minutes of this?
    fn given_up(heard: f64, expected: f64, found: f64, left: f64) -> bool {
        let mut worth = Worth::default();
        (0..600).for_each(|_| worth.observe(heard, expected, found, left));
        worth.is_given_up()
    }

    #[test]
    fn it_is_given_up_where_too_much_is_left_or_too_little_is_there() {
        assert!(!given_up(1.5, 1.0, 1.0, 0.1));
        assert!(given_up(1.5, 1.0, 1.0, 0.3));
        assert!(given_up(1.5, 1.0, 0.1, 0.001));
    }

    #[test]
    fn nothing_is_learnt_of_it_where_our_own_sound_is_not_audible() {
        assert!(!given_up(10.0, 1.0, 1.0, 0.9), "under loud talk");
        assert!(!given_up(0.1, 1.0, 0.1, 0.1), "at a microphone that does not hear");
    }

    #[test]
    fn it_may_take_a_while_to_learn() {
        let mut worth = Worth::default();
        for block in 0..600 {
            worth.observe(1.5, 1.0, 1.0, 0.5f64.powf(f64::from(block) / 30.0));
            assert!(!worth.is_given_up(), "block {block}");
        }
    }
}
