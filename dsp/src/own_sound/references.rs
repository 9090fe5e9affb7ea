//! What the loudspeakers played: kept for as long as it may take to be heard, and as spectra that all cancellers share.

use super::{
    kernels::{self, Bins, BinsMut, SMOOTHING_HALF_BINS},
    transform::{Spectrum, Transform, Tuning},
};

/// The longest way from a frame of output to the microphone that can be followed, seconds: network audio with deep buffers.
const LONGEST_DELAY_S: f64 = 1.5;

/// One loudspeaker.
struct Reference {
    /// Decimated output as a ring, indexed by its frame number.
    played: Vec<f32>,
    /// Frames written so far.
    written: u64,
    /// Spectra of the last blocks as a ring, and their powers.
    spectra: Vec<(Spectrum, Vec<f32>)>,
    /// The newest re the power around each bin, and how far each bin has turned since the block before.
    white: Spectrum,
    turned: Spectrum,
}

/// The loudspeakers of a site, as cancellers see them.
pub struct References {
    tuning: Tuning,
    loudspeakers: Vec<Reference>,
    /// Slot of the newest block, and how many there are.
    newest: usize,
    slots: usize,
    /// First frame of the newest block.
    block_begin: i64,
    /// How many blocks in a row, up to the newest, have spectra.
    transformed: usize,
    /// Space for a smoothed spectrum.
    smoothed: Vec<f32>,
    /// Vector units of this machine.
    arch: pulp::Arch,
}

impl References {
    /// Silence so far.
    pub fn new(tuning: Tuning, loudspeakers: usize) -> Self {
        let kept = (LONGEST_DELAY_S * tuning.sample_rate_hz) as usize + 4 * tuning.block;
        let slots = tuning.partitions;
        let spectrum = || Spectrum::new(tuning.bin_count());
        References {
            tuning,
            loudspeakers: (0..loudspeakers)
                .map(|_| Reference {
                    played: vec![0.0; kept],
                    written: 0,
                    spectra: (0..slots).map(|_| (spectrum(), vec![0.0; tuning.bin_count()])).collect(),
                    white: spectrum(),
                    turned: spectrum(),
                })
                .collect(),
            newest: 0,
            slots,
            block_begin: 0,
            transformed: 0,
            smoothed: vec![0.0; tuning.bin_count()],
            arch: pulp::Arch::new(),
        }
    }

    /// How many frames of delay can be followed.
    pub fn longest_delay(&self) -> usize {
        (LONGEST_DELAY_S * self.tuning.sample_rate_hz) as usize
    }

    /// Takes decimated samples that a loudspeaker plays next, less than are kept.
    pub fn play(&mut self, loudspeaker: usize, samples: &[f32]) {
        let Some(reference) = self.loudspeakers.get_mut(loudspeaker) else {
            return;
        };
        let at = (reference.written % reference.played.len() as u64) as usize;
        let (before, after) = samples.split_at(samples.len().min(reference.played.len() - at));
        reference.played[at..at + before.len()].copy_from_slice(before);
        reference.played[..after.len()].copy_from_slice(after);
        reference.written += samples.len() as u64;
    }

    /// Begins a block whose first frame is the given one; it may lie before the first frame played. Whether spectra are made of
    /// it has to be known for all loudspeakers alike.
    pub fn begin_block(&mut self, first_frame: i64, transformed: bool) {
        self.transformed = if transformed { self.transformed.saturating_add(1) } else { 0 };
        self.newest = (self.newest + self.slots - 1) % self.slots;
        self.block_begin = first_frame;
    }

    /// How many blocks in a row, up to the newest, have spectra; 0 when that has none.
    pub fn transformed(&self) -> usize {
        self.transformed
    }

    /// Transforms the current block of one loudspeaker, with the block before it.
    pub fn transform(&mut self, loudspeaker: usize, transform: &mut Transform) {
        let begin = self.block_begin - self.tuning.block as i64;
        let Some(reference) = self.loudspeakers.get_mut(loudspeaker) else {
            return;
        };
        reference.copy(begin, &mut transform.time);
        transform.forward(&mut reference.spectra[self.newest].0);
        let newest = self.newest;
        let smoothed = &mut self.smoothed;
        self.arch.dispatch(Look {
            reference,
            newest,
            smoothed,
        });
    }

