//! A weighting and F weighting of a single channel under their short names.

use super::{FrequencyWeighting, TimeWeightedPower, TimeWeighting, WeightingFilter};

/// The A-weighting filter for one channel.
#[derive(Clone, Debug)]
pub struct AWeighting(WeightingFilter);

impl AWeighting {
    /// A filter for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        AWeighting(WeightingFilter::new(FrequencyWeighting::A, sample_rate_hz))
    }

    /// The next weighted sample.
    pub fn process(&mut self, sample: f64) -> f64 {
        self.0.process(sample)
    }
}

/// Exponential averaging of a squared signal with the time constant of F.
#[derive(Clone, Debug)]
pub struct FastWeighting(TimeWeightedPower);

impl FastWeighting {
    /// At rest, for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        FastWeighting(TimeWeightedPower::new(TimeWeighting::Fast, sample_rate_hz))
    }

    /// Takes the next squared sample and returns the averaged power.
    pub fn process(&mut self, squared: f64) -> f64 {
        self.0.process(squared)
    }

    /// The averaged power now.
    pub fn power(&self) -> f64 {
        self.0.power()
    }

    /// Whether the average has forgotten that it began at zero.
    pub fn settled(&self) -> bool {
        self.0.settled()
    }
}
