//! FFTs between blocks of samples and the bins that are cancelled.

use std::sync::Arc;

use crate::spectrum::band_edges_hz;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

/// How the cancelled signal is cut up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Frames per second of the decimated signals.
    pub sample_rate_hz: f64,
    /// Frames of one block; an FFT has two.
    pub block: usize,
    /// Blocks of the room's response that are cancelled.
    pub partitions: usize,
}

/// Below this nothing is played and little is heard, Hz.
const LOWEST_HZ: f64 = 40.0;

/// Above this the decimator no longer passes everything, Hz: the upper edge of the band of 6.3 kHz. What lies beyond is subtracted
/// as power.
const HIGHEST_HZ: f64 = 7_080.0;

impl Tuning {
    /// Blocks of a fifth of a second: five to a second, and long enough for cheap FFTs.
    pub fn new(sample_rate_hz: f64, tail_s: f64) -> Self {
        let block = (sample_rate_hz * Self::BLOCK_S).round() as usize;
        let partitions = (tail_s / Self::BLOCK_S - 1e-6).ceil().max(1.0) as usize;
        Tuning {
            sample_rate_hz,
            block,
            partitions,
        }
    }

    /// Length of one block, seconds.
    pub const BLOCK_S: f64 = 0.2;

    /// First bin that is cancelled, and the first that is not any more.
    pub fn bins(&self) -> (usize, usize) {
        let bin = |hz: f64| (hz * 2.0 * self.block as f64 / self.sample_rate_hz) as usize;
        (bin(LOWEST_HZ).max(1), bin(HIGHEST_HZ).min(self.block))
    }

    /// Number of bins that are cancelled.
    pub fn bin_count(&self) -> usize {
        let (first, end) = self.bins();
        end - first
    }

    /// Frequency of a bin, counted from the first that is cancelled.
    pub fn bin_hz(&self, index: usize) -> f64 {
        (self.bins().0 + index) as f64 * self.sample_rate_hz / (2 * self.block) as f64
    }

    /// Bins of a third-octave band, counted from the first that is cancelled.
    pub fn bins_of_band(&self, band: usize) -> (usize, usize) {
        let (low, high) = band_edges_hz(band);
        let first_hz = self.bin_hz(0);
        let width_hz = self.bin_hz(1) - first_hz;
        let index = |hz: f64| (((hz - first_hz) / width_hz).max(0.0).ceil() as usize).min(self.bin_count());
        (index(low), index(high))
    }
}

/// The bins that are cancelled, real and imaginary parts apart, so that loops over them vectorise.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Real parts.
    pub re: Vec<f32>,
    /// Imaginary parts.
    pub im: Vec<f32>,
}

impl Spectrum {
    /// Silence.
    pub fn new(bins: usize) -> Self {
        Spectrum {
            re: vec![0.0; bins],
            im: vec![0.0; bins],
        }
    }

    /// Back to silence.
    pub fn clear(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }
}

/// FFTs of two blocks, with their buffers; one for all microphones.
pub struct Transform {
    first_bin: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Two blocks of samples: what a forward transform reads (and destroys), and an inverse one writes.
    pub time: Vec<f32>,
    bins: Vec<Complex<f32>>,
    forward_scratch: Vec<Complex<f32>>,
    inverse_scratch: Vec<Complex<f32>>,
}

impl Transform {
    /// Plans for blocks of the given tuning.
    pub fn new(tuning: &Tuning) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(2 * tuning.block);
        let inverse = planner.plan_fft_inverse(2 * tuning.block);
        Transform {
            first_bin: tuning.bins().0,
            time: forward.make_input_vec(),
            bins: forward.make_output_vec(),
            forward_scratch: forward.make_scratch_vec(),
            inverse_scratch: inverse.make_scratch_vec(),
            forward,
            inverse,
        }
    }

    /// Both halves of `time`: the older block and the newer one.
    pub fn halves(&mut self) -> (&mut [f32], &mut [f32]) {
        let half = self.time.len() / 2;
        self.time.split_at_mut(half)
    }

    /// Spectrum of `time`.
    pub fn forward(&mut self, spectrum: &mut Spectrum) {
        // The buffers come from the plan itself, so the lengths agree and the call cannot fail.
        let done = self
            .forward
            .process_with_scratch(&mut self.time, &mut self.bins, &mut self.forward_scratch);
        if done.is_err() {
            return;
        }
        let bins = self.bins.iter().skip(self.first_bin);
        for ((re, im), bin) in spectrum.re.iter_mut().zip(&mut spectrum.im).zip(bins) {
            (*re, *im) = (bin.re, bin.im);
        }
    }

    /// Signal of a spectrum, into `time`, so that a forward transform would give the spectrum back.
    pub fn inverse(&mut self, re: &[f32], im: &[f32]) {
        self.bins.fill(Complex::default());
        let scale = 1.0 / self.time.len() as f32;
        for ((re, im), bin) in re.iter().zip(im).zip(self.bins.iter_mut().skip(self.first_bin)) {
            *bin = Complex::new(re * scale, im * scale);
        }
        // As above.
        let done = self
            .inverse
            .process_with_scratch(&mut self.bins, &mut self.time, &mut self.inverse_scratch);
        if done.is_err() {
            self.time.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_a_whole_number_of_blocks_at_every_rate() {
        for rate in [14_700.0, 16_000.0] {
            let tuning = Tuning::new(rate, 0.4);
            assert_eq!(tuning.block as f64 * 5.0, rate);
            assert_eq!(tuning.partitions, 2);
        }
        assert_eq!(Tuning::new(16_000.0, 0.41).partitions, 3);
    }

    #[test]
    fn there_and_back_is_the_same_within_the_band() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut transform = Transform::new(&tuning);
        let tone = |n: usize| (core::f64::consts::TAU * 1000.0 * n as f64 / 16_000.0).sin() as f32;
        transform.time.iter_mut().enumerate().for_each(|(n, x)| *x = tone(n));
        let mut spectrum = Spectrum::new(tuning.bin_count());
        transform.forward(&mut spectrum);
        transform.inverse(&spectrum.re, &spectrum.im);
        for (n, x) in transform.time.iter().enumerate() {
            assert!((x - tone(n)).abs() < 1e-4, "{n}: {x}");
        }
    }
}
