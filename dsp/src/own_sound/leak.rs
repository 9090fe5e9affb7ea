//! How much of our own sound is in a signal, measured by what consecutive blocks agree on.
//!
//! If a signal e contains what the loudspeaker x makes through a response h, then e·x* of one block and e·x* of the next have
//! the phase of h in common; everything else in the room has a random one. The mean of their product over the bins is the
//! share of our own sound in e, whatever the level of the rest, and needs neither a converged filter nor clocks that agree
//! better than a block can show. That product is also the one of how far e has turned since the block before and how far x has,
//! each of which is worked out once: to compare one more loudspeaker costs four products per bin. With clocks that differ, the phase
//! turns from block to block in proportion to frequency, which tells by how much they differ.
//!
//! Two things keep the share from being biased. Both are divided by their power as it is around each bin: divided by the bin's own, a
//! third of the share would be lost. And e fades in and out ([`kernels::taper`]), because x of two blocks in a row share one: with the
//! edges of a block in all bins of e, anything loud and low would seem to agree with them high up.
//!
//! Only the first partition is looked at, where nearly all of the energy arrives.

use super::{
    kernels::{self, AGREEMENT_TO_SHARE, Bins, BinsMut},
    references::References,
    transform::{Spectrum, Tuning},
};
use crate::spectrum::{BAND_COUNT, Bands, band_edges_hz};

/// Time constant of the share, seconds: fast enough to notice a changed room, long enough for an error of a few hundredths.
const SHARE_S: f64 = 0.9;

/// Time constant of the shares per third-octave band, and of the drift, seconds.
const SLOW_S: f64 = 20.0;

/// Drift is looked for in bands from and up to here, Hz. Below there is little masking; above, the drift within a block smears
/// what agrees, and the estimate reads up to two thirds too high. Within these it is good to some 40 %.
const DRIFT_LOWEST_HZ: f64 = 180.0;
const DRIFT_HIGHEST_HZ: f64 = 1300.0;

/// Own sound in one microphone's signal.
pub struct Leak {
    /// Bins of each third-octave band, counted from the first that is cancelled.
    bands: Bands<(usize, usize)>,
    /// The block before, with the power 1 in every bin.
    previous: Spectrum,
    /// Smoothed agreement per band, real and imaginary.
    agreement: Bands<(f32, f32)>,
    /// Sum of the agreement with each loudspeaker in the last block, and its share of the signal of the last second.
    agreed: Vec<f32>,
    shares: Vec<f32>,
    /// Share of all of them in each band of the last block, complex as `agreement`; and in the last second.
    shares_of_block: Bands<(f32, f32)>,
    share: f32,
    /// Mean reciprocal energy of the signal in the last second.
    inverse_energy: f64,
    expected_step: f32,
    fast: f32,
    slow: f32,
    observed: u32,
    /// There is no block before to agree with.
    interrupted: bool,
}

impl Leak {
    /// Nothing observed yet.
    pub fn new(tuning: &Tuning, loudspeakers: usize) -> Self {
        let count = tuning.bin_count();
        let bands = core::array::from_fn(|band| tuning.bins_of_band(band));
        let share = |seconds: f64| 1.0 - (-Tuning::BLOCK_S / seconds).exp() as f32;
        Leak {
            bands,
            previous: Spectrum::new(count),
            agreement: [(0.0, 0.0); BAND_COUNT],
            agreed: vec![0.0; loudspeakers],
            shares: vec![0.0; loudspeakers],
            shares_of_block: [(0.0, 0.0); BAND_COUNT],
            share: 0.0,
            inverse_energy: 0.0,
            expected_step: 0.0,
            fast: share(SHARE_S),
            slow: share(SLOW_S),
            observed: 0,
            interrupted: true,
        }
    }

