//! Which loudspeakers one microphone hears, of all of a site: for a microphone that does not hear those that it should.
//!
//! What consecutive blocks agree on with a loudspeaker's own noise (see [`super::Leak`]) is the share of that loudspeaker in all
//! that is heard. It takes no filter that has converged and works with any loudspeaker at any time. A block is compared with all
//! blocks before it at once, through the sum of what they had in common with the loudspeaker: that costs no more than comparing it
//! with one, and chance averages out much sooner. The past fades, because clocks that differ turn what is far apart.

use super::{
    kernels::{self, AGREEMENT_TO_SHARE, Bins, BinsMut, SMOOTHING_HALF_BINS},
    references::References,
    tools::Tools,
    transform::{Spectrum, Tuning},
};

/// Share of the past that is kept from block to block: it reaches back over some three blocks. Clocks that differ by 30 ppm turn
/// it by half a radian meanwhile at the middle of the spectrum.
const KEPT_PAST: f32 = 0.7;

/// Share of the evidence that is kept from block to block: that of the last three seconds, and twice as well known as after one.
const KEPT_EVIDENCE: f64 = 1.0 - 1.0 / 15.0;

/// One loudspeaker in a survey.
#[derive(Clone)]
struct Compared {
    /// What the blocks before had in common with it, faded.
    past: Spectrum,
    /// Sums over the blocks that were compared.
    agreement: f64,
    played: f64,
}

/// A survey of the loudspeakers by one microphone.
pub struct Survey {
    /// What was heard, without edges, each bin re its surroundings.
    heard: Spectrum,
    power: Vec<f32>,
    smoothed: Vec<f32>,
    loudspeakers: Vec<Compared>,
    /// Blocks in a row that the past is made of, and all that were compared.
    past_blocks: u32,
    blocks: u32,
    /// Weights of the blocks of the past: their sum, and that of their squares.
    past_weight: f64,
    past_squares: f64,
    /// Sums of these over the blocks that were compared, and how many those are.
    weight: f64,
    squares: f64,
    compared: f64,
}

impl Survey {
    /// Nothing heard yet.
    pub fn new(tuning: &Tuning, loudspeakers: usize) -> Self {
        let bins = tuning.bin_count();
        let compared = Compared {
            past: Spectrum::new(bins),
            agreement: 0.0,
            played: 0.0,
        };
        Survey {
            heard: Spectrum::new(bins),
            power: vec![0.0; bins],
            smoothed: vec![0.0; bins],
            loudspeakers: vec![compared; loudspeakers],
            past_blocks: 0,
            blocks: 0,
            past_weight: 0.0,
            past_squares: 0.0,
            weight: 0.0,
            squares: 0.0,
            compared: 0.0,
        }
    }

    /// Begins anew, with another microphone.
    pub fn begin(&mut self) {
        for loudspeaker in &mut self.loudspeakers {
            (loudspeaker.agreement, loudspeaker.played) = (0.0, 0.0);
        }
        (self.weight, self.squares, self.compared, self.blocks) = (0.0, 0.0, 0.0, 0);
        self.interrupt();
    }

    /// The next block does not follow the last one.
    pub fn interrupt(&mut self) {
        (self.past_blocks, self.past_weight, self.past_squares) = (0, 0.0, 0.0);
    }

    /// Takes a block of the microphone.
    pub fn take(&mut self, tools: &mut Tools, heard: &[f32]) {
        let (older, newer) = tools.transform.halves();
        older.fill(0.0);
        newer.copy_from_slice(heard);
        let (spectrum, tapered) = (&mut tools.scratch.error, &mut self.heard);
        tools.transform.forward(spectrum);
        let (power, smoothed) = (&mut self.power, &mut self.smoothed);
        tools.arch.dispatch(Whiten {
            spectrum,
            tapered,
            power,
            smoothed,
        });
    }

    /// Compares the block with one loudspeaker and the power that it plays, which may be 0; every loudspeaker once in each block.
    pub fn compare(&mut self, arch: pulp::Arch, references: &References, loudspeaker: usize, played: f64) {
        let has_past = self.past_blocks > 0;
        let Some(compared) = self.loudspeakers.get_mut(loudspeaker) else {
            return;
        };
        let plays = played > 0.0;
        if !has_past || !plays {
            compared.past.clear();
        }
        let agreement = if plays {
            arch.dispatch(Agreement {
                heard: &self.heard,
                played: references.white(loudspeaker),
                past: &mut compared.past,
            })
        } else {
            0.0
        };
        if has_past {
            compared.agreement = KEPT_EVIDENCE * compared.agreement + f64::from(agreement);
            compared.played = KEPT_EVIDENCE * compared.played + played;
        }
    }

    /// The block has been compared with all loudspeakers.
    pub fn end_block(&mut self) {
        if self.past_blocks > 0 {
            self.weight = KEPT_EVIDENCE * self.weight + self.past_weight;
            self.squares = KEPT_EVIDENCE * KEPT_EVIDENCE * self.squares + self.past_squares;
            self.compared = KEPT_EVIDENCE * self.compared + 1.0;
            self.blocks = self.blocks.saturating_add(1);
        }
        let keep = f64::from(KEPT_PAST);
        self.past_weight = keep * self.past_weight + 1.0;
        self.past_squares = keep * keep * self.past_squares + 1.0;
        self.past_blocks = self.past_blocks.saturating_add(1);
    }

