//! How our own sound compares with what the layout says of it, band by band, where nothing is cancelled.
//!
//! In every block the share of our own sound is measured ([`super::Leak`]) and expected. The ratio is that of a regression of one on
//! the other: blocks in which hardly anything is expected, because somebody talks or a machine is loud, hardly count, and none is
//! chosen by what it has measured, which would be to choose what chance has made too large.

use super::transform::Tuning;
use crate::spectrum::{BAND_COUNT, Bands};

/// Time constant, seconds of listening.
const AVERAGING_S: f64 = 20.0;

/// Listening before anything is said, seconds.
const LEAST_S: f64 = 4.0;

/// A ratio is known when its standard uncertainty is no more than this share of itself: one decibel.
const LARGEST_UNCERTAINTY: f32 = 0.25;

/// Our own sound at one microphone re what the layout says.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredCoupling {
    /// Means of expected times measured, and of expected times expected.
    agreed: Bands<(f32, f32)>,
    expected: Bands<f32>,
    blocks: u32,
    slow: f32,
}

impl MeasuredCoupling {
    /// Nothing measured yet.
    pub fn new() -> Self {
        MeasuredCoupling {
            agreed: [(0.0, 0.0); BAND_COUNT],
            expected: [0.0; BAND_COUNT],
            blocks: 0,
            slow: 1.0 - (-Tuning::BLOCK_S / AVERAGING_S).exp() as f32,
        }
    }

    /// Takes the shares of our own sound in one block: complex as measured, for clocks that differ turn it; and as expected.
    pub fn observe(&mut self, measured: &Bands<(f32, f32)>, expected: &Bands<f32>) {
        self.blocks = self.blocks.saturating_add(1);
        let slow = self.slow.max(1.0 / self.blocks as f32);
        for band in 0..BAND_COUNT {
            let (agreed, (re, im), share) = (&mut self.agreed[band], measured[band], expected[band]);
            agreed.0 += slow * (share * re - agreed.0);
            agreed.1 += slow * (share * im - agreed.1);
            self.expected[band] += slow * (share * share - self.expected[band]);
        }
    }

    /// Power of our own sound in a band re what the layout says; `None` while that is not known. `chance` is the standard uncertainty
    /// of the band's share in a block.
    pub fn ratio(&self, band: usize, chance: f32) -> Option<f32> {
        let expected = self.expected[band];
        if expected <= 0.0 || f64::from(self.blocks) * Tuning::BLOCK_S < LEAST_S {
            return None;
        }
        let (re, im) = self.agreed[band];
        // A mean that fades is worth 2/slow blocks.
        let blocks = (self.blocks as f32).min(2.0 / self.slow);
        let variance = chance * chance / (blocks * expected);
        let square = (re * re + im * im) / (expected * expected) - 2.0 * variance;
        (square > 0.0 && variance < LARGEST_UNCERTAINTY * LARGEST_UNCERTAINTY * square).then(|| square.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masking::RandomBits;

    const CHANCE: f32 = 0.1;

    /// Ratio after some blocks, in each of which the expected share is another; our own sound is 1.6 times what is expected.
    fn ratio(seed: u64, blocks: usize, share: impl Fn(usize) -> f32) -> Option<f32> {
        let mut bits = RandomBits::new(seed);
        // Uniform, with a standard deviation of 1.
        let mut noise = || ((bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * 3f32.sqrt();
        let mut coupling = MeasuredCoupling::new();
        for block in 0..blocks {
            let expected = [share(block); BAND_COUNT];
            let measured = core::array::from_fn(|_| (1.6 * share(block) + CHANCE * noise(), CHANCE * noise()));
            coupling.observe(&measured, &expected);
        }
        coupling.ratio(3, CHANCE)
    }

    #[test]
    fn the_ratio_is_found_whatever_else_is_to_be_heard() {
        for share in [0.6, 0.2] {
            let found = ratio(1, 200, |_| share).unwrap_or_default();
            assert!((found / 1.6 - 1.0).abs() < 0.12, "{share}: {found}");
        }
        let then_loud = ratio(1, 260, |block| if block < 200 { 0.6 } else { 0.02 }).unwrap_or_default();
        assert!((then_loud / 1.6 - 1.0).abs() < 0.12, "{then_loud}");
    }

    #[test]
    fn nothing_is_said_of_what_chance_has_made() {
        let told = (0..200).filter(|seed| ratio(*seed, 200, |_| 0.005).is_some()).count();
        assert!(told <= 2, "{told}");
        assert_eq!(ratio(1, 10, |_| 0.6), None, "too early");
        assert_eq!(ratio(1, 200, |_| 0.0), None, "nothing is expected");
    }
}