    /// Takes one block: its spectrum without edges, the smoothed power of that, and what the loudspeakers played. `turned` is space for
    /// a spectrum.
    #[inline(always)]
    pub fn observe(&mut self, e: Bins, e_power: &[f32], turned: &mut Spectrum, references: &References, loudspeakers: &[usize]) {
        let previous = BinsMut {
            re: &mut self.previous.re,
            im: &mut self.previous.im,
        };
        let to = BinsMut {
            re: &mut turned.re,
            im: &mut turned.im,
        };
        kernels::turn(e, e_power, previous, to);
        if core::mem::take(&mut self.interrupted) {
            return;
        }
        let mut total = 0.0;
        let mut bins = 0;
        self.agreed.fill(0.0);
        let bands = self.bands.iter().zip(&mut self.agreement).zip(&mut self.shares_of_block);
        for ((&(begin, end), agreement), share_of_block) in bands {
            if begin == end {
                continue;
            }
            let (mut re, mut im) = (0.0, 0.0);
            let heard = Bins {
                re: &turned.re[begin..end],
                im: &turned.im[begin..end],
            };
            for (&loudspeaker, agreed) in loudspeakers.iter().zip(&mut self.agreed) {
                let x = references.turned(loudspeaker);
                let played = Bins {
                    re: &x.re[begin..end],
                    im: &x.im[begin..end],
                };
                let (band_re, band_im) = kernels::product(heard, played);
                *agreed += band_re;
                re += band_re;
                im += band_im;
            }
            total += re;
            bins += end - begin;
            let mean = AGREEMENT_TO_SHARE / (end - begin) as f32;
            *share_of_block = (re * mean, im * mean);
            let slow = self.slow.max(1.0 / (self.observed + 1) as f32);
            agreement.0 += slow * (re * mean + self.expected_step - agreement.0);
            agreement.1 += slow * (im * mean - agreement.1);
        }
        self.observed = self.observed.saturating_add(1);
        let share = AGREEMENT_TO_SHARE * total / bins.max(1) as f32 + self.expected_step;
        self.share += self.fast * (share - self.share);
        self.expected_step = 0.0;
        for (share, agreed) in self.shares.iter_mut().zip(&self.agreed) {
            *share += self.fast * (AGREEMENT_TO_SHARE * agreed / bins.max(1) as f32 - *share);
        }
    }

    /// Tells how much a filter has learnt from the last block: so much agreement will be missing in the next.
    pub fn expect_step(&mut self, learnt: f32) {
        self.expected_step = learnt;
    }

    /// Share of our own sound in the signal of the last second, mean over the bins; may be slightly negative.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// Energy of our own sound in the last block, whose whole energy is given. Our own sound is steadier than people: with the same
    /// energy in each block of the last second its share is the reciprocal of theirs, and so are the means of both.
    pub fn energy(&mut self, of_block: f64) -> f64 {
        if of_block > 0.0 {
            self.inverse_energy += f64::from(self.fast) * (1.0 / of_block - self.inverse_energy);
        }
        if self.inverse_energy > 0.0 {
            f64::from(self.share.max(0.0)) / self.inverse_energy
        } else {
            0.0
        }
    }

    /// Share of our own sound in each band of the last block alone, where nothing is taken out of that. Its phase is how far clocks
    /// that differ have turned it.
    pub fn shares_of_block(&self) -> &Bands<(f32, f32)> {
        &self.shares_of_block
    }

    /// Standard uncertainty of such a share in a band: what chance makes of its bins, half of which are the others' interpolation.
    pub fn share_uncertainty(&self, band: usize) -> f32 {
        let (begin, end) = self.bands[band];
        let independent_bins = 0.5 * (end - begin).max(1) as f32;
        AGREEMENT_TO_SHARE * (0.5 * self.shares.len() as f32 / independent_bins).sqrt()
    }

    /// Share of one loudspeaker in the signal of the last second, where nothing is taken out of that.
    pub fn share_of(&self, index: usize) -> f32 {
        self.shares.get(index).copied().unwrap_or(0.0)
    }

