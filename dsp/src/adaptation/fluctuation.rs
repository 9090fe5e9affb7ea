//! A second opinion on speech that our own sound cannot feed: how much the level fluctuates.
//!
//! Steady masking raises LA90 and so makes LA10 − LA90 smaller, never larger: a law that listened to it alone would calm itself
//! (Chanaud, Acoustics Today 2007). Sounds of nature fluctuate by themselves; each asset has its own signature, measured with
//! the same instrument, so that it is not taken for speech.

use crate::level::{FrequencyWeighting, Percentiles, TimeWeightedPower, TimeWeighting, WeightingFilter};
use crate::units::power_to_db;

/// How long an asset is listened to, seconds.
const LISTENED_S: f64 = 10.0;

/// Levels per second that go into the percentiles, as in the measurement of a zone.
const LEVELS_PER_S: f64 = 50.0;

/// Fluctuation beyond that of the masking from which on somebody may be talking, dB. Speech 9 dB below steady masking adds
/// 0.6 dB; chance and glides of the level add less in a minute.
const SPEECH_FROM_DB: f64 = 0.5;

/// How much masking by itself fluctuates: LA10 − LA90, F-weighted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FluctuationSignature {
    own_db: f64,
}

impl FluctuationSignature {
    /// Listens to an asset, which is rendered piece by piece at its level.
    pub fn of(sample_rate_hz: f64, mut render: impl FnMut(&mut [f32])) -> Self {
        let mut weighting = WeightingFilter::new(FrequencyWeighting::A, sample_rate_hz);
        let mut power = TimeWeightedPower::new(TimeWeighting::Fast, sample_rate_hz);
        let mut percentiles = Percentiles::new((LISTENED_S * LEVELS_PER_S) as usize);
        let mut piece = vec![0.0; (sample_rate_hz / LEVELS_PER_S) as usize];
        // The time weighting settles first.
        let settling = TimeWeighting::Fast.settling_samples(sample_rate_hz) as usize / piece.len().max(1) + 1;
        for index in 0..settling + (LISTENED_S * LEVELS_PER_S) as usize {
            render(&mut piece);
            for sample in &piece {
                let weighted = weighting.process(f64::from(*sample));
                power.process(weighted * weighted);
            }
            if index >= settling {
                // Percentiles count from 0 dB; only differences matter here.
                percentiles.push(power_to_db(power.power()) + 100.0);
            }
        }
        let own_db = percentiles
            .levels()
            .map_or(0.0, |levels| f64::from(levels.l10_db - levels.l90_db));
        FluctuationSignature { own_db }
    }

    /// LA10 − LA90 of the masking alone, dB.
    pub fn own_db(self) -> f64 {
        self.own_db
    }

    /// Whether what fluctuates by so much can be speech over this masking; without a measurement there is no second opinion.
    pub fn allows_speech(self, fluctuation_db: Option<f64>) -> bool {
        fluctuation_db.is_none_or(|fluctuation_db| fluctuation_db > self.own_db + SPEECH_FROM_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masking::{NoiseGenerator, NoiseShape};

    const RATE_HZ: f64 = 16_000.0;

    fn noise(mut envelope: impl FnMut(usize) -> f32) -> FluctuationSignature {
        let mut shape = NoiseShape::new(RATE_HZ, &core::array::from_fn(|_| 0.0));
        let mut generator = NoiseGenerator::new(1, &mut shape);
        let mut position = 0;
        FluctuationSignature::of(RATE_HZ, |piece| {
            generator.render(&mut shape, piece, (0.01, 0.01));
            for sample in piece {
                *sample *= envelope(position);
                position += 1;
            }
        })
    }

    #[test]
    fn steady_noise_has_the_floor_of_its_statistics() {
        // A narrower spectrum fluctuates more; that of masking 0.7 dB, this one less.
        let steady = noise(|_| 1.0);
        assert!((0.1..0.7).contains(&steady.own_db()), "{}", steady.own_db());
        assert!(!steady.allows_speech(Some(steady.own_db() + 0.3)) && steady.allows_speech(Some(2.0)));
        assert!(steady.allows_speech(None));
    }

    #[test]
    fn a_stream_that_swells_does_not_pass_for_speech_over_itself() {
        // ±3 dB every four seconds.
        let swell = |n: usize| 10f32.powf(0.15 * (core::f32::consts::TAU * n as f32 / 64_000.0).sin());
        let stream = noise(swell);
        // LA10 and LA90 of a sine of ±3 dB: ±2.85 dB.
        assert!((stream.own_db() - 5.7).abs() < 0.5, "{}", stream.own_db());
        assert!(!stream.allows_speech(Some(5.9)) && noise(|_| 1.0).allows_speech(Some(5.9)));
    }
}
