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

/// The bins of one band: those that are wholly within, and the shares of the bins at its edges.
#[derive(Clone, Debug)]
struct BandBins {
    whole: core::ops::Range<usize>,
    edges: [(usize, f32); 2],
}

/// Bins that the autocorrelation is made of: up to a quarter of the sampling rate, which holds all voiced harmonics and
/// halves its cost. Its lags therefore count two samples.
const CORRELATED_BINS: usize = WINDOW / 4 + 1;

/// Samples per lag of the autocorrelation.
pub const LAG_SAMPLES: f64 = 2.0;

/// FFT plans, tables and scratch space.
pub struct SpeechTools {
    sample_rate_hz: f64,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// A-weighting and scale of each bin's power.
    bin_weights: Vec<f32>,
    band_bins: Vec<BandBins>,
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
    weighted: Vec<f32>,
    correlated: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    scatter: Scatter,
}

impl SpeechTools {
    /// Tables for the given sampling rate, which is to be 14-17 kHz.
    pub fn new(sample_rate_hz: f64) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(WINDOW), planner.plan_fft_inverse(WINDOW / 2));
        let window: Vec<f32> = (0..WINDOW)
            .map(|n| (0.5 - 0.5 * (core::f64::consts::TAU * n as f64 / WINDOW as f64).cos()) as f32)
            .collect();
        let energy: f64 = window.iter().map(|w| f64::from(*w).powi(2)).sum();
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        let bin_hz = sample_rate_hz / WINDOW as f64;
        SpeechTools {
            sample_rate_hz,
            // Parseval for a one-sided spectrum: the mean square is 2 Σ|X|² / (N Σw²).
            bin_weights: bin_weights(bin_hz, 2.0 / (WINDOW as f64 * energy)),
            band_bins: (0..BANDS).map(|band| band_bins(bin_hz, band)).collect(),
            time: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            scratch: vec![Complex::ZERO; scratch],
            power: vec![0.0; WINDOW / 2 + 1],
            weighted: vec![0.0; WINDOW / 2 + 1],
            correlated: inverse.make_input_vec(),
            correlation: inverse.make_output_vec(),
            scatter: Scatter::new(|band| (upper_edge_hz(band, sample_rate_hz) - lower_edge_hz(band)).max(bin_hz)),
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
        for ((weighted, power), weight) in self.weighted.iter_mut().zip(&self.power).zip(&self.bin_weights) {
            *weighted = power * weight;
        }
        for (band, bins) in bands.iter_mut().zip(&self.band_bins) {
            let whole: f32 = self.weighted[bins.whole.clone()].iter().sum();
            *band = whole + bins.edges.iter().map(|(bin, share)| share * self.weighted[*bin]).sum::<f32>();
        }
        bands
    }

    /// Autocorrelation of the last window with a gain on the power of each band, every two samples; longest lag: half
    /// the window. Bands above a quarter of the sampling rate do not count.
    pub fn autocorrelation(&mut self, band_gain: &PerBand) -> &[f32] {
        self.correlated.fill(Complex::ZERO);
        for (gain, bins) in band_gain.iter().zip(&self.band_bins) {
            // A bin on an edge goes with the lower band.
            let range = bins.whole.start.min(CORRELATED_BINS)..(bins.whole.end + 1).min(CORRELATED_BINS);
            if *gain <= 0.0 || range.is_empty() {
                continue;
            }
            for (bin, power) in self.correlated[range.clone()].iter_mut().zip(&self.power[range]) {
                *bin = Complex::new(power * gain, 0.0);
            }
        }
        let done = self
            .inverse
            .process_with_scratch(&mut self.correlated, &mut self.correlation, &mut self.scratch);
        // Cannot fail either; an empty correlation has no pitch.
        if done.is_ok() { &self.correlation[..WINDOW / 4] } else { &[] }
    }
}

/// Edge below a third-octave band (IEC 61260-1:2014, 5.4): band 1 is that of 100 Hz; the A-weighting leaves nothing of what
/// lies below band 0.
fn lower_edge_hz(band: usize) -> f64 {
    if band == 0 {
        20.0
    } else {
        10f64.powf((band as f64 + 19.0) / 10.0 - 0.05)
    }
}

fn upper_edge_hz(band: usize, sample_rate_hz: f64) -> f64 {
    if band + 1 == BANDS {
        sample_rate_hz / 2.0
    } else {
        lower_edge_hz(band + 1)
    }
}

fn bin_weights(bin_hz: f64, scale: f64) -> Vec<f32> {
    let weight = |bin: usize| scale * db_to_power(a_weighting_db(bin as f64 * bin_hz));
    (0..=WINDOW / 2)
        .map(|bin| {
            if bin == 0 || bin == WINDOW / 2 {
                0.0
            } else {
                weight(bin) as f32
            }
        })
        .collect()
}

/// A bin counts half its width to either side.
fn band_bins(bin_hz: f64, band: usize) -> BandBins {
    // Bands beyond half the sampling rate of a slow device are empty.
    let edge = |frequency_hz: f64| (frequency_hz / bin_hz + 0.5).min((WINDOW / 2) as f64);
    let low = edge(lower_edge_hz(band));
    let high = if band + 1 == BANDS {
        (WINDOW / 2) as f64
    } else {
        edge(lower_edge_hz(band + 1))
    };
    let (first, last) = (low.ceil() as usize, high.floor() as usize);
    if first > last {
        // Narrower than a bin and within it.
        return BandBins {
            whole: first..first,
            edges: [(low as usize, (high - low) as f32), (0, 0.0)],
        };
    }
    BandBins {
        whole: first..last,
        edges: [(first - 1, (first as f64 - low) as f32), (last, (high - last as f64) as f32)],
    }
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
                assert!(
                    (level - 40.0 - a_weighting_db(frequency)).abs() < 0.5,
                    "{frequency} Hz: {level} dB"
                );
                assert!(bands[band] > 0.9 * bands.iter().sum::<f32>());
            }
        }
    }

    #[test]
    fn a_buzz_correlates_at_its_period() {
        let mut tools = SpeechTools::new(16_000.0);
        let buzz: Vec<f32> = (0..WINDOW)
            .map(|n| {
                (1..20)
                    .map(|k| (TAU * 125.0 * f64::from(k) * n as f64 / 16_000.0).cos() as f32)
                    .sum()
            })
            .collect();
        tools.analyse(&buzz);
        let correlation = tools.autocorrelation(&[1.0; BANDS]);
        let best = (20..115).max_by(|a, b| correlation[*a].total_cmp(&correlation[*b])).unwrap();
        assert_eq!(best as f64 * LAG_SAMPLES, 128.0);
    }
}