    /// Standard uncertainty of [`Self::share_of`]: what chance makes of so many bins, half of which are the others' interpolation, over
    /// the blocks of a second.
    pub fn share_of_uncertainty(&self) -> f64 {
        let independent_bins = 0.5 * self.previous.re.len() as f64;
        let of_block = f64::from(AGREEMENT_TO_SHARE) * (0.5 / independent_bins).sqrt();
        let fast = f64::from(self.fast);
        of_block * (fast / (2.0 - fast)).sqrt()
    }

    /// Begins the share anew.
    pub fn forget_share(&mut self) {
        self.share = 0.0;
    }

    /// The next block does not follow the last one.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// Begins everything anew.
    pub fn forget(&mut self) {
        self.interrupt();
        self.agreement = [(0.0, 0.0); BAND_COUNT];
        self.shares.fill(0.0);
        (self.share, self.inverse_energy, self.expected_step, self.observed) = (0.0, 0.0, 0.0, 0);
    }

    /// By how much the capture clock runs faster than the playback clock, parts per million; `None` while too little agrees.
    pub fn drift_ppm(&self) -> Option<f64> {
        /// Agreement that noise alone does not reach.
        const LEAST: f64 = 0.3;
        let (mut turned, mut weight, mut agreed, mut bins) = (0.0, 0.0, 0.0, 0.0);
        for (band, &(re, im)) in self.agreement.iter().enumerate() {
            let (low, high) = band_edges_hz(band);
            let (begin, end) = self.bands[band];
            if low < DRIFT_LOWEST_HZ || high > DRIFT_HIGHEST_HZ || begin == end {
                continue;
            }
            let centre = 0.5 * (low + high);
            let strength = f64::from(re.hypot(im)) * (end - begin) as f64;
            turned += strength * centre * f64::from(im.atan2(re));
            weight += strength * centre * centre;
            agreed += strength;
            bins += (end - begin) as f64;
        }
        let known = f64::from(self.observed) * Tuning::BLOCK_S >= SLOW_S;
        (known && agreed > LEAST * bins).then(|| {
            // Delay that was added from block to block: phase = −2π f t.
            let added_s = -turned / (core::f64::consts::TAU * weight);
            added_s / Tuning::BLOCK_S * 1e6
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{masking::RandomBits, own_sound::Tools};

    /// A loudspeaker as heard: gains of single reflections, and their delays in frames.
    type Response = Vec<(usize, f32)>;

    /// What was found over some blocks: mean share of each loudspeaker, and of all of them in each band.
    struct Found {
        shares: [f64; 2],
        bands: Bands<f64>,
    }

    /// Blocks that are looked at, and those of them before which there is silence.
    const BLOCKS: usize = 120;
    const SILENT_BLOCKS: usize = 6;

    fn noise(seed: u64) -> impl FnMut() -> f32 {
        let mut bits = RandomBits::new(seed);
        move || (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    /// Two loudspeakers that play white noise, heard among other sound.
    fn found(responses: &[Response; 2], mut other: impl FnMut() -> f32) -> Found {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut noise = noise(1);
        let mut tools = Tools::new(&tuning);
        let mut references = References::new(tuning, 2);
        let mut leak = Leak::new(&tuning, 2);
        let mut history = [Vec::new(), Vec::new()];
        let mut found = Found {
            shares: [0.0; 2],
            bands: [0.0; BAND_COUNT],
        };
        for block in 0..BLOCKS {
            let mut heard: Vec<f32> = (0..tuning.block).map(|_| other()).collect();
            references.begin_block((block * tuning.block) as i64, true);
            for (loudspeaker, played) in history.iter_mut().enumerate() {
                let now: Vec<f32> = (0..tuning.block).map(|_| noise()).collect();
                references.play(loudspeaker, &now);
                played.extend(now);
                references.transform(loudspeaker, &mut tools.transform);
                for (n, heard) in heard.iter_mut().enumerate() {
                    for (delay, gain) in &responses[loudspeaker] {
                        let earlier = (block * tuning.block + n).checked_sub(*delay);
                        *heard += earlier.map_or(0.0, |n| gain * played[n]);
                    }
                }
            }
            let (older, newer) = tools.transform.halves();
            older.fill(0.0);
            newer.copy_from_slice(&heard);
            tools.transform.forward(&mut tools.scratch.error);
            let scratch = &mut tools.scratch;
            let whole = Bins {
                re: &scratch.error.re,
                im: &scratch.error.im,
            };
            let to = BinsMut {
                re: &mut scratch.tapered.re,
                im: &mut scratch.tapered.im,
            };
            kernels::taper(whole, to);
            let e = Bins {
                re: &scratch.tapered.re,
                im: &scratch.tapered.im,
            };
            let (power, smoothed) = (&mut scratch.tapered_power, &mut scratch.tapered_smoothed);
            kernels::smooth_power(e, kernels::SMOOTHING_HALF_BINS, power, smoothed);
            leak.observe(e, smoothed, &mut scratch.turned, &references, &[0, 1]);
            if block >= SILENT_BLOCKS {
                for (sum, agreed) in found.shares.iter_mut().zip(&leak.agreed) {
                    *sum += f64::from(AGREEMENT_TO_SHARE * agreed) / tuning.bin_count() as f64 / (BLOCKS - SILENT_BLOCKS) as f64;
                }
                for (sum, (re, _)) in found.bands.iter_mut().zip(leak.shares_of_block()) {
                    *sum += f64::from(*re) / (BLOCKS - SILENT_BLOCKS) as f64;
                }
            }
        }
        found
    }

    /// Reflections that decay by 60 dB within the tail; few, so that the test is quick.
    fn response(seed: u64, gain: f32, tail_s: f64) -> Response {
        const REFLECTIONS: usize = 40;
        let mut noise = noise(seed);
        let decayed = |n: usize| 10f32.powf(-3.0 * n as f32 / REFLECTIONS as f32);
        let delay = |n: usize| 100 + (n as f64 * tail_s * 16_000.0 / REFLECTIONS as f64) as usize;
        (0..REFLECTIONS).map(|n| (delay(n), gain * noise() * decayed(n))).collect()
    }

    fn energy(response: &Response) -> f64 {
        response.iter().map(|(_, gain)| f64::from(gain * gain)).sum()
    }

    #[test]
    fn the_share_that_is_found_is_that_of_the_power() {
        for (tail_s, others) in [(0.02, 1.0), (0.3, 1.0), (0.6, 1.0), (0.6, 0.1)] {
            let responses = [response(2, 1.0, tail_s), response(3, 0.5, tail_s)];
            let mut other = noise(4);
            let found = found(&responses, || others * other());
            // The mean square of the noise is the same for all of them.
            let own = responses.each_ref().map(energy);
            let all = own.iter().sum::<f64>() + f64::from(others * others);
            for (share, own) in found.shares.iter().zip(own) {
                // What arrives later than a block is missed, and a few single reflections make a response as rough as none is.
                let ratio = share / (own / all);
                assert!((0.8..1.1).contains(&ratio), "{tail_s} s, others {others}: {ratio} of it");
            }
        }
    }

    #[test]
    fn the_edges_of_something_loud_and_low_are_not_taken_for_agreement() {
        let mut other = noise(4);
        // Noise that rumbles: 60 dB louder at the low end than at the high one.
        let mut low = 0.0;
        let rumble = move || {
            low += 0.004 * (other() - low);
            low
        };
        let found = found(&[Vec::new(), Vec::new()], rumble);
        let leak = Leak::new(&Tuning::new(16_000.0, 0.2), 2);
        for (band, share) in found.bands.iter().enumerate() {
            let by_chance = f64::from(leak.share_uncertainty(band)) / ((BLOCKS - SILENT_BLOCKS) as f64).sqrt();
            assert!(share.abs() < 4.0 * by_chance, "band {band}: {share}, by chance {by_chance}");
        }
    }
}
