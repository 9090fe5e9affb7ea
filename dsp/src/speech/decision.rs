//! From evidence to a probability: a small network.

use super::{
    history::{INPUTS, Inputs},
    weights::{HIDDEN_BIAS, HIDDEN_WEIGHTS, INPUT_MEAN, INPUT_SCALE, OUTPUT_BIAS, OUTPUT_WEIGHTS},
};

/// Units of the hidden layer.
pub const HIDDEN: usize = 20;

/// Probability of speech, 0-1.
pub fn probability(inputs: &Inputs) -> f32 {
    let normal: Inputs = core::array::from_fn(|n| (inputs[n] - INPUT_MEAN[n]) * INPUT_SCALE[n]);
    let mut log_odds = OUTPUT_BIAS;
    for unit in 0..HIDDEN {
        let weights: &[f32; INPUTS] = &HIDDEN_WEIGHTS[unit];
        let sum = weights.iter().zip(&normal).map(|(w, x)| w * x).sum::<f32>() + HIDDEN_BIAS[unit];
        log_odds += OUTPUT_WEIGHTS[unit] * sum.max(0.0);
    }
    1.0 / (1.0 + (-log_odds).exp())
}
