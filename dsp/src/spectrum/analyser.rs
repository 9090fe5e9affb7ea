//! From samples to third-octave powers: a Hann-windowed FFT of at least 80 ms, every 20 ms.
//!
//! Each FFT bin's power is shared out to the bands that it overlaps, so that the bands of a broadband signal sum to its
//! mean square. Selectivity between neighbouring low bands is that of the window.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::bands::{BAND_COUNT, Bands, band_edges_hz};

/// Shortest analysis window, seconds: resolves the third-octave bands of speech and follows syllables.
const WINDOW_S: f64 = 0.08;

/// A share of one FFT bin that belongs to a band.
#[derive(Clone, Copy, Debug)]
struct Share {
    band: u16,
    bin: u16,
    weight: f32,
}

/// The FFT and its tables, shared by all microphones of an engine.
pub struct Analyser {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    shares: Vec<Share>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Analyser {
    /// Tables for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        let length = Self::window_frames(sample_rate_hz);
        let fft = RealFftPlanner::new().plan_fft_forward(length);
        let window: Vec<f32> = (0..length)
            .map(|n| (0.5 - 0.5 * (core::f64::consts::TAU * n as f64 / length as f64).cos()) as f32)
            .collect();
        let window_energy: f64 = window.iter().map(|w| f64::from(*w).powi(2)).sum();
        // Parseval: the mean square is Σ|X|² / (N Σw²), and each bin of a one-sided spectrum stands for two.
        Analyser {
            shares: shares(sample_rate_hz, length, 2.0 / (window_energy * length as f64)),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            window,
            fft,
        }
    }

    /// Frames of one analysis window.
    pub fn window_frames(sample_rate_hz: f64) -> usize {
        ((sample_rate_hz * WINDOW_S) as usize).next_power_of_two()
    }

    /// Mean square per band of the last window, oldest sample first in the two parts of a ring.
    pub fn analyse(&mut self, older: &[f32], newer: &[f32], bands: &mut Bands<f64>) {
        let samples = older.iter().chain(newer);
        for ((slot, sample), weight) in self.frame.iter_mut().zip(samples).zip(&self.window) {
            *slot = sample * weight;
        }
        // The buffers come from the plan itself, so the lengths agree and the call cannot fail.
        if self
            .fft
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .is_err()
        {
            return;
        }
        *bands = [0.0; BAND_COUNT];
        for share in &self.shares {
            if let Some(value) = self.spectrum.get(usize::from(share.bin)) {
                bands[usize::from(share.band)] += f64::from(share.weight * value.norm_sqr());
            }
        }
    }
}

fn shares(sample_rate_hz: f64, length: usize, scale: f64) -> Vec<Share> {
    let bin_hz = sample_rate_hz / length as f64;
    let mut shares = Vec::new();
    for band in 0..BAND_COUNT {
        let (low, high) = band_edges_hz(band);
        let first = (low / bin_hz - 0.5).floor().max(1.0) as usize;
        let last = ((high / bin_hz + 0.5).ceil() as usize).min(length / 2 - 1);
        for bin in first..=last {
            let (bin_low, bin_high) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
            let overlap = (high.min(bin_high) - low.max(bin_low)) / bin_hz;
            if overlap > 0.0 {
                shares.push(Share {
                    band: band as u16,
                    bin: bin as u16,
                    weight: (overlap * scale) as f32,
                });
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::TAU;

    fn analyse(rate: f64, signal: impl Fn(usize) -> f64) -> Bands<f64> {
        let mut analyser = Analyser::new(rate);
        let samples: Vec<f32> = (0..Analyser::window_frames(rate)).map(|n| signal(n) as f32).collect();
        let mut bands = [0.0; BAND_COUNT];
        analyser.analyse(&samples[..1000], &samples[1000..], &mut bands);
        bands
    }

    #[test]
    fn a_tone_lands_in_its_band_with_its_mean_square() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for band in [12, 16, 20, 24] {
                let frequency = super::super::band_centre_hz(band);
                let bands = analyse(rate, |n| 3.0 * (TAU * frequency * n as f64 / rate).sin());
                let error = 10.0 * (bands[band] / 4.5).log10();
                assert!(error.abs() < 0.1, "{frequency:.0} Hz at {rate}: {error:+.2} dB");
                assert!(bands[band + 2] < bands[band] * 1e-4);
            }
        }
    }

    #[test]
    fn the_bands_of_noise_sum_to_its_mean_square_and_agree_with_a_direct_dft() {
        let rate = 48_000.0;
        let mut state = 1u64;
        let noise: Vec<f64> = (0..Analyser::window_frames(rate))
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) as f64 / 2f64.powi(30) - 1.0
            })
            .collect();
        let bands = analyse(rate, |n| noise[n]);
        // The 1 kHz band by the definition of the discrete Fourier transform.
        let n = noise.len() as f64;
        let window = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / n).cos();
        let energy: f64 = (0..noise.len()).map(|i| window(i).powi(2)).sum();
        let (low, high) = band_edges_hz(16);
        let bin_hz = rate / n;
        let direct: f64 = (70..110)
            .map(|bin| {
                let (re, im) = noise.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, x)| {
                    let phase = TAU * bin as f64 * i as f64 / n;
                    (re + x * window(i) * phase.cos(), im - x * window(i) * phase.sin())
                });
                let overlap = (high.min((bin as f64 + 0.5) * bin_hz) - low.max((bin as f64 - 0.5) * bin_hz)) / bin_hz;
                overlap.clamp(0.0, 1.0) * 2.0 * (re * re + im * im) / (energy * n)
            })
            .sum();
        assert!((10.0 * (bands[16] / direct).log10()).abs() < 0.01);
        let expected = noise.iter().map(|x| x * x).sum::<f64>() / n;
        let sum: f64 = bands.iter().sum();
        // 22-17780 Hz of 24 kHz: 10 lg(17760 / 24000) = -1.31 dB.
        assert!(
            (10.0 * (sum / expected).log10() + 1.31).abs() < 0.3,
            "{}",
            10.0 * (sum / expected).log10()
        );
    }
}
