//! Endless noise for one loudspeaker.

use super::{NoiseShape, random::RandomBits};

/// Noise that never repeats and is independent of every other generator's: segments of the [`NoiseShape`], overlapped by
/// half, so that the power is the same at every instant.
#[derive(Clone, Debug)]
pub struct NoiseGenerator {
    bits: RandomBits,
    ready: Vec<f32>,
    overlap: Vec<f32>,
    position: usize,
}

impl NoiseGenerator {
    /// A generator of its own for each seed, already running.
    pub fn new(seed: u64, shape: &mut NoiseShape) -> Self {
        let half = shape.segment_frames() / 2;
        let mut generator = NoiseGenerator {
            bits: RandomBits::new(seed),
            ready: vec![0.0; half],
            overlap: vec![0.0; half],
            position: 0,
        };
        generator.refill(shape);
        generator.refill(shape);
        // Generators refill at different times, so that no block has to pay for all of them.
        generator.position = (generator.bits.next_bits() % half as u64) as usize;
        generator
    }

    /// Fills `output` with noise, its amplitude gliding linearly from one gain to another.
    pub fn render(&mut self, shape: &mut NoiseShape, output: &mut [f32], gain: (f32, f32)) {
        let step = (gain.1 - gain.0) / output.len().max(1) as f32;
        let mut done = 0;
        while done < output.len() {
            if self.position == self.ready.len() {
                self.refill(shape);
            }
            let rest = &mut output[done..];
            let ready = &self.ready[self.position..];
            for (index, (slot, sample)) in rest.iter_mut().zip(ready).enumerate() {
                let amplitude = gain.0 + step * (done + index + 1) as f32;
                // A full-scale limit guards the amplifier against a wrong layout; calibrated masking is some 40 dB below it.
                *slot = (sample * amplitude).clamp(-1.0, 1.0);
            }
            let count = rest.len().min(ready.len());
            self.position += count;
            done += count;
        }
    }

    fn refill(&mut self, shape: &mut NoiseShape) {
        let half = self.ready.len();
        let bits = &mut self.bits;
        let segment = shape.synthesise(|| bits.next_bits());
        let (rising, falling) = segment.split_at(half);
        for ((ready, before), now) in self.ready.iter_mut().zip(&self.overlap).zip(rising) {
            *ready = before + now;
        }
        self.overlap.copy_from_slice(falling);
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        level::{FrequencyWeighting, WeightingFilter},
        spectrum::{Analyser, BAND_COUNT, Bands},
        units::{FULL_SCALE_MEAN_SQUARE, power_to_db},
    };

    const RATE: f64 = 48_000.0;

    /// −5 dB per octave from 100 Hz to 8 kHz.
    fn minus5() -> Bands<f64> {
        core::array::from_fn(|band| {
            if (6..=25).contains(&band) {
                -5.0 / 3.0 * band as f64
            } else {
                f64::NEG_INFINITY
            }
        })
    }

    fn noise(seed: u64, seconds: usize) -> Vec<f32> {
        let mut shape = NoiseShape::new(RATE, &minus5());
        let mut generator = NoiseGenerator::new(seed, &mut shape);
        let mut samples = vec![0.0; RATE as usize * seconds];
        generator.render(&mut shape, &mut samples, (0.01, 0.01));
        samples
    }

    #[test]
    fn the_a_weighted_level_is_0_dbfs() {
        let mut weighting = WeightingFilter::new(FrequencyWeighting::A, RATE);
        // Quiet enough that no peak is limited.
        let mut shape = NoiseShape::new(RATE, &minus5());
        let mut generator = NoiseGenerator::new(1, &mut shape);
        let mut samples = vec![0.0f32; RATE as usize * 20];
        generator.render(&mut shape, &mut samples, (0.01, 0.01));
        let power = samples
            .iter()
            .map(|x| weighting.process(f64::from(*x) * 100.0).powi(2))
            .sum::<f64>()
            / samples.len() as f64;
        let error = power_to_db(power / FULL_SCALE_MEAN_SQUARE);
        assert!(error.abs() < 0.1, "{error:+.3} dB");
    }

