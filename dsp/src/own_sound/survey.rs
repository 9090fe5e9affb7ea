//! Which loudspeakers one microphone hears, of all of a site: for a microphone that does not hear those that it should.
//!
//! What three consecutive blocks agree on with a loudspeaker's own noise (see [`super::Leak`]) is the share of that loudspeaker in
//! all that is heard. It takes no filter that has converged, no memory per loudspeaker but a sum, and works with any loudspeaker
//! at any time, because the spectra of the last blocks are kept for the cancellers anyway.

use super::{
    kernels::{self, Bins},
    references::References,
    tools::Tools,
    transform::{Spectrum, Tuning},
};

/// Blocks in a row that are compared at a time, and pairs of them.
const BLOCKS: usize = 3;
const PAIRS: f64 = 3.0;

/// The power of what is heard is smoothed over this many bins on each side: 30 Hz.
const SMOOTHING_HALF_BINS: usize = 12;

/// From agreement to share of power. Half of the spectrum of two blocks is the block, which makes 2; a spectrum whose phase alone
/// is compared has (E|x|)²/E|x|² = π/4 of its power.
const AGREEMENT_TO_SHARE: f64 = 8.0 / core::f64::consts::PI;

/// One loudspeaker in a survey: sums over the comparisons.
#[derive(Clone, Copy, Debug, Default)]
struct Compared {
    share: f64,
    played: f64,
}

/// A survey of the loudspeakers by one microphone.
pub struct Survey {
    /// What was heard, each bin re its surroundings; newest at `newest`.
    heard: [Spectrum; BLOCKS],
    newest: usize,
    blocks: usize,
    power: Vec<f32>,
    smoothed: Vec<f32>,
    loudspeakers: Vec<Compared>,
    comparisons: u32,
}

impl Survey {
    /// Nothing heard yet.
    pub fn new(tuning: &Tuning, loudspeakers: usize) -> Self {
        let bins = tuning.bin_count();
        Survey {
            heard: core::array::from_fn(|_| Spectrum::new(bins)),
            newest: 0,
            blocks: 0,
            power: vec![0.0; bins],
            smoothed: vec![0.0; bins],
            loudspeakers: vec![Compared::default(); loudspeakers],
            comparisons: 0,
        }
    }

    /// Begins anew, with another microphone.
    pub fn begin(&mut self) {
        self.loudspeakers.fill(Compared::default());
        self.comparisons = 0;
        self.interrupt();
    }

    /// The next block does not follow the last one.
    pub fn interrupt(&mut self) {
        self.blocks = 0;
    }

    /// Takes a block of the microphone.
    pub fn take(&mut self, tools: &mut Tools, heard: &[f32]) {
        self.newest = (self.newest + BLOCKS - 1) % BLOCKS;
        self.blocks = self.blocks.saturating_add(1);
        let (older, newer) = tools.transform.halves();
        older.fill(0.0);
        newer.copy_from_slice(heard);
        let spectrum = &mut self.heard[self.newest];
        tools.transform.forward(spectrum);
        let (power, smoothed) = (&mut self.power, &mut self.smoothed);
        tools.arch.dispatch(Whiten {
            spectrum,
            power,
            smoothed,
        });
    }

    /// Whether enough blocks in a row were taken to compare them.
    pub fn is_ready(&self) -> bool {
        self.blocks >= BLOCKS
    }

    /// Compares the last blocks with one loudspeaker, which plays with a power that is not 0.
    pub fn compare(&mut self, arch: pulp::Arch, references: &References, loudspeaker: usize, played: f64) {
        let heard: [Bins; BLOCKS] = core::array::from_fn(|block| {
            let spectrum = &self.heard[(self.newest + block) % BLOCKS];
            Bins {
                re: &spectrum.re,
                im: &spectrum.im,
            }
        });
        let played_blocks = core::array::from_fn(|block| {
            let (spectrum, power) = references.spectrum(loudspeaker, block);
            let bins = Bins {
                re: &spectrum.re,
                im: &spectrum.im,
            };
            (bins, power)
        });
        let agreement = arch.dispatch(Agreement {
            heard,
            played: played_blocks,
        });
        if let Some(compared) = self.loudspeakers.get_mut(loudspeaker) {
            compared.share += AGREEMENT_TO_SHARE * f64::from(agreement) / PAIRS / self.power.len() as f64;
            compared.played += played;
        }
    }

