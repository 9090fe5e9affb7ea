//! What all detectors of an engine share: FFTs, window and bands. None of it remembers a microphone.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::background::Scatter;
use crate::{spectrum::a_weighting_db, units::db_to_power};

/// Frames per second of the detector.
pub const FRAMES_PER_S: f64 = 50.0;

/// Length of the analysis window, samples: 64 ms at 16 kHz, which resolves the harmonics of a low voice.
pub const WINDOW: usize = 1024;

/// Third-octave bands with centres 100 Hz-6.3 kHz (IEC 61260-1), and what lies below and above.
pub const BANDS: usize = 21;

/// One band's values.
pub type PerBand = [f32; BANDS];

/// A share of an FFT bin that belongs to a band, A-weighted.
#[derive(Clone, Copy, Debug)]
struct Share {
    band: u16,
    bin: u16,
    weight: f32,
}

/// FFT plans, tables and scratch space.
pub struct SpeechTools {
    sample_rate_hz: f64,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    shares: Vec<Share>,
    band_of_bin: Vec<u8>,
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
    scatter: Scatter,
}

impl SpeechTools {
    /// Tables for the given sampling rate, which is to be 14-17 kHz.
    pub fn new(sample_rate_hz: f64) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(WINDOW), planner.plan_fft_inverse(WINDOW));
        let window: Vec<f32> = (0..WINDOW)
            .map(|n| (0.5 - 0.5 * (core::f64::consts::TAU * n as f64 / WINDOW as f64).cos()) as f32)
            .collect();
        let energy: f64 = window.iter().map(|w| f64::from(*w).powi(2)).sum();
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        let bin_hz = sample_rate_hz / WINDOW as f64;
        SpeechTools {
            sample_rate_hz,
            // Parseval for a one-sided spectrum: the mean square is 2 Σ|X|² / (N Σw²).
            shares: shares(bin_hz, 2.0 / (WINDOW as f64 * energy)),
            band_of_bin: (0..=WINDOW / 2).map(|bin| band_at(bin as f64 * bin_hz) as u8).collect(),
            time: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            scratch: vec![Complex::ZERO; scratch],
            power: vec![0.0; WINDOW / 2 + 1],
            scatter: Scatter::new(|band| upper_edge_hz(band, sample_rate_hz) - lower_edge_hz(band)),
            window,
            forward,
            inverse,
        }
    }

    /// Sampling rate.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// How the powers of noise scatter in the bands.
    pub fn scatter(&self) -> &Scatter {
        &self.scatter
    }

    /// A-weighted mean square per band of a window of samples.
    pub fn analyse(&mut self, samples: &[f32]) -> PerBand {
        for ((slot, sample), weight) in self.time.iter_mut().zip(samples).zip(&self.window) {
            *slot = sample * weight;
        }
        let mut bands = [0.0; BANDS];
        // The buffers come from the plan itself, so the lengths agree and the call cannot fail.
        if self
            .forward
            .process_with_scratch(&mut self.time, &mut self.spectrum, &mut self.scratch)
            .is_err()
        {
            return bands;
        }
        for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
            *power = bin.norm_sqr();
        }
        for share in &self.shares {
            bands[usize::from(share.band)] += share.weight * self.power[usize::from(share.bin)];
        }
        bands
    }

    /// Autocorrelation of the last window with a gain on the power of each band; longest lag: half the window.
    pub fn autocorrelation(&mut self, band_gain: &PerBand) -> &[f32] {
        for ((bin, power), band) in self.spectrum.iter_mut().zip(&self.power).zip(&self.band_of_bin) {
            *bin = Complex::new(power * band_gain[usize::from(*band)], 0.0);
        }
        let done = self
            .inverse
            .process_with_scratch(&mut self.spectrum, &mut self.time, &mut self.scratch);
        // Cannot fail either; an empty correlation has no pitch.
        if done.is_ok() { &self.time[..WINDOW / 2] } else { &[] }
    }
}

/// Edge below a third-octave band (IEC 61260-1:2014, 5.4): band 1 is that of 100 Hz; the A-weighting leaves nothing of what
/// lies below band 0.
fn lower_edge_hz(band: usize) -> f64 {
    if band == 0 { 20.0 } else { 10f64.powf((band as f64 + 19.0) / 10.0 - 0.05) }
}

fn upper_edge_hz(band: usize, sample_rate_hz: f64) -> f64 {
    if band + 1 == BANDS { sample_rate_hz / 2.0 } else { lower_edge_hz(band + 1) }
}

fn band_at(frequency_hz: f64) -> usize {
    (1..BANDS).rev().find(|band| frequency_hz >= lower_edge_hz(*band)).unwrap_or(0)
}

fn shares(bin_hz: f64, scale: f64) -> Vec<Share> {
    let mut shares = Vec::new();
    for bin in 1..WINDOW / 2 {
        let (low, high) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
        let weight = scale * db_to_power(a_weighting_db(bin as f64 * bin_hz));
        for band in band_at(low)..=band_at(high) {
            let begin = if band == 0 { 0.0 } else { lower_edge_hz(band) };
            let end = if band + 1 == BANDS { f64::INFINITY } else { lower_edge_hz(band + 1) };
            shares.push(Share {
                band: band as u16,
                bin: bin as u16,
                weight: (weight * (high.min(end) - low.max(begin)) / bin_hz) as f32,
            });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::TAU;

    #[test]
    fn a_tone_has_its_weighted_power_in_its_band() {
        for rate in [14_700.0, 16_000.0] {
            let mut tools = SpeechTools::new(rate);
            for (frequency, band) in [(250.0, 5), (1000.0, 11), (4000.0, 17)] {
                let tone: Vec<f32> = (0..WINDOW)
                    .map(|n| (2f64.sqrt() * 100.0 * (TAU * frequency * n as f64 / rate).sin()) as f32)
                    .collect();
                let bands = tools.analyse(&tone);
                let level = 10.0 * f64::from(bands[band]).log10();
                assert!((level - 40.0 - a_weighting_db(frequency)).abs() < 0.5, "{frequency} Hz: {level} dB");
                assert!(bands[band] > 0.9 * bands.iter().sum::<f32>());
            }
        }
    }

    #[test]
    fn a_buzz_correlates_at_its_period() {
        let mut tools = SpeechTools::new(16_000.0);
        let buzz: Vec<f32> = (0..WINDOW)
            .map(|n| (1..20).map(|k| (TAU * 125.0 * f64::from(k) * n as f64 / 16_000.0).cos() as f32).sum())
            .collect();
        tools.analyse(&buzz);
        let correlation = tools.autocorrelation(&[1.0; BANDS]);
        let best = (40..230).max_by(|a, b| correlation[*a].total_cmp(&correlation[*b])).unwrap();
        assert_eq!(best, 128);
    }
}
