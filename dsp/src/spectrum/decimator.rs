//! To a sampling rate of 14.7-16 kHz, which carries everything up to the third-octave band of 6.3 kHz at a third of the cost.
//!
//! A linear-phase FIR low-pass by the window method (J. F. Kaiser, "Nonrecursive digital filter design using the I₀-sinh window
//! function", 1974). Only what would fold back below [`PASS_BAND_HZ`] is suppressed; above it, aliases are let through and
//! nobody may look. The response is known exactly ([`DecimatorFilter::power_gain`]).

use core::f64::consts::{PI, TAU};

/// Usable up to here: the upper edge of the third-octave band of 6.3 kHz, Hz.
pub const PASS_BAND_HZ: f64 = 7080.0;

/// Lowest output rate: twice the pass band and some room for the filter to fall, Hz.
const LOWEST_RATE_HZ: f64 = 14_700.0;

/// Blocks per second: 20 ms each.
const HOPS_PER_S: u32 = 50;

/// Suppression of what would fold back into the pass band, dB: 70 and a margin for Kaiser's estimate of the length.
const SUPPRESSION_DB: f64 = 72.0;

/// Narrowest transition between pass band and stop band, Hz. At 44.1 kHz a flat pass band would leave 0.54 kHz and take twice
/// the work; instead, the response falls from 6.54 kHz on, to −6 dB at 7.08 kHz. From 48 kHz on, the pass band is flat.
const NARROWEST_TRANSITION_HZ: f64 = 1080.0;

/// Outputs that are computed together: eight registers of four, which leaves enough for taps and samples.
const TILE: usize = 32;

/// The filter of one input rate, shared by all channels.
#[derive(Clone, Debug)]
pub struct DecimatorFilter {
    factor: usize,
    hop_frames: usize,
    input_rate_hz: f64,
    /// Impulse response.
    response: Vec<f64>,
    /// Taps of each phase, newest sample last: phase p weighs the inputs factor·m + p.
    phases: Vec<Vec<f32>>,
    /// Vector units of this machine.
    arch: pulp::Arch,
}

impl DecimatorFilter {
    /// For an input rate that is a multiple of 50 Hz.
    ///
    /// The factor is the largest that leaves at least 14.7 kHz and divides a hop of 20 ms, so that hops stay whole: 3 at
    /// 44.1 and 48 kHz, 6 at 88.2 and 96 kHz, 12 at 192 kHz, 2 at 32 kHz.
    pub fn new(sample_rate_hz: u32) -> Self {
        let hop_frames = (sample_rate_hz / HOPS_PER_S).max(1) as usize;
        let most = (f64::from(sample_rate_hz) / LOWEST_RATE_HZ).max(1.0) as usize;
        let factor = (1..=most)
            .rev()
            .find(|factor| hop_frames.is_multiple_of(*factor))
            .unwrap_or(1);
        let input_rate_hz = f64::from(sample_rate_hz);
        let response = low_pass(input_rate_hz, factor);
        let per_phase = response.len().div_ceil(factor);
        // Output m is Σ h[n]·x[factor·m + factor−1 − n]: the newest input of a group meets the first tap.
        let tap = |phase: usize, age: usize| response.get(age * factor + (factor - 1 - phase)).map_or(0.0, |h| *h as f32);
        let phases = (0..factor)
            .map(|phase| (0..per_phase).rev().map(|age| tap(phase, age)).collect())
            .collect();
        DecimatorFilter {
            factor,
            hop_frames,
            input_rate_hz,
            response,
            phases,
            arch: pulp::Arch::new(),
        }
    }

    /// Input samples per output sample.
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// Output samples of a hop of 20 ms.
    pub fn output_hop(&self) -> usize {
        self.hop_frames / self.factor
    }

    /// Sampling rate of the output.
    pub fn output_rate_hz(&self) -> f64 {
        self.input_rate_hz / self.factor as f64
    }

    /// From a sample's arrival to its centre in the output, input frames; the same at every frequency.
    pub fn delay_frames(&self) -> f64 {
        (self.response.len() - 1) as f64 / 2.0 - (self.factor - 1) as f64
    }

