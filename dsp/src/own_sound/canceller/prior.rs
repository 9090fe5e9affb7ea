//! What is expected of the responses before anything is learnt.

use super::Tuning;
use crate::{
    spectrum::Bands,
    units::{db_to_power, pressure_per_sample},
};

/// The response is expected within this of what the layout says: its scatter over frequency, and the layout's error.
const PRIOR_MARGIN_DB: f64 = 6.0;

/// Decay of the expected response, dB per second: T60 0.8 s, an office on the lively side.
const PRIOR_DECAY_DB_PER_S: f64 = 75.0;

/// What the filter starts from.
pub struct Prior {
    /// Loudspeaker by loudspeaker, the expected squared magnitude of the response at each bin.
    pub power: Vec<f32>,
    /// Factor by which it falls from partition to partition.
    pub decay: f32,
}

impl Prior {
    /// How fast responses are expected to decay.
    pub fn decay() -> f32 {
        db_to_power(-PRIOR_DECAY_DB_PER_S * Tuning::BLOCK_S) as f32
    }

    /// Expected squared magnitude of the response from a sample of output to a pressure in units of 20 µPa, per bin.
    pub fn power(tuning: &Tuning, bands: &Bands<(usize, usize)>, gain_db: &Bands<f32>, output_db_spl: f64) -> Vec<f32> {
        let mut power = vec![0.0; tuning.bin_count()];
        for (&(begin, end), gain_db) in bands.iter().zip(gain_db) {
            let expected = pressure_per_sample(94.0 - output_db_spl).powi(2) * db_to_power(f64::from(*gain_db) + PRIOR_MARGIN_DB);
            power[begin..end].fill(expected as f32);
        }
        power
    }
}