    #[test]
    fn the_spectrum_falls_by_5_db_per_octave_from_100_hz_to_8_khz() {
        let mut shape = NoiseShape::new(RATE, &minus5());
        let mut generator = NoiseGenerator::new(2, &mut shape);
        let mut analyser = Analyser::new(RATE);
        let length = Analyser::window_frames(RATE);
        let mut sum = [0.0; BAND_COUNT];
        let mut samples = vec![0.0f32; length];
        for _ in 0..400 {
            generator.render(&mut shape, &mut samples, (0.01, 0.01));
            let mut bands = [0.0; BAND_COUNT];
            analyser.analyse(&samples, &[], &mut bands);
            sum.iter_mut().zip(bands).for_each(|(sum, band)| *sum += band);
        }
        let reference = power_to_db(sum[16]);
        for (band, power) in sum.iter().enumerate().take(26).skip(6) {
            let expected = -5.0 / 3.0 * (band as f64 - 16.0);
            let error = power_to_db(*power) - reference - expected;
            // The windows smear the lowest bands into their neighbours.
            let allowed = if band < 9 { 1.5 } else { 0.5 };
            assert!(error.abs() < allowed, "band {band}: {error:+.2} dB");
        }
        assert!(power_to_db(sum[28]) < reference - 60.0, "16 kHz is not silent");
        assert!(power_to_db(sum[2]) < reference - 20.0, "40 Hz is not silent");
    }

    #[test]
    fn generators_are_independent_and_do_not_repeat() {
        // Differences flatten the spectrum, so that chance correlation is small: some 1/√(2·10 kHz·4 s).
        let difference = |x: Vec<f32>| x.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f32>>();
        let (a, b) = (difference(noise(1, 4)), difference(noise(2, 4)));
        let correlation = |x: &[f32], y: &[f32]| {
            let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum::<f64>();
            dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
        };
        assert!(correlation(&a, &b).abs() < 0.05);
        for lag in [1024, 2048, 4096, 48_000, 96_000] {
            assert!(
                correlation(&a[lag..], &a[..a.len() - lag]).abs() < 0.05,
                "repeats after {lag} frames"
            );
        }
    }

    #[test]
    fn the_level_is_the_same_at_every_instant_of_a_segment() {
        let mut shape = NoiseShape::new(RATE, &minus5());
        let half = shape.segment_frames() / 2;
        let mut power = vec![0.0f64; half];
        for seed in 0..400 {
            let mut generator = NoiseGenerator::new(seed, &mut shape);
            generator.position = 0;
            let mut samples = vec![0.0f32; half];
            generator.render(&mut shape, &mut samples, (0.01, 0.01));
            power
                .iter_mut()
                .zip(samples)
                .for_each(|(power, x)| *power += f64::from(x * x));
        }
        let part = |index: usize| power_to_db(power[index * half / 8..(index + 1) * half / 8].iter().sum::<f64>());
        for index in 1..8 {
            assert!(
                (part(index) - part(0)).abs() < 0.6,
                "part {index}: {:+.2} dB",
                part(index) - part(0)
            );
        }
    }

    #[test]
    fn a_change_of_gain_has_no_click() {
        let mut shape = NoiseShape::new(RATE, &minus5());
        let mut generator = NoiseGenerator::new(3, &mut shape);
        let mut steady = vec![0.0f32; 960];
        generator.clone().render(&mut shape, &mut steady, (0.01, 0.01));
        let mut gliding = vec![0.0f32; 960];
        generator.render(&mut shape, &mut gliding, (0.01, 0.0));
        for (n, (glide, full)) in gliding.iter().zip(&steady).enumerate() {
            let expected = full * (1.0 - (n as f32 + 1.0) / 960.0);
            assert!((glide - expected).abs() < 1e-5, "frame {n}");
        }
        assert!(gliding.last().unwrap().abs() < 1e-6);
    }
}
