//! What all microphones of an engine share: FFTs, vector units, and the space for one block. None of it remembers a microphone.

use super::transform::{Spectrum, Transform, Tuning};

/// Lent to one microphone after the other.
pub struct Tools {
    /// FFTs of two blocks.
    pub transform: Transform,
    /// Space for spectra.
    pub scratch: Scratch,
    /// The block without our own sound.
    pub residual: Vec<f32>,
    /// Vector units of this machine.
    pub arch: pulp::Arch,
}

impl Tools {
    /// For blocks of the given tuning.
    pub fn new(tuning: &Tuning) -> Self {
        Tools {
            transform: Transform::new(tuning),
            scratch: Scratch::new(tuning.bin_count()),
            residual: vec![0.0; tuning.block],
            arch: pulp::Arch::new(),
        }
    }
}

/// Numbers per bin that are needed while a block is worked on.
pub struct Scratch {
    /// Our own sound as it was predicted.
    pub predicted: Spectrum,
    /// The residual.
    pub error: Spectrum,
    /// Its power, and that smoothed over the bins around each.
    pub error_power: Vec<f32>,
    pub smoothed: Vec<f32>,
    /// The same of the residual without its edges, and how far that has turned since the block before.
    pub tapered: Spectrum,
    pub tapered_power: Vec<f32>,
    pub tapered_smoothed: Vec<f32>,
    pub turned: Spectrum,
    /// Σ|x|²·variance, and its part of the first partition.
    pub uncertain: Vec<f32>,
    pub uncertain_first: Vec<f32>,
    /// What the step of each bin has in common for all loudspeakers.
    pub gain: Vec<f32>,
}

impl Scratch {
    fn new(bins: usize) -> Self {
        let per_bin = || vec![0.0; bins];
        Scratch {
            predicted: Spectrum::new(bins),
            error: Spectrum::new(bins),
            error_power: per_bin(),
            smoothed: per_bin(),
            tapered: Spectrum::new(bins),
            tapered_power: per_bin(),
            tapered_smoothed: per_bin(),
            turned: Spectrum::new(bins),
            uncertain: per_bin(),
            uncertain_first: per_bin(),
            gain: per_bin(),
        }
    }
}
