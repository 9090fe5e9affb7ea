//! From samples to third-octave powers: a Hann-windowed FFT of at least 80 ms, every 20 ms.
//!
//! Fast enough to follow syllables; selectivity between neighbouring low bands is that of the window. For bands that meet the
//! standard see [`super::ThirdOctaves`].

use super::{
    band_fft::{BandFft, hann},
    bands::{BAND_COUNT, Bands},
};

/// Shortest analysis window, seconds: resolves the third-octave bands of speech and follows syllables.
const WINDOW_S: f64 = 0.08;

/// The FFT and its tables, shared by all microphones of an engine.
pub struct Analyser {
    fft: BandFft,
}

impl Analyser {
    /// Tables for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        let window = hann(Self::window_frames(sample_rate_hz));
        Analyser {
            fft: BandFft::new(sample_rate_hz, window, 0..BAND_COUNT, |_| 1.0),
        }
    }

    /// Frames of one analysis window.
    pub fn window_frames(sample_rate_hz: f64) -> usize {
        ((sample_rate_hz * WINDOW_S) as usize).next_power_of_two()
    }

    /// Mean square per band of the last window, oldest sample first in the two parts of a ring.
    pub fn analyse(&mut self, older: &[f32], newer: &[f32], bands: &mut Bands<f64>) {
        *bands = [0.0; BAND_COUNT];
        self.fft.add(older, newer, bands);
    }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::TAU;

    use super::{super::band_edges_hz, *};

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
