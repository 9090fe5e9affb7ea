//! How long it takes from a frame of output to the frame of input in which it is heard: buffers, converters, networks.
//!
//! The cross-correlation of a microphone with the loudspeaker that is loudest there, whitened (C. Knapp & G. Carter, "The
//! generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24, 1976), over all delays that the
//! references keep. Masking is noise, so that there is one peak and it is sharp.

use super::{
    references::References,
    transform::{Spectrum, Transform, Tuning},
};

/// Time constant over which correlation is collected, seconds.
const COLLECTING_S: f64 = 6.0;

/// Blocks after which a peak may be believed.
const LEAST_BLOCKS: u32 = 8;

/// A peak is one when it stands out of the correlation's root mean square by this factor; noise reaches 5 among so many lags.
const PEAK_RATIO: f32 = 8.0;

/// The direct sound is the first lag that reaches this share of the peak: a reflection may be stronger.
const FIRST_SHARE: f32 = 0.5;

/// Finds the delay of one microphone.
pub struct DelayFinder {
    block: usize,
    /// Spectra of the reference: as many blocks as there are delays, newest at `newest`.
    reference: Vec<Spectrum>,
    newest: usize,
    collected: Vec<Spectrum>,
    heard: Spectrum,
    keep: f32,
    blocks: u32,
    /// The delay whose correlation is looked at next, and the best of this round.
    looking_at: usize,
    best: Option<(f32, usize)>,
    found: Option<usize>,
}

impl DelayFinder {
    /// For delays up to `longest` frames.
    pub fn new(tuning: &Tuning, longest: usize) -> Self {
        let delays = longest.div_ceil(tuning.block).max(1);
        let spectra = vec![Spectrum::new(tuning.bin_count()); delays];
        DelayFinder {
            block: tuning.block,
            reference: spectra.clone(),
            newest: 0,
            collected: spectra,
            heard: Spectrum::new(tuning.bin_count()),
            keep: (-Tuning::BLOCK_S / COLLECTING_S).exp() as f32,
            blocks: 0,
            looking_at: 0,
            best: None,
            found: None,
        }
    }

    /// Begins anew, with another microphone.
    pub fn restart(&mut self) {
        self.collected.iter_mut().for_each(Spectrum::clear);
        self.reference.iter_mut().for_each(Spectrum::clear);
        (self.blocks, self.looking_at) = (0, 0);
        (self.best, self.found) = (None, None);
    }

    /// The delay, frames; `None` until the microphone has clearly heard the loudspeaker.
    pub fn delay(&self) -> Option<usize> {
        self.found
    }

    /// Takes a block of the microphone that begins at the given frame, counted like those of `references`.
    pub fn take(&mut self, transform: &mut Transform, references: &References, loudspeaker: usize, begin: i64, heard: &[f32]) {
        let (older, newer) = transform.halves();
        older.fill(0.0);
        newer.copy_from_slice(heard);
        transform.forward(&mut self.heard);
        whiten(&mut self.heard);

        self.newest = (self.newest + self.reference.len() - 1) % self.reference.len();
        references.copy(loudspeaker, begin - self.block as i64, &mut transform.time);
        let slot = &mut self.reference[self.newest];
        transform.forward(slot);
        whiten(slot);

        for (delay, collected) in self.collected.iter_mut().enumerate() {
            let x = &self.reference[(self.newest + delay) % self.reference.len()];
            for k in 0..collected.re.len() {
                let (y_re, y_im) = (self.heard.re[k], self.heard.im[k]);
                collected.re[k] = self.keep * collected.re[k] + y_re * x.re[k] + y_im * x.im[k];
                collected.im[k] = self.keep * collected.im[k] + y_im * x.re[k] - y_re * x.im[k];
            }
        }
        self.blocks = self.blocks.saturating_add(1);
        self.look(transform);
    }

    /// Looks at one block of delays a turn, so that no turn costs much.
    fn look(&mut self, transform: &mut Transform) {
        let collected = &self.collected[self.looking_at];
        transform.inverse(&collected.re, &collected.im);
        // Lags beyond one block wrap around.
        let (lags, _) = transform.halves();
        let mean_square = lags.iter().map(|c| c * c).sum::<f32>() / lags.len() as f32;
        let peak = lags.iter().fold(0.0f32, |peak, c| peak.max(c.abs()));
        if peak > PEAK_RATIO * mean_square.sqrt() && self.best.is_none_or(|(best, _)| peak > best) {
            let first = lags.iter().position(|c| c.abs() >= FIRST_SHARE * peak).unwrap_or(0);
            self.best = Some((peak, self.looking_at * self.block + first));
        }
        self.looking_at += 1;
        if self.looking_at == self.collected.len() {
            self.looking_at = 0;
            let best = self.best.take();
            if self.blocks > LEAST_BLOCKS + self.collected.len() as u32 && best.is_some() {
                self.found = best.map(|(_, delay)| delay);
            }
        }
    }
}

/// Every bin to magnitude one, silence to none.
fn whiten(spectrum: &mut Spectrum) {
    for (re, im) in spectrum.re.iter_mut().zip(&mut spectrum.im) {
        let magnitude = re.hypot(*im);
        let scale = if magnitude > 0.0 { 1.0 / magnitude } else { 0.0 };
        (*re, *im) = (*re * scale, *im * scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masking::RandomBits;

    #[test]
    fn a_delay_is_found_under_louder_noise() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut bits = RandomBits::new(1);
        let mut noise = || (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        for delay in [0usize, 700, 9_333, 20_000] {
            let (mut references, mut transform) = (References::new(tuning, 1), Transform::new(&tuning));
            let mut finder = DelayFinder::new(&tuning, references.longest_delay());
            let mut played: Vec<f32> = Vec::new();
            for block in 0..40 {
                let now: Vec<f32> = (0..tuning.block).map(|_| noise()).collect();
                references.play(0, &now);
                played.extend(&now);
                let begin = block * tuning.block;
                let heard: Vec<f32> = (begin..begin + tuning.block)
                    .map(|n| n.checked_sub(delay).map_or(0.0, |n| played[n]) + 3.0 * noise())
                    .collect();
                finder.take(&mut transform, &references, 0, begin as i64, &heard);
            }
            let found = finder.delay().map(|found| found.abs_diff(delay));
            assert!(found.is_some_and(|error| error <= 1), "{delay}: {:?}", finder.delay());
        }
    }

    #[test]
    fn nothing_heard_has_no_delay() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut bits = RandomBits::new(2);
        let mut noise = || (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        let (mut references, mut transform) = (References::new(tuning, 1), Transform::new(&tuning));
        let mut finder = DelayFinder::new(&tuning, references.longest_delay());
        for block in 0..60 {
            let played: Vec<f32> = (0..tuning.block).map(|_| noise()).collect();
            references.play(0, &played);
            let heard: Vec<f32> = (0..tuning.block).map(|_| noise()).collect();
            finder.take(&mut transform, &references, 0, block * tuning.block as i64, &heard);
            assert_eq!(finder.delay(), None, "block {block}");
        }
    }
}
