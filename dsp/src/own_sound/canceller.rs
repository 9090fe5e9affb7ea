//! Our own sound, taken out of one microphone's signal: the canceller.
//!
//! A partitioned-block frequency-domain Kalman filter (G. Enzner & P. Vary, "Frequency-domain adaptive Kalman filter for acoustic
//! echo control in hands-free telephones", Signal Processing 86, 2006; F. Kuech, E. Mabande & G. Enzner, "State-space
//! architecture of the partitioned-block-based acoustic echo controller", ICASSP 2014) for several loudspeakers at once. Per
//! loudspeaker, partition and bin it holds the room's response and the variance of what it does not know of it. The step
//! follows from both and from the power of everything else in the room, so that it hardly moves while people talk.
//!
//! Two things differ from the papers. The masking of different loudspeakers is independent noise, so that the variance may be
//! kept per loudspeaker without their covariances. And whether our own sound is still there is not only believed but measured
//! ([`Leak`]): when consecutive blocks agree that more is left than the variance says, the room has changed, and the variance
//! is set back.

mod passes;
mod prior;

use passes::{Energy, Learn, Listen, Predict};
pub use prior::Prior;

use super::{
    kernels::{Bins, Step},
    leak::Leak,
    references::References,
    tools::{Scratch, Tools},
    transform::{Spectrum, Transform, Tuning},
};

/// Share of the response's power that becomes uncertain each second: a room of 28 dB below the response stays within reach of
/// the filter, and what is learnt in a quiet night is kept.
const DRIFT_PER_S: f32 = 1e-4;

/// Time constant with which the power of everything else falls after it rose, seconds. It rises at once.
const RELEASE_S: f64 = 0.9;

/// However sure the filter is, this share of the error is taken for other sound.
const LEAST_OTHER: f32 = 0.05;

/// The room has changed when this share of the error is our own sound, and this many times more than the variance says.
const CHANGED_SHARE: f32 = 0.25;
const CHANGED_RATIO: f32 = 1.5;

/// After a change the variance is set to this many times what was measured: too high costs little, too low costs seconds.
const CHANGED_MARGIN: f32 = 3.0;

/// Blocks that have to pass before the room can have changed (again): the time that [`Leak`] averages over.
const SETTLING_BLOCKS: u32 = 10;

/// The variance overstates what is left: by this factor, found in the simulated rooms at 20 s to 10 min.
const VARIANCE_BIAS: f32 = 0.45;

/// The canceller of one microphone.
pub struct Canceller {
    loudspeakers: Vec<usize>,
    partitions: usize,
    bins: usize,
    /// The responses, partition by partition and within these loudspeaker by loudspeaker: real and imaginary parts.
    response: Spectrum,
    /// Variance of what is not known of the response, likewise.
    variance: Vec<f32>,
    /// What it is at most.
    prior: Prior,
    /// Power of everything else, per bin.
    other: Vec<f32>,
    turn: usize,
    settling: u32,
    release: f32,
    step: Step,
}

/// What the canceller did to one block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cancelled {
    /// Share of the residual that the filter believes to be our own sound still, mean over the bins.
    pub believed_share: f32,
    /// A-weighted energy of our own sound that the filter believes to be left in the block, sum over its frames.
    pub left_energy: f32,
    /// The room was found changed.
    pub room_changed: bool,
}

impl Canceller {
    /// Knows nothing yet but what is expected.
    pub fn new(tuning: &Tuning, loudspeakers: &[usize], prior: Prior) -> Self {
        let (bins, partitions) = (tuning.bin_count(), tuning.partitions);
        let values = partitions * prior.power.len();
        let blocks_per_s = 1.0 / Tuning::BLOCK_S;
        let drift = DRIFT_PER_S / blocks_per_s as f32;
        let mut canceller = Canceller {
            loudspeakers: loudspeakers.to_vec(),
            partitions,
            bins,
            response: Spectrum::new(values),
            variance: vec![0.0; values],
            prior,
            other: vec![0.0; bins],
            turn: 0,
            settling: SETTLING_BLOCKS,
            release: 1.0 - (-Tuning::BLOCK_S / RELEASE_S).exp() as f32,
            step: Step {
                keep: 1.0 - drift,
                drift,
                floor: 0.0,
                prior_share: 1.0,
            },
        };
        canceller.reset();
        canceller
    }

    /// Forgets the room.
    pub fn reset(&mut self) {
        self.response.clear();
        let mut share = 1.0;
        for partition in self.variance.chunks_mut(self.prior.power.len().max(1)) {
            partition
                .iter_mut()
                .zip(&self.prior.power)
                .for_each(|(variance, prior)| *variance = share * prior);
            share *= self.prior.decay;
        }
        self.settling = SETTLING_BLOCKS;
    }

    /// Loudspeakers that are cancelled.
    pub fn loudspeakers(&self) -> &[usize] {
        &self.loudspeakers
    }

    /// Removes our own sound from one block: the residual of the tools is what is left of `microphone`. `weights` are the powers
    /// by which a level weighs the bins. Without `cancel` it only listens: nothing is removed or learnt, but for the leak.
    pub fn process(
        &mut self,
        tools: &mut Tools,
        references: &References,
        leak: &mut Leak,
        weights: &[f32],
        microphone: &[f32],
        cancel: bool,
    ) -> Cancelled {
        let Tools {
            transform,
            scratch,
            residual,
            arch,
        } = tools;
        residual.copy_from_slice(microphone);
        if cancel {
            arch.dispatch(Predict {
                canceller: self,
                scratch,
                references,
            });
            transform.inverse(&scratch.predicted.re, &scratch.predicted.im);
            let (_, newer) = transform.halves();
            residual
                .iter_mut()
                .zip(newer.iter())
                .for_each(|(residual, own)| *residual -= own);
        }
        let (older, newer) = transform.halves();
        older.fill(0.0);
        newer.copy_from_slice(residual);
        transform.forward(&mut scratch.error);

        arch.dispatch(Listen {
            canceller: self,
            scratch,
            references,
            leak,
        });
        if !cancel {
            return Cancelled::default();
        }
        let cancelled = arch.dispatch(Learn {
            canceller: self,
            scratch,
            references,
            leak,
            weights,
            frames: residual.len(),
        });
        self.constrain(transform, scratch);
        cancelled
    }

    /// Power of the response to a loudspeaker within the first block, where nearly all of it is: the sum over the bins.
    pub fn response_power(&self, arch: pulp::Arch, index: usize) -> f32 {
        let begin = index * self.bins;
        let part = begin..begin + self.bins;
        let response = Bins {
            re: &self.response.re[part.clone()],
            im: &self.response.im[part],
        };
        arch.dispatch(Energy(response))
    }

    /// A partition's response is one block long. The update does not know that and puts something into the other half of the
    /// FFT; one partition after the other is set right, which costs a fraction of doing it for all each time and is as good.
    fn constrain(&mut self, transform: &mut Transform, scratch: &mut Scratch) {
        for index in 0..self.loudspeakers.len() {
            let begin = (self.turn * self.loudspeakers.len() + index) * self.bins;
            let part = begin..begin + self.bins;
            transform.inverse(&self.response.re[part.clone()], &self.response.im[part.clone()]);
            let (_, newer) = transform.halves();
            newer.fill(0.0);
            // The error is no longer needed: its buffer serves.
            transform.forward(&mut scratch.error);
            self.response.re[part.clone()].copy_from_slice(&scratch.error.re);
            self.response.im[part].copy_from_slice(&scratch.error.im);
        }
        self.turn = (self.turn + 1) % self.partitions;
    }
}
