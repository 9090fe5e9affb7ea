//! What the canceller does bin by bin, on the vector units.
//!
//! Each pass is a type because a closure would not do: it would be compiled by itself, without those units.

use super::{
    super::{
        kernels::{self, Bins, BinsMut, SMOOTHING_HALF_BINS},
        leak::Leak,
        references::References,
        tools::Scratch,
    },
    CHANGED_MARGIN, CHANGED_RATIO, CHANGED_SHARE, Cancelled, Canceller, LEAST_OTHER, SETTLING_BLOCKS, VARIANCE_BIAS,
};

pub(super) struct Predict<'a> {
    pub(super) canceller: &'a Canceller,
    pub(super) scratch: &'a mut Scratch,
    pub(super) references: &'a References,
}

impl pulp::WithSimd for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.canceller.predict(self.scratch, self.references);
    }
}

pub(super) struct Listen<'a> {
    pub(super) canceller: &'a Canceller,
    pub(super) scratch: &'a mut Scratch,
    pub(super) references: &'a References,
    pub(super) leak: &'a mut Leak,
}

impl pulp::WithSimd for Listen<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.canceller.listen(self.scratch, self.references, self.leak);
    }
}

pub(super) struct Learn<'a> {
    pub(super) canceller: &'a mut Canceller,
    pub(super) scratch: &'a mut Scratch,
    pub(super) references: &'a References,
    pub(super) leak: &'a mut Leak,
    pub(super) weights: &'a [f32],
    pub(super) frames: usize,
}

impl pulp::WithSimd for Learn<'_> {
    type Output = Cancelled;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Cancelled {
        self.canceller
            .learn(self.scratch, self.references, self.leak, self.weights, self.frames)
    }
}

pub(super) struct Energy<'a>(pub(super) Bins<'a>);

impl pulp::WithSimd for Energy<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f32 {
        kernels::energy(self.0)
    }
}

impl Canceller {
    /// Spectrum of our own sound as it should arrive, and how much of it is not known.
    #[inline(always)]
    fn predict(&self, scratch: &mut Scratch, references: &References) {
        scratch.predicted.clear();
        scratch.uncertain.fill(0.0);
        for partition in 0..self.partitions {
            for (index, &loudspeaker) in self.loudspeakers.iter().enumerate() {
                let (x, x_power) = references.spectrum(loudspeaker, partition);
                let begin = (partition * self.loudspeakers.len() + index) * self.bins;
                let part = begin..begin + self.bins;
                kernels::predict(
                    BinsMut {
                        re: &mut scratch.predicted.re,
                        im: &mut scratch.predicted.im,
                    },
                    &mut scratch.uncertain,
                    Bins { re: &x.re, im: &x.im },
                    x_power,
                    Bins {
                        re: &self.response.re[part.clone()],
                        im: &self.response.im[part.clone()],
                    },
                    &self.variance[part],
                );
            }
            if partition == 0 {
                scratch.uncertain_first.copy_from_slice(&scratch.uncertain);
            }
        }
    }

    /// What the error consists of.
    #[inline(always)]
    fn listen(&self, scratch: &mut Scratch, references: &References, leak: &mut Leak) {
        let error = Bins {
            re: &scratch.error.re,
            im: &scratch.error.im,
        };
        let to = BinsMut {
            re: &mut scratch.tapered.re,
            im: &mut scratch.tapered.im,
        };
        kernels::taper(error, to);
        let tapered = Bins {
            re: &scratch.tapered.re,
            im: &scratch.tapered.im,
        };
        let (power, smoothed) = (&mut scratch.tapered_power, &mut scratch.tapered_smoothed);
        kernels::smooth_power(tapered, SMOOTHING_HALF_BINS, power, smoothed);
        leak.observe(tapered, smoothed, &mut scratch.turned, references, &self.loudspeakers);
    }

