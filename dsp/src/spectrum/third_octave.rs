//! Third-octave and octave bands of one second: class 1 of IEC 61260-1:2014 (Table 1) for stationary signals.
//!
//! Bands up to 6.3 kHz come from the decimated signal, one FFT of 1.28 s every second. Its window is flat with tapers whose
//! squares add up to one with those of the next window, so that over time every sample counts once: the energy is exact, also
//! that of a single clap. Bands from 8 kHz on come from the signal at its full rate, 10 ms of every 60 ms, spread
//! evenly: enough for the mean of a noise (0.35 dB standard deviation per second in the band of 8 kHz, less above), but it can
//! miss a click.
//!
//! One microphone costs one long FFT per second; microphones that begin at different phases spread this work over time.

use core::f64::consts::FRAC_PI_2;

use super::{
    DecimatorFilter, PASS_BAND_HZ,
    band_fft::{BandFft, hann},
    bands::{Bands, band_edges_hz},
};

/// Number of octave bands, 31.5 Hz to 16 kHz.
pub const OCTAVE_COUNT: usize = 10;

/// Levels or powers of all octave bands, lowest first.
pub type Octaves<T> = [T; OCTAVE_COUNT];

/// Hops of 20 ms per second.
const HOPS_PER_S: usize = 50;

/// Half a window of the low bands, seconds. 1.28 s resolve the band of 25 Hz (its neighbours' edges are 6 Hz apart) with 6 dB to
/// spare, and make an FFT of small factors: 20480 at 16 kHz, 18816 at 14.7 kHz.
const LOW_HALF_WINDOW_S: f64 = 0.64;

/// A window of the high bands, seconds: narrower relative to the band of 8 kHz than the low window is to that of 25 Hz.
const HIGH_WINDOW_S: f64 = 0.01;

/// The high bands are analysed in every so many hops.
const HIGH_EVERY_HOPS: usize = 3;

/// Third-octave bands that are analysed: one more than reported, for the octave of 16 kHz.
const ANALYSED: usize = 3 * OCTAVE_COUNT;

/// Mean square per band.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BandPowers {
    /// Third octaves, 25 Hz to 16 kHz.
    pub third_octaves: Bands<f32>,
    /// Octaves, 31.5 Hz to 16 kHz; of the last one what lies below half the sampling rate.
    pub octaves: Octaves<f32>,
}

/// FFTs and their tables, shared by all microphones of a sampling rate.
pub struct ThirdOctaveTables {
    low: BandFft,
    high: BandFft,
    /// First band that comes from the signal at its full rate.
    split: usize,
    hop: usize,
}

impl ThirdOctaveTables {
    /// For the given sampling rate and the decimator that makes the decimated signal out of it.
    pub fn new(sample_rate_hz: u32, decimator: &DecimatorFilter) -> Self {
        let rate = f64::from(sample_rate_hz);
        let low_rate = decimator.output_rate_hz();
        let split = (0..ANALYSED)
            .find(|band| band_edges_hz(*band).1 > PASS_BAND_HZ)
            .unwrap_or(ANALYSED);
        let low_window = power_complementary((low_rate * LOW_HALF_WINDOW_S) as usize * 2, low_rate.round() as usize);
        let high_window = hann((rate * HIGH_WINDOW_S / 2.0) as usize * 2);
        ThirdOctaveTables {
            low: BandFft::new(low_rate, low_window, 0..split, |hz| decimator.power_gain(hz)),
            high: BandFft::new(rate, high_window, split..ANALYSED, |_| 1.0),
            split,
            hop: decimator.output_hop(),
        }
    }
}

/// A window whose square and that of the next one, `hop` samples later, add up to one.
///
/// The tapers are those of the Vorbis window, sin(π/2 sin²(πt/2T)): smooth at both ends, which is what keeps a loud band out of
/// its neighbours.
fn power_complementary(length: usize, hop: usize) -> Vec<f32> {
    let taper = length.saturating_sub(hop);
    (0..length)
        .map(|n| {
            let from_end = n.min(length - 1 - n);
            let position = ((from_end as f64 + 0.5) / taper.max(1) as f64).min(1.0);
            (FRAC_PI_2 * (FRAC_PI_2 * position).sin().powi(2)).sin() as f32
        })
        .collect()
}

/// The bands of one microphone.
#[derive(Clone, Debug)]
pub struct ThirdOctaves {
    /// The decimated signal, a ring that holds at least the last window.
    recent: Vec<f32>,
    next: usize,
    filled: usize,
    hop: usize,
    powers: [f64; ANALYSED],
    low_windows: u32,
    high_windows: u32,
}

impl ThirdOctaves {
    /// At rest. Microphones with different phases have their FFT in different hops; any number will do.
    pub fn new(tables: &ThirdOctaveTables, phase: usize) -> Self {
        ThirdOctaves {
            recent: vec![0.0; tables.low.length().next_multiple_of(tables.hop.max(1))],
            next: 0,
            filled: 0,
            hop: phase % HOPS_PER_S,
            powers: [0.0; ANALYSED],
            low_windows: 0,
            high_windows: 0,
        }
    }

    /// Takes a hop of 20 ms, decimated and at its full rate.
    pub fn push_hop(&mut self, tables: &mut ThirdOctaveTables, decimated: &[f32], full_rate: &[f32]) {
        let size = self.recent.len();
        // A part of the ring, whose length is a whole number of hops.
        let Some(slots) = self.recent.get_mut(self.next..self.next + decimated.len()) else {
            return;
        };
        slots.copy_from_slice(decimated);
        self.next = (self.next + decimated.len()) % size;
        self.filled = (self.filled + decimated.len()).min(size);

        let (low_powers, high_powers) = self.powers.split_at_mut(tables.split);
        self.hop += 1;
        if self.hop.is_multiple_of(HIGH_EVERY_HOPS)
            && let Some(window) = full_rate.len().checked_sub(tables.high.length())
        {
            tables.high.add(&full_rate[window..], &[], high_powers);
            self.high_windows += 1;
        }
        if self.hop >= HOPS_PER_S {
            self.hop = 0;
            if self.filled >= tables.low.length() {
                let (newer, older) = self.recent.split_at(self.next);
                let superfluous = size - tables.low.length();
                let from_older = superfluous.min(older.len());
                let (older, newer) = (&older[from_older..], &newer[superfluous - from_older..]);
                tables.low.add(older, newer, low_powers);
                self.low_windows += 1;
            }
        }
    }

    /// Ends a period of at least one second: its mean square per band; `None` until the first window is full, 1.28 s to 2.28 s
    /// after the start.
    ///
    /// The window of the low bands ended within the period, up to one second ago, as the phase says.
    pub fn end_period(&mut self, tables: &ThirdOctaveTables) -> Option<BandPowers> {
        let (low, high) = (self.low_windows, self.high_windows);
        let powers = core::mem::replace(&mut self.powers, [0.0; ANALYSED]);
        (self.low_windows, self.high_windows) = (0, 0);
        if low == 0 || high == 0 {
            return None;
        }
        let windows = |band| f64::from(if band < tables.split { low } else { high });
        let mean: [f64; ANALYSED] = core::array::from_fn(|band| powers[band] / windows(band));
        Some(BandPowers {
            third_octaves: core::array::from_fn(|band| mean[band] as f32),
            octaves: core::array::from_fn(|octave| mean[3 * octave..3 * octave + 3].iter().sum::<f64>() as f32),
        })
    }
}

#[cfg(test)]
#[path = "third_octave_tests.rs"]
mod tests;
