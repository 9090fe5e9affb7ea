//! Gaussian noise of any spectrum, and levels that wander.

use core::f64::consts::TAU;

use realfft::{RealFftPlanner, num_complex::Complex};

use super::random::Random;

/// Length of one overlapping piece, frames.
const PIECE: usize = 2048;

/// Noise whose amplitude at each frequency (Hz) is `shape`. Pieces with random spectra overlap by half under a window
/// whose squares add up to one, so that the power is the same everywhere.
pub fn coloured(random: &mut Random, rate_hz: f64, length: usize, shape: impl Fn(f64) -> f64) -> Vec<f32> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_inverse(PIECE);
    let (mut spectrum, mut piece, mut scratch) = (fft.make_input_vec(), fft.make_output_vec(), fft.make_scratch_vec());
    let gains: Vec<f64> = (0..spectrum.len())
        .map(|bin| {
            if bin == 0 {
                0.0
            } else {
                shape(bin as f64 * rate_hz / PIECE as f64)
            }
        })
        .collect();
    let window: Vec<f32> = (0..PIECE)
        .map(|n| (TAU * 0.5 * (n as f64 + 0.5) / PIECE as f64).sin() as f32)
        .collect();
    let mut samples = vec![0.0; length];
    let mut begin = 0;
    while begin < length {
        for (bin, gain) in spectrum.iter_mut().zip(&gains) {
            let (re, im) = random.normal_pair();
            *bin = Complex::new((re * gain) as f32, (im * gain) as f32);
        }
        spectrum[PIECE / 2] = Complex::ZERO;
        fft.process_with_scratch(&mut spectrum, &mut piece, &mut scratch)
            .expect("the buffers come from the plan");
        // The first half of the first piece has no partner: it starts half a piece early.
        for (n, value) in piece.iter().enumerate() {
            if let Some(slot) = (begin + n).checked_sub(PIECE / 2).and_then(|at| samples.get_mut(at)) {
                *slot += value * window[n];
            }
        }
        begin += PIECE / 2;
    }
    samples
}

/// Amplitude of a spectrum that falls by so many dB per octave between two frequencies.
pub fn slope(db_per_octave: f64, low_hz: f64, high_hz: f64) -> impl Fn(f64) -> f64 {
    move |frequency: f64| {
        if (low_hz..high_hz).contains(&frequency) {
            10f64.powf(db_per_octave * (frequency / 1000.0).log2() / 20.0)
        } else {
            0.0
        }
    }
}

/// A level that wanders smoothly within ±`range_db`, with a new goal every `every_s` seconds; as amplitude per frame.
pub fn wander(random: &mut Random, rate_hz: f64, length: usize, range_db: f64, every_s: f64) -> Vec<f32> {
    let span = (rate_hz * every_s) as usize;
    let goals: Vec<f64> = (0..length / span + 2).map(|_| random.between(-range_db, range_db)).collect();
    (0..length)
        .map(|n| {
            let (goal, part) = (n / span, (n % span) as f64 / span as f64);
            let blend = 0.5 - 0.5 * (TAU * 0.5 * part).cos();
            10f64.powf((goals[goal] + (goals[goal + 1] - goals[goal]) * blend) / 20.0) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_the_same_everywhere_and_the_slope_is_kept() {
        let noise = coloured(&mut Random::new(1), 16_000.0, 160_000, slope(-5.0, 100.0, 7000.0));
        let power = |range: core::ops::Range<usize>| {
            let count = range.len() as f32;
            noise[range].iter().map(|x| x * x).sum::<f32>() / count
        };
        let (first, last) = (power(0..40_000), power(120_000..160_000));
        assert!((first / last).log10().abs() < 0.05);
        // Goertzel-like comparison of two octaves around 500 Hz and 2 kHz: −5 dB per octave of density.
        let band = |frequency: f64| -> f64 {
            (0..600)
                .map(|k| {
                    let f = frequency + f64::from(k % 20);
                    let begin = (k as usize / 20) * 4000;
                    let (re, im) = noise[begin..begin + 4000]
                        .iter()
                        .enumerate()
                        .fold((0.0, 0.0), |(re, im), (n, x)| {
                            let (sin, cos) = (TAU * f * n as f64 / 16_000.0).sin_cos();
                            (re + f64::from(*x) * cos, im + f64::from(*x) * sin)
                        });
                    re * re + im * im
                })
                .sum()
        };
        let difference = 10.0 * (band(500.0) / band(2000.0)).log10();
        assert!((difference - 10.0).abs() < 1.0, "{difference}");
    }
}