    /// |H|² at a frequency of the input.
    pub fn power_gain(&self, frequency_hz: f64) -> f64 {
        let w = TAU * frequency_hz / self.input_rate_hz;
        let (re, im) = self.response.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, h)| {
            let phase = w * n as f64;
            (re + h * phase.cos(), im - h * phase.sin())
        });
        re * re + im * im
    }
}

/// Kaiser's low-pass with unit gain at 0 Hz and an odd length; a single one where nothing has to be removed.
fn low_pass(input_rate_hz: f64, factor: usize) -> Vec<f64> {
    if factor == 1 {
        return vec![1.0];
    }
    let stop_hz = input_rate_hz / factor as f64 - PASS_BAND_HZ;
    let transition_hz = (stop_hz - PASS_BAND_HZ).max(NARROWEST_TRANSITION_HZ);
    let cutoff = (stop_hz - transition_hz / 2.0) / input_rate_hz;
    // Kaiser's estimates of length and shape from suppression and width.
    let length = (SUPPRESSION_DB - 7.95) / (14.36 * transition_hz / input_rate_hz);
    let half = (length / 2.0).ceil() as i32;
    let beta = 0.1102 * (SUPPRESSION_DB - 8.7);
    let tap = |n: i32| {
        let t = f64::from(n);
        let sinc = if n == 0 {
            2.0 * cutoff
        } else {
            (TAU * cutoff * t).sin() / (PI * t)
        };
        sinc * bessel_i0(beta * (1.0 - (t / f64::from(half)).powi(2)).sqrt()) / bessel_i0(beta)
    };
    let taps: Vec<f64> = (-half..=half).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| tap / sum).collect()
}

/// The modified Bessel function I₀ by its power series Σ ((x/2)ᵏ/k!)².
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..60 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

/// The past of one channel.
#[derive(Clone, Debug)]
pub struct Decimator {
    /// Per phase: what the filter still needs of the past, the current hop, and room for the last tile to read.
    phases: Vec<Vec<f32>>,
}

impl Decimator {
    /// At rest.
    pub fn new(filter: &DecimatorFilter) -> Self {
        let room = filter.output_hop().next_multiple_of(TILE);
        let phase = |taps: &Vec<f32>| vec![0.0; taps.len() - 1 + room];
        Decimator {
            phases: filter.phases.iter().map(phase).collect(),
        }
    }

    /// Takes a hop of input, or a part of one that is a multiple of the factor, and returns how many outputs it has written.
    pub fn process(&mut self, filter: &DecimatorFilter, input: &[f32], output: &mut [f32]) -> usize {
        let count = (input.len() / filter.factor).min(output.len()).min(filter.output_hop());
        for (phase, (taps, buffer)) in filter.phases.iter().zip(&mut self.phases).enumerate() {
            let inputs = input.iter().skip(phase).step_by(filter.factor);
            let slots = buffer.iter_mut().skip(taps.len() - 1).take(count);
            slots.zip(inputs).for_each(|(slot, sample)| *slot = *sample);
        }
        filter
            .arch
            .dispatch(|| convolve(&filter.phases, &self.phases, &mut output[..count]));
        for (taps, buffer) in filter.phases.iter().zip(&mut self.phases) {
            buffer.copy_within(count..count + taps.len() - 1, 0);
        }
        count
    }
}

/// Each output is the sum over all phases of their taps times their latest samples.
#[inline(always)]
fn convolve(taps: &[Vec<f32>], buffers: &[Vec<f32>], output: &mut [f32]) {
    for (tile, outputs) in output.chunks_mut(TILE).enumerate() {
        let mut sums = [0.0f32; TILE];
        for (taps, buffer) in taps.iter().zip(buffers) {
            for (tap, samples) in taps.iter().zip(buffer[tile * TILE..].array_windows::<TILE>()) {
                for (sum, sample) in sums.iter_mut().zip(samples) {
                    *sum += tap * sample;
                }
            }
        }
        outputs.copy_from_slice(&sums[..outputs.len()]);
    }
}

#[cfg(test)]
#[path = "decimator_tests.rs"]
mod tests;
