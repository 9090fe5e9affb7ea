//! Whether our own sound is found where the layout expects it to be heard.

/// Our own sound should be audible when it should make this share of all sound.
const EXPECTED_SHARE: f64 = 0.1;

/// This share of what the layout expects is enough to be where it says: layouts are seldom wrong by 4 dB about all that is near, and
/// who is suspected wrongly is found in its place.
const FOUND_SHARE: f64 = 0.4;

/// Time constant of the averages, blocks of a fifth of a second: short, because a swapped channel has to be told in seconds.
const AVERAGING_BLOCKS: f64 = 5.0;

/// What is heard, expected and found, in any units that all three share: averages over the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Presence {
    heard: f64,
    expected: f64,
    found: f64,
    blocks: f64,
}

impl Presence {
    /// Takes one block: all that was heard, what of it should have been our own sound, and what was; negative when taking it out
    /// made the rest louder, because it was not there.
    pub fn observe(&mut self, heard: f64, expected: f64, found: f64) {
        self.blocks = (self.blocks + 1.0).min(AVERAGING_BLOCKS);
        let blocks = self.blocks;
        let average = |mean: &mut f64, value: f64| *mean += (value - *mean) / blocks;
        average(&mut self.heard, heard);
        average(&mut self.expected, expected);
        average(&mut self.found, found);
    }

    /// Whether our own sound should be audible.
    pub fn is_expected(&self) -> bool {
        self.expected > EXPECTED_SHARE * self.heard
    }

    /// Whether it is there.
    pub fn is_found(&self) -> bool {
        self.found > FOUND_SHARE * self.expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: usize, heard: f64, expected: f64, found: f64) -> Presence {
        let mut presence = Presence::default();
        presence.observe(1.0, 1.0, 1.0);
        (0..5 * seconds).for_each(|_| presence.observe(heard, expected, found));
        presence
    }

    #[test]
    fn what_is_expected_and_missing_is_told_within_a_second_and_a_half() {
        assert!(after(3, 1.0, 0.8, 0.5).is_found());
        let missing = after(1, 1.0, 0.8, -0.2);
        assert!(missing.is_expected() && !after(2, 1.0, 0.8, 0.0).is_found());
    }

    #[test]
    fn nothing_is_expected_under_louder_sound_or_of_silence() {
        assert!(!after(5, 100.0, 1.0, 0.0).is_expected());
        assert!(!after(20, 1.0, 0.0, 0.0).is_expected());
    }
}