    /// Steps the filter by what the error tells.
    #[inline(always)]
    fn learn(
        &mut self,
        scratch: &mut Scratch,
        references: &References,
        leak: &mut Leak,
        weights: &[f32],
        frames: usize,
    ) -> Cancelled {
        let error = Bins {
            re: &scratch.error.re,
            im: &scratch.error.im,
        };
        kernels::smooth_power(error, SMOOTHING_HALF_BINS, &mut scratch.error_power, &mut scratch.smoothed);
        let n = self.bins;
        let (smoothed, uncertain, other) = (&scratch.smoothed[..n], &scratch.uncertain[..n], &mut self.other[..n]);
        let (gain, first, weights) = (&mut scratch.gain[..n], &scratch.uncertain_first[..n], &weights[..n]);
        let (mut share, mut left, mut learnt) = (0.0f32, 0.0f32, 0.0f32);
        for k in 0..n {
            // Half of an FFT of two blocks is the block: what is not known appears with half its power in the error.
            let own = 0.5 * uncertain[k];
            let rest = (smoothed[k] - own).max(LEAST_OTHER * smoothed[k]);
            other[k] = rest.max(other[k] + self.release * (rest - other[k]));
            gain[k] = 1.0 / (uncertain[k] + 2.0 * other[k] + f32::MIN_POSITIVE);
            share += own / (smoothed[k] + f32::MIN_POSITIVE);
            left += own.min(smoothed[k]) * weights[k];
            learnt += first[k] * gain[k];
        }
        let believed_share = VARIANCE_BIAS * share / n as f32;
        // What this step takes out of the error is missing in the agreement of the next block.
        leak.expect_step(learnt / n as f32);

        self.settling = self.settling.saturating_sub(1);
        let room_changed =
            self.settling == 0 && leak.share() > CHANGED_SHARE && leak.share() > CHANGED_RATIO * believed_share / VARIANCE_BIAS;
        self.step.floor = 0.0;
        if room_changed {
            self.step.floor = self.floor_for(scratch, references, CHANGED_MARGIN * leak.share());
            self.settling = SETTLING_BLOCKS;
            leak.forget_share();
        }
        self.update(scratch, references);
        Cancelled {
            believed_share,
            // Parseval for a half spectrum of two blocks.
            left_energy: VARIANCE_BIAS * left / frames as f32,
            room_changed,
        }
    }

    /// Share of the prior at which the filter believes that a given share of the error is our own sound.
    #[inline(always)]
    fn floor_for(&self, scratch: &Scratch, references: &References, wanted_share: f32) -> f32 {
        let mut full = 0.0f32;
        let mut share = 0.5;
        for partition in 0..self.partitions {
            for (index, &loudspeaker) in self.loudspeakers.iter().enumerate() {
                let (_, x_power) = references.spectrum(loudspeaker, partition);
                let prior = &self.prior.power[index * self.bins..(index + 1) * self.bins];
                for ((x_power, prior), smoothed) in x_power.iter().zip(prior).zip(&scratch.smoothed) {
                    full += share * x_power * prior / (smoothed + f32::MIN_POSITIVE);
                }
            }
            share *= self.prior.decay;
        }
        (wanted_share * self.bins as f32 / (full + f32::MIN_POSITIVE)).min(1.0)
    }

    #[inline(always)]
    fn update(&mut self, scratch: &Scratch, references: &References) {
        self.step.prior_share = 1.0;
        for partition in 0..self.partitions {
            for (index, &loudspeaker) in self.loudspeakers.iter().enumerate() {
                let (x, x_power) = references.spectrum(loudspeaker, partition);
                let begin = (partition * self.loudspeakers.len() + index) * self.bins;
                let part = begin..begin + self.bins;
                kernels::update(
                    BinsMut {
                        re: &mut self.response.re[part.clone()],
                        im: &mut self.response.im[part.clone()],
                    },
                    &mut self.variance[part],
                    &self.prior.power[index * self.bins..(index + 1) * self.bins],
                    &scratch.gain,
                    Bins {
                        re: &scratch.error.re,
                        im: &scratch.error.im,
                    },
                    Bins { re: &x.re, im: &x.im },
                    x_power,
                    self.step,
                );
            }
            self.step.prior_share *= self.prior.decay;
        }
    }
}
