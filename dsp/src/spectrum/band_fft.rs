//! A windowed FFT whose bins are shared out to bands.
//!
//! Each bin's power goes to the bands that it overlaps, in proportion, so that the bands of a signal sum to its mean square
//! (weighted with the squared window).

use core::{f64::consts::TAU, ops::Range};
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::bands::band_edges_hz;

/// Bins that are summed side by side: their order of summation lets the compiler use vector instructions.
const ABREAST: usize = 8;

/// The FFT of one window with its tables and working memory.
pub(super) struct BandFft {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bands: Vec<BandBins>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

/// The bins of one band: each contributes its power times a weight.
struct BandBins {
    first: usize,
    weights: Vec<f32>,
}

impl BandFft {
    /// For the given bands, a window of an even length, and a signal whose power was changed by `power_gain` beforehand, which
    /// is taken back.
    pub fn new(sample_rate_hz: f64, window: Vec<f32>, bands: Range<usize>, power_gain: impl Fn(f64) -> f64) -> Self {
        let length = window.len();
        let fft = RealFftPlanner::new().plan_fft_forward(length);
        let window_energy: f64 = window.iter().map(|w| f64::from(*w).powi(2)).sum();
        // Parseval: the mean square is Σ|X|² / (N Σw²), and each bin of a one-sided spectrum stands for two.
        let scale = 2.0 / (window_energy * length as f64);
        let bin_hz = sample_rate_hz / length as f64;
        let bins = |band| {
            let (low, high) = band_edges_hz(band);
            let first = ((low / bin_hz + 0.5).floor() as usize).max(1);
            let last = ((high / bin_hz + 0.5).floor() as usize).min(length / 2 - 1);
            let weight = |bin: usize| {
                let (bin_low, bin_high) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
                let overlap = (high.min(bin_high) - low.max(bin_low)).max(0.0) / bin_hz;
                (overlap * scale / power_gain(bin as f64 * bin_hz)) as f32
            };
            BandBins {
                first,
                weights: (first..=last).map(weight).collect(),
            }
        };
        BandFft {
            bands: bands.map(bins).collect(),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            window,
            fft,
        }
    }

    /// Samples of a window.
    pub fn length(&self) -> usize {
        self.window.len()
    }

    /// Adds the mean square of each band to `powers`. The window's samples come oldest first in two parts.
    pub fn add(&mut self, older: &[f32], newer: &[f32], powers: &mut [f64]) {
        let (old_slots, new_slots) = self.frame.split_at_mut(older.len().min(self.window.len()));
        let (old_weights, new_weights) = self.window.split_at(old_slots.len());
        weigh(old_slots, older, old_weights);
        weigh(new_slots, newer, new_weights);
        // The buffers come from the plan itself, so the lengths agree and the call cannot fail.
        if self
            .fft
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .is_err()
        {
            return;
        }
        for (power, band) in powers.iter_mut().zip(&self.bands) {
            let bins = self.spectrum.get(band.first..).unwrap_or_default();
            *power += f64::from(weighted_power(bins, &band.weights));
        }
    }
}

fn weigh(slots: &mut [f32], samples: &[f32], weights: &[f32]) {
    for ((slot, sample), weight) in slots.iter_mut().zip(samples).zip(weights) {
        *slot = sample * weight;
    }
}

/// Σ w|X|².
fn weighted_power(bins: &[Complex<f32>], weights: &[f32]) -> f32 {
    let (whole_weights, last_weights) = weights.as_chunks::<ABREAST>();
    let (whole_bins, _) = bins.as_chunks::<ABREAST>();
    let mut sums = [0.0f32; ABREAST];
    for (bins, weights) in whole_bins.iter().zip(whole_weights) {
        for ((sum, bin), weight) in sums.iter_mut().zip(bins).zip(weights) {
            *sum += weight * bin.norm_sqr();
        }
    }
    let last_bins = bins.iter().skip(whole_weights.len() * ABREAST);
    let rest: f32 = last_bins.zip(last_weights).map(|(bin, weight)| weight * bin.norm_sqr()).sum();
    sums.iter().sum::<f32>() + rest
}

/// The Hann window.
pub(super) fn hann(length: usize) -> Vec<f32> {
    (0..length)
        .map(|n| (0.5 - 0.5 * (TAU * n as f64 / length as f64).cos()) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_agree_with_the_definition_of_the_discrete_fourier_transform() {
        let (rate, length) = (16_000.0, 640);
        let noise: Vec<f32> = (0..length as u64)
            .map(|n| ((n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 2f32.powi(23) - 1.0)
            .collect();
        // A signal that was halved in power above 2 kHz.
        let power_gain = |hz: f64| if hz > 2000.0 { 0.5 } else { 1.0 };
        let mut fft = BandFft::new(rate, hann(length), 10..24, power_gain);
        let mut powers = [0.0; 14];
        fft.add(&noise[..100], &noise[100..], &mut powers);
        let window = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / length as f64).cos();
        let window_energy: f64 = (0..length).map(|n| window(n).powi(2)).sum();
        for (band, power) in (10..24).zip(powers) {
            let (low, high) = band_edges_hz(band);
            let direct: f64 = (1..length / 2)
                .map(|bin| {
                    let (re, im) = noise.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, x)| {
                        let phase = TAU * (bin * n) as f64 / length as f64;
                        let x = f64::from(*x) * window(n);
                        (re + x * phase.cos(), im - x * phase.sin())
                    });
                    let hz = bin as f64 * 25.0;
                    let overlap = ((high.min(hz + 12.5) - low.max(hz - 12.5)) / 25.0).max(0.0);
                    2.0 * overlap * (re * re + im * im) / (window_energy * length as f64) / power_gain(hz)
                })
                .sum();
            assert!(
                (10.0 * (power / direct).log10()).abs() < 0.001,
                "band {band}: {power} instead of {direct}"
            );
        }
    }
}
