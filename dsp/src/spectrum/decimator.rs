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

/// Numbers that are computed together: eight registers of eight, which leaves enough for taps and samples.
const TILE: usize = 64;

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

/// The past of some channels that go in step, and the hop that is being filled.
#[derive(Clone, Debug)]
pub struct Decimator<const CHANNELS: usize> {
    /// Per phase: what the filter still needs of the past, the current hop, and room for the last tile to read.
    phases: Vec<Vec<[f32; CHANNELS]>>,
}

impl<const CHANNELS: usize> Decimator<CHANNELS> {
    /// At rest.
    pub fn new(filter: &DecimatorFilter) -> Self {
        let room = (filter.output_hop() * CHANNELS).next_multiple_of(TILE).div_ceil(CHANNELS);
        let phase = |taps: &Vec<f32>| vec![[0.0; CHANNELS]; taps.len() - 1 + room];
        Decimator {
            phases: filter.phases.iter().map(phase).collect(),
        }
    }

    /// Takes a part of a hop, from frame `at` of the hop on. Frames beyond the hop are passed over.
    pub fn take(&mut self, filter: &DecimatorFilter, at: usize, input: &[[f32; CHANNELS]]) {
        let input = &input[..input.len().min(filter.hop_frames.saturating_sub(at))];
        for (offset, (taps, buffer)) in filter.phases.iter().zip(&mut self.phases).enumerate() {
            // The first frame of the part that belongs to this phase.
            let first = (offset + filter.factor - at % filter.factor) % filter.factor;
            let slots = buffer.iter_mut().skip(taps.len() - 1 + (at + first) / filter.factor);
            let inputs = input.iter().skip(first).step_by(filter.factor);
            slots.zip(inputs).for_each(|(slot, frame)| *slot = *frame);
        }
    }

    /// Ends a hop that has been taken: its outputs, as many as there are slots, at most a hop.
    pub fn end_hop(&mut self, filter: &DecimatorFilter, output: &mut [[f32; CHANNELS]]) {
        let count = output.len().min(filter.output_hop());
        filter.arch.dispatch(Convolve {
            taps: &filter.phases,
            buffers: &self.phases,
            output: &mut output[..count],
        });
        for (taps, buffer) in filter.phases.iter().zip(&mut self.phases) {
            buffer.copy_within(count..count + taps.len() - 1, 0);
        }
    }
}

/// Each output is the sum over all phases of their taps times their latest frames.
struct Convolve<'a, const CHANNELS: usize> {
    taps: &'a [Vec<f32>],
    buffers: &'a [Vec<[f32; CHANNELS]>],
    output: &'a mut [[f32; CHANNELS]],
}

impl<const CHANNELS: usize> pulp::WithSimd for Convolve<'_, CHANNELS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        // Channels lie side by side, so that a frame later is `CHANNELS` numbers later and the sums need not know of channels.
        for (tile, outputs) in self.output.as_flattened_mut().chunks_mut(TILE).enumerate() {
            let mut sums = [0.0f32; TILE];
            for (taps, buffer) in self.taps.iter().zip(self.buffers) {
                let mut later = &buffer.as_flattened()[tile * TILE..];
                for tap in taps {
                    let Some(samples) = later.first_chunk::<TILE>() else { break };
                    for index in 0..TILE {
                        sums[index] += tap * samples[index];
                    }
                    later = later.get(CHANNELS..).unwrap_or_default();
                }
            }
            outputs.copy_from_slice(&sums[..outputs.len()]);
        }
    }
}

#[cfg(test)]
#[path = "decimator_tests.rs"]
mod tests;
