//! A-weighted levels of whole sounds and of their frames, by FFT: independent of the filters under test.

use habitat_dsp::{
    spectrum::a_weighting_db,
    units::{db_to_power, power_to_db},
};
use realfft::RealFftPlanner;

/// Window of the spectra, frames.
const WINDOW: usize = 1024;

/// A-weighted mean square per hop, of a Hann window around the hop's middle.
pub fn weighted_frames(samples: &[f32], rate_hz: f64, hop: usize) -> Vec<f64> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut frame, mut spectrum, mut scratch) = (fft.make_input_vec(), fft.make_output_vec(), fft.make_scratch_vec());
    let window: Vec<f32> = (0..WINDOW)
        .map(|n| (0.5 - 0.5 * (core::f64::consts::TAU * n as f64 / WINDOW as f64).cos()) as f32)
        .collect();
    let energy: f32 = window.iter().map(|w| w * w).sum();
    // Parseval for a one-sided spectrum: 2 Σ|X|² / (N Σw²).
    let weights: Vec<f32> = (0..spectrum.len())
        .map(|bin| match bin {
            0 => 0.0,
            _ => db_to_power(a_weighting_db(bin as f64 * rate_hz / WINDOW as f64)) as f32 * 2.0 / (WINDOW as f32 * energy),
        })
        .collect();
    (0..samples.len() / hop)
        .map(|index| {
            let middle = index * hop + hop / 2;
            for (n, slot) in frame.iter_mut().enumerate() {
                let sample = (middle + n).checked_sub(WINDOW / 2).and_then(|at| samples.get(at));
                *slot = sample.copied().unwrap_or(0.0) * window[n];
            }
            fft.process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                .expect("the buffers come from the plan");
            spectrum
                .iter()
                .zip(&weights)
                .map(|(bin, w)| f64::from(bin.norm_sqr() * w))
                .sum()
        })
        .collect()
}

/// A-weighted level of a whole sound.
pub fn level_db(samples: &[f32], rate_hz: f64) -> f64 {
    let frames = weighted_frames(samples, rate_hz, WINDOW / 2);
    power_to_db(frames.iter().sum::<f64>() / frames.len().max(1) as f64)
}

/// Scales a sound to an A-weighted level.
pub fn scale_to(mut samples: Vec<f32>, rate_hz: f64, wanted_db: f64) -> Vec<f32> {
    let gain = 10f64.powf((wanted_db - level_db(&samples, rate_hz)) / 20.0) as f32;
    samples.iter_mut().for_each(|sample| *sample *= gain);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_has_its_weighted_level() {
        for (frequency, weighting) in [(1000.0, 0.0), (250.0, -8.7), (4000.0, 1.0)] {
            let tone: Vec<f32> = (0..32_000)
                .map(|n| (2f64.sqrt() * (core::f64::consts::TAU * frequency * f64::from(n) / 16_000.0).sin()) as f32)
                .collect();
            let level = level_db(&tone, 16_000.0);
            assert!((level - weighting).abs() < 0.3, "{frequency} Hz: {level} dB");
            let scaled = level_db(&scale_to(tone, 16_000.0, 40.0), 16_000.0);
            assert!((scaled - 40.0).abs() < 0.01);
        }
    }
}