    /// All loudspeakers have been compared.
    pub fn end_comparison(&mut self) {
        self.comparisons += 1;
    }

    /// How often all loudspeakers have been compared.
    pub fn comparisons(&self) -> u32 {
        self.comparisons
    }

    /// Share of a loudspeaker in all that is heard, and the power that it played: means over the comparisons.
    pub fn loudspeaker(&self, loudspeaker: usize) -> (f64, f64) {
        let compared = self.loudspeakers.get(loudspeaker).copied().unwrap_or_default();
        let count = f64::from(self.comparisons.max(1));
        (compared.share / count, compared.played / count)
    }

    /// Standard uncertainty of a share: what chance makes of so many bins and pairs of blocks.
    pub fn uncertainty(&self) -> f64 {
        let products = 2.0 * PAIRS * self.power.len() as f64 * f64::from(self.comparisons.max(1));
        AGREEMENT_TO_SHARE / products.sqrt()
    }
}

// What runs on the vector units. A closure would not do: it would be compiled by itself, without them.

/// Divides every bin by the power around it.
struct Whiten<'a> {
    spectrum: &'a mut Spectrum,
    power: &'a mut [f32],
    smoothed: &'a mut [f32],
}

impl pulp::WithSimd for Whiten<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let bins = Bins {
            re: &self.spectrum.re,
            im: &self.spectrum.im,
        };
        kernels::smooth_power(bins, SMOOTHING_HALF_BINS, self.power, self.smoothed);
        let spectrum = self.spectrum;
        for ((re, im), smoothed) in spectrum.re.iter_mut().zip(&mut spectrum.im).zip(self.smoothed.iter()) {
            let scale = 1.0 / (*smoothed + f32::MIN_POSITIVE).sqrt();
            *re *= scale;
            *im *= scale;
        }
    }
}

struct Agreement<'a> {
    heard: [Bins<'a>; BLOCKS],
    played: [(Bins<'a>, &'a [f32]); BLOCKS],
}

impl pulp::WithSimd for Agreement<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f32 {
        kernels::agreement_of_three(self.heard, self.played)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masking::RandomBits;

    #[test]
    fn loudspeakers_are_found_by_their_share_of_what_is_heard() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut bits = RandomBits::new(1);
        let mut noise = || (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        let mut tools = Tools::new(&tuning);
        let mut references = References::new(tuning, 4);
        let mut survey = Survey::new(&tuning, 4);
        // Shares of 1/2, 1/8 and nothing of what is heard; the rest is other sound.
        let shares = [0.5f32, 0.125, 0.0, 0.0];
        let (mut history, delay) = (vec![Vec::new(); 4], 900);
        for block in 0..12 {
            let mut heard: Vec<f32> = (0..tuning.block).map(|_| 0.375f32.sqrt() * noise()).collect();
            references.begin_block((block * tuning.block) as i64, true);
            for (loudspeaker, played) in history.iter_mut().enumerate() {
                let now: Vec<f32> = (0..tuning.block).map(|_| noise()).collect();
                references.play(loudspeaker, &now);
                played.extend(now);
                references.transform(loudspeaker, &mut tools.transform);
                for (n, heard) in heard.iter_mut().enumerate() {
                    let earlier = (block * tuning.block + n).checked_sub(delay);
                    *heard += earlier.map_or(0.0, |n| shares[loudspeaker].sqrt() * played[n]);
                }
            }
            survey.take(&mut tools, &heard);
            if survey.is_ready() && block % BLOCKS == 2 {
                for loudspeaker in 0..4 {
                    survey.compare(tools.arch, &references, loudspeaker, 1.0);
                }
                survey.end_comparison();
            }
        }
        for (loudspeaker, expected) in shares.iter().enumerate() {
            let (share, played) = survey.loudspeaker(loudspeaker);
            assert_eq!(played, 1.0);
            let off = (share - f64::from(*expected)).abs();
            // A block of silence before the first sound, and the delay, cost the largest some of its share.
            assert!(
                off < 4.0 * survey.uncertainty() + 0.2 * f64::from(*expected),
                "{loudspeaker}: {share}"
            );
        }
    }
}
