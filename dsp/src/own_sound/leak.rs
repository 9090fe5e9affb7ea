//! How much of our own sound is in a signal, measured by what consecutive blocks agree on.
//!
//! If a signal e contains what the loudspeaker x makes through a response h, then e·x* of one block and e·x* of the next have
//! the phase of h in common; everything else in the room has a random one. The mean of their product over the bins is the
//! share of our own sound in e, whatever the level of the rest, and needs neither a converged filter nor clocks that agree
//! better than a block can show. With clocks that differ, the phase turns from block to block in proportion to frequency, which
//! tells by how much they differ.
//!
//! Only the first partition is looked at, where nearly all of the energy arrives.

use super::{
    kernels::{self, Bins, BinsMut},
    references::References,
    transform::{Spectrum, Tuning},
};
use crate::spectrum::{BAND_COUNT, Bands, band_edges_hz};

/// Time constant of the share, seconds: fast enough to notice a changed room, long enough for an error of a few hundredths.
const SHARE_S: f64 = 0.9;

/// Time constant of the shares per third-octave band, and of the drift, seconds.
const SLOW_S: f64 = 20.0;

/// Half of the spectrum of two blocks is the block: agreement shows half of the share.
const AGREEMENT_TO_SHARE: f32 = 2.0;

/// Drift is looked for in bands from and up to here, Hz. Below there is little masking; above, the drift within a block smears
/// what agrees, and the estimate reads up to two thirds too high. Within these it is good to some 40 %.
const DRIFT_LOWEST_HZ: f64 = 180.0;
const DRIFT_HIGHEST_HZ: f64 = 1300.0;

/// Own sound in one microphone's signal.
pub struct Leak {
    /// Bins of each third-octave band, counted from the first that is cancelled.
    bands: Bands<(usize, usize)>,
    previous: Vec<Spectrum>,
    /// Smoothed agreement per band, real and imaginary.
    agreement: Bands<(f32, f32)>,
    /// Sum of the agreement with each loudspeaker in the last block, and its share of the signal of the last second.
    agreed: Vec<f32>,
    shares: Vec<f32>,
    /// Share of all of them in the last block, and in the last second.
    share_of_block: f32,
    share: f32,
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
            previous: vec![Spectrum::new(count); loudspeakers],
            agreement: [(0.0, 0.0); BAND_COUNT],
            agreed: vec![0.0; loudspeakers],
            shares: vec![0.0; loudspeakers],
            share_of_block: 0.0,
            share: 0.0,
            expected_step: 0.0,
            fast: share(SHARE_S),
            slow: share(SLOW_S),
            observed: 0,
            interrupted: true,
        }
    }

    /// Takes one block: its spectrum, the smoothed power of that, and what the loudspeakers played.
    #[inline(always)]
    pub fn observe(&mut self, e: Bins, e_power: &[f32], references: &References, loudspeakers: &[usize]) {
        let mut total = 0.0;
        let mut bins = 0;
        self.agreed.fill(0.0);
        for (&(begin, end), agreement) in self.bands.iter().zip(&mut self.agreement) {
            if begin == end {
                continue;
            }
            let (mut re, mut im) = (0.0, 0.0);
            for ((&loudspeaker, previous), agreed) in loudspeakers.iter().zip(&mut self.previous).zip(&mut self.agreed) {
                let (x, x_power) = references.spectrum(loudspeaker, 0);
                let (band_re, band_im) = kernels::agreement(
                    Bins {
                        re: &e.re[begin..end],
                        im: &e.im[begin..end],
                    },
                    &e_power[begin..end],
                    Bins {
                        re: &x.re[begin..end],
                        im: &x.im[begin..end],
                    },
                    &x_power[begin..end],
                    BinsMut {
                        re: &mut previous.re[begin..end],
                        im: &mut previous.im[begin..end],
                    },
                );
                *agreed += band_re;
                re += band_re;
                im += band_im;
            }
            if self.interrupted {
                continue;
            }
            total += re;
            bins += end - begin;
            let mean = AGREEMENT_TO_SHARE / (end - begin) as f32;
            let slow = self.slow.max(1.0 / (self.observed + 1) as f32);
            agreement.0 += slow * (re * mean + self.expected_step - agreement.0);
            agreement.1 += slow * (im * mean - agreement.1);
        }
        if core::mem::take(&mut self.interrupted) {
            return;
        }
        self.observed = self.observed.saturating_add(1);
        let share = AGREEMENT_TO_SHARE * total / bins.max(1) as f32 + self.expected_step;
        self.share_of_block = share;
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

    /// The same of the last block alone.
    pub fn share_of_block(&self) -> f32 {
        self.share_of_block
    }

    /// Share of one loudspeaker in the signal of the last second, where nothing is taken out of that.
    pub fn share_of(&self, index: usize) -> f32 {
        self.shares.get(index).copied().unwrap_or(0.0)
    }

    /// Begins the share anew.
    pub fn forget_share(&mut self) {
        self.share = 0.0;
    }

    /// The next block does not follow the last one.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
        self.previous.iter_mut().for_each(Spectrum::clear);
    }

    /// Begins everything anew.
    pub fn forget(&mut self) {
        self.interrupt();
        self.agreement = [(0.0, 0.0); BAND_COUNT];
        self.shares.fill(0.0);
        (self.share, self.expected_step, self.observed) = (0.0, 0.0, 0);
    }

    /// Share of our own sound in each band over the last 20 s; `None` before that, and where nothing is cancelled.
    pub fn band_share(&self, band: usize) -> Option<f32> {
        let (begin, end) = self.bands[band];
        let known = f64::from(self.observed) * Tuning::BLOCK_S >= SLOW_S && end > begin;
        // The magnitude: with clocks that differ the agreement turns.
        known.then(|| self.agreement[band].0.hypot(self.agreement[band].1))
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