    /// What a loudspeaker played from a frame on; silence where it has not played yet, or not kept.
    pub fn copy(&self, loudspeaker: usize, begin: i64, samples: &mut [f32]) {
        match self.loudspeakers.get(loudspeaker) {
            Some(reference) => reference.copy(begin, samples),
            None => samples.fill(0.0),
        }
    }

    /// Spectrum and power of a loudspeaker's block, 0 the newest.
    pub fn spectrum(&self, loudspeaker: usize, partition: usize) -> (&Spectrum, &[f32]) {
        let slot = (self.newest + partition) % self.slots;
        let (spectrum, power) = &self.loudspeakers[loudspeaker].spectra[slot];
        (spectrum, power)
    }

    /// Spectrum of a loudspeaker's newest block, each bin re its surroundings.
    pub fn white(&self, loudspeaker: usize) -> &Spectrum {
        &self.loudspeakers[loudspeaker].white
    }

    /// That times the conjugate of the block before: how far every bin has turned. It means something from the second block in a
    /// row on that has spectra.
    pub fn turned(&self, loudspeaker: usize) -> &Spectrum {
        &self.loudspeakers[loudspeaker].turned
    }
}

/// What all who compare themselves with a loudspeaker would have to work out otherwise, each by itself.
struct Look<'a> {
    reference: &'a mut Reference,
    newest: usize,
    smoothed: &'a mut [f32],
}

impl pulp::WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Reference {
            spectra, white, turned, ..
        } = self.reference;
        let (spectrum, power) = &mut spectra[self.newest];
        let spectrum = Bins {
            re: &spectrum.re,
            im: &spectrum.im,
        };
        kernels::smooth_power(spectrum, SMOOTHING_HALF_BINS, power, self.smoothed);
        let white = BinsMut {
            re: &mut white.re,
            im: &mut white.im,
        };
        let turned = BinsMut {
            re: &mut turned.re,
            im: &mut turned.im,
        };
        kernels::turn(spectrum, self.smoothed, white, turned);
    }
}

impl Reference {
    fn copy(&self, begin: i64, samples: &mut [f32]) {
        let length = self.played.len() as i64;
        let kept = (self.written as i64 - length).max(0)..self.written as i64;
        let end = begin + samples.len() as i64;
        let (first, last) = (begin.clamp(kept.start, kept.end), end.clamp(kept.start, kept.end));
        let index = |frame: i64| (frame.clamp(begin, end) - begin) as usize;
        samples[..index(first)].fill(0.0);
        samples[index(last)..].fill(0.0);
        let slots = samples.get_mut(index(first)..index(last)).unwrap_or_default();
        let at = (first % length) as usize;
        let (before, after) = slots.split_at_mut(slots.len().min(self.played.len() - at));
        before.copy_from_slice(&self.played[at..at + before.len()]);
        after.copy_from_slice(&self.played[..after.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_played_is_found_again_and_what_was_not_is_silent() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut references = References::new(tuning, 2);
        let played: Vec<f32> = (1..=40_000).map(|n| n as f32).collect();
        for part in played.chunks(320) {
            references.play(1, part);
        }
        let mut found = [0.0; 4];
        references.copy(1, 20_000, &mut found);
        assert_eq!(found, [20_001.0, 20_002.0, 20_003.0, 20_004.0]);
        references.copy(1, 39_998, &mut found);
        assert_eq!(found, [39_999.0, 40_000.0, 0.0, 0.0]);
        references.copy(1, -2, &mut found);
        assert_eq!(found, [0.0; 4], "longer ago than it is kept");
        let oldest = 40_000 - references.longest_delay() as i64 - 4 * tuning.block as i64;
        references.copy(1, oldest - 2, &mut found);
        assert_eq!(found, [0.0, 0.0, oldest as f32 + 1.0, oldest as f32 + 2.0]);
        references.copy(1, 50_000, &mut found);
        assert_eq!(found, [0.0; 4], "not played yet");
        references.copy(0, 0, &mut found);
        assert_eq!(found, [0.0; 4]);
    }
}