    /// How many blocks have been compared with those before them.
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Share of a loudspeaker in all that is heard, and the power that it played: means over the last blocks.
    pub fn loudspeaker(&self, loudspeaker: usize) -> (f64, f64) {
        let Some(compared) = self.loudspeakers.get(loudspeaker).filter(|_| self.blocks > 0) else {
            return (0.0, 0.0);
        };
        let agreement = compared.agreement / self.weight / self.power.len() as f64;
        (f64::from(AGREEMENT_TO_SHARE) * agreement, compared.played / self.compared)
    }

    /// Standard uncertainty of a share: what chance makes of so many bins and blocks.
    pub fn uncertainty(&self) -> f64 {
        if self.blocks == 0 {
            return 1.0;
        }
        f64::from(AGREEMENT_TO_SHARE) * (self.squares / 2.0 / self.power.len() as f64).sqrt() / self.weight
    }
}

// What runs on the vector units. A closure would not do: it would be compiled by itself, without them.

/// Takes the edges off a block, and divides every bin by the power around it.
struct Whiten<'a> {
    spectrum: &'a Spectrum,
    tapered: &'a mut Spectrum,
    power: &'a mut [f32],
    smoothed: &'a mut [f32],
}

impl pulp::WithSimd for Whiten<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let whole = Bins {
            re: &self.spectrum.re,
            im: &self.spectrum.im,
        };
        let to = BinsMut {
            re: &mut self.tapered.re,
            im: &mut self.tapered.im,
        };
        kernels::taper(whole, to);
        let bins = Bins {
            re: &self.tapered.re,
            im: &self.tapered.im,
        };
        kernels::smooth_power(bins, SMOOTHING_HALF_BINS, self.power, self.smoothed);
        for ((re, im), smoothed) in self.tapered.re.iter_mut().zip(&mut self.tapered.im).zip(self.smoothed.iter()) {
            let scale = 1.0 / (*smoothed + f32::MIN_POSITIVE).sqrt();
            *re *= scale;
            *im *= scale;
        }
    }
}

struct Agreement<'a> {
    heard: &'a Spectrum,
    played: &'a Spectrum,
    past: &'a mut Spectrum,
}

impl pulp::WithSimd for Agreement<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f32 {
        let heard = Bins {
            re: &self.heard.re,
            im: &self.heard.im,
        };
        let played = Bins {
            re: &self.played.re,
            im: &self.played.im,
        };
        let past = BinsMut {
            re: &mut self.past.re,
            im: &mut self.past.im,
        };
        kernels::agreement_with_past(heard, played, past, KEPT_PAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masking::RandomBits;

    /// Some blocks of two loudspeakers that are heard and two that are not, under other sound; interrupted every few blocks.
    fn surveyed(seed: u64, blocks: usize, interrupted_every: usize) -> (Survey, [f64; 4]) {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut bits = RandomBits::new(seed);
        let mut noise = || (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        let mut tools = Tools::new(&tuning);
        let mut references = References::new(tuning, 4);
        let mut survey = Survey::new(&tuning, 4);
        // Shares of 1/2, 1/8 and nothing of what is heard; the rest is other sound.
        let shares = [0.5f32, 0.125, 0.0, 0.0];
        let (mut history, delay) = (vec![Vec::new(); 4], 900);
        for block in 0..=blocks {
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
            // Before the first block of all there is silence.
            if block == 0 {
                continue;
            }
            if block % interrupted_every == 0 {
                survey.interrupt();
            }
            survey.take(&mut tools, &heard);
            for loudspeaker in 0..4 {
                survey.compare(tools.arch, &references, loudspeaker, 2.0);
            }
            survey.end_block();
        }
        (survey, shares.map(f64::from))
    }

    #[test]
    fn loudspeakers_are_found_by_their_share_of_what_is_heard() {
        for interrupted_every in [3, 100] {
            let (survey, shares) = surveyed(1, 12, interrupted_every);
            for (loudspeaker, expected) in shares.iter().enumerate() {
                let (share, played) = survey.loudspeaker(loudspeaker);
                assert!((played - 2.0).abs() < 1e-9, "{played}");
                let off = (share - expected).abs();
                // What arrives from the block before the one that is compared costs the largest some of its share.
                assert!(
                    off < 4.0 * survey.uncertainty() + 0.1 * expected,
                    "{loudspeaker}: {share} instead of {expected}"
                );
            }
        }
    }

    #[test]
    fn shares_of_nothing_scatter_as_uncertain_as_they_are_said_to_be() {
        for (blocks, interrupted_every) in [(4, 100), (12, 100), (12, 3)] {
            let (mut squares, mut count) = (0.0, 0.0);
            for seed in 10..40 {
                let (survey, _) = surveyed(seed, blocks, interrupted_every);
                for silent in [2, 3] {
                    let (share, _) = survey.loudspeaker(silent);
                    squares += (share / survey.uncertainty()).powi(2);
                    count += 1.0;
                }
            }
            let scatter = f64::sqrt(squares / count);
            assert!((0.75..1.25).contains(&scatter), "{blocks} blocks: {scatter}");
        }
    }

    #[test]
    fn more_blocks_tell_more() {
        let after = |blocks| surveyed(1, blocks, 100).0.uncertainty();
        assert!(after(12) < 0.5 * after(4), "{} and {}", after(12), after(4));
        assert_eq!(
            surveyed(1, 1, 100).0.loudspeaker(0),
            (0.0, 0.0),
            "one block agrees with nothing"
        );
    }
}
