//! Keeps a device whose clock is not that of the engine in step with it: the only file that names rubato.
//!
//! A clutch ([`rubato::Slip`]) takes a frame out or puts one in now and then, hidden by a short cross-fade; between these every sample
//! passes as it is. How often is what a control loop finds out by how many frames wait: of second order, so that a constant drift
//! leaves no error, and critically damped, so that it does not oscillate. With time constant 1/ω, a drift that begins at once moves the
//! waiting frames by at most drift · rate / (e · ω): 106 frames at 300 parts per million and 48 kHz.

use rubato::{Adjustable, FixedAsync, Resampler, Slip, audioadapter_buffers::direct::InterleavedSlice};

use crate::Wiring;

/// ω of the loop, per second: slow against the jitter of callbacks, which are late by some milliseconds.
const OMEGA_PER_S: f64 = 0.05;

/// Time constant of the mean of the waiting frames, seconds: short against 1/ω.
const AVERAGING_S: f64 = 1.0;

/// Clocks of sound devices differ by no more than this, parts per million; the loop may go a little further to catch up.
const MOST_PPM: f64 = 1000.0;

/// Waiting frames beyond this many blocks from where they should be tell of a stall, not of a clock.
const MOST_BLOCKS: f64 = 2.0;

/// Which side has whole blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// What goes in: a block of the engine on its way to a device.
    Input,
    /// What comes out: a block for the engine from a device.
    Output,
}

/// The match of one device.
pub(crate) struct RateMatch {
    slip: Slip<f32>,
    whole: Whole,
    block: usize,
    channels: usize,
    rate_hz: f64,
    /// Mean of the frames that wait too many; `None` before the first block.
    error: Option<f64>,
    /// Rate of the device re the engine's, less one, as the loop has learnt it.
    drift: f64,
}

impl RateMatch {
    /// For one of several devices whose clocks differ.
    pub(crate) fn between(whole: Whole, wiring: &Wiring, channels: usize) -> Option<Self> {
        let needed = wiring.has_clocks() && channels > 0;
        needed
            .then(|| Self::new(whole, wiring.block_frames, channels, wiring.sample_rate_hz))
            .flatten()
    }

    /// `None` where blocks are too small to hide a slip.
    fn new(whole: Whole, block: usize, channels: usize, rate_hz: u32) -> Option<Self> {
        let fixed = match whole {
            Whole::Input => FixedAsync::Input,
            Whole::Output => FixedAsync::Output,
        };
        let slip = Slip::new(block, channels, fixed).ok()?;
        Some(RateMatch {
            slip,
            whole,
            block,
            channels,
            rate_hz: f64::from(rate_hz),
            error: None,
            drift: 0.0,
        })
    }

    /// Frames that the next block takes.
    pub(crate) fn input_frames(&self) -> usize {
        self.slip.input_frames_next()
    }

    /// Most frames that a block takes or gives.
    pub(crate) fn most_frames(&self) -> usize {
        self.slip.input_frames_max().max(self.slip.output_frames_max())
    }

    /// By how much the device's clock is faster, parts per million.
    pub(crate) fn drift_ppm(&self) -> f64 {
        self.drift * 1e6
    }

    /// The device begins anew: what is known of its clock stays.
    pub(crate) fn restart(&mut self) {
        self.error = None;
    }

    /// Takes how many frames more wait than should, once in every block.
    pub(crate) fn observe(&mut self, too_many: f64) {
        let most = MOST_BLOCKS * self.block as f64;
        let too_many = too_many.clamp(-most, most);
        let block_s = self.block as f64 / self.rate_hz;
        let share = 1.0 - (-block_s / AVERAGING_S).exp();
        let error = self.error.map_or(too_many, |mean| mean + share * (too_many - mean));
        self.error = Some(error);
        // Too many wait of a device that gives when it is faster, of one that takes when it is slower.
        let faster = match self.whole {
            Whole::Output => error,
            Whole::Input => -error,
        };
        let most = MOST_PPM * 1e-6;
        let wanted = self.drift + 2.0 * OMEGA_PER_S * faster / self.rate_hz;
        // Beyond what can be corrected nothing is learnt.
        if wanted.abs() < most {
            self.drift += OMEGA_PER_S * OMEGA_PER_S * faster / self.rate_hz * block_s;
        }
        let wanted = wanted.clamp(-most, most);
        let ratio = match self.whole {
            Whole::Output => 1.0 / (1.0 + wanted),
            Whole::Input => 1.0 + wanted,
        };
        // An error says that the ratio was held within bounds, which it is.
        let _ = self.slip.set_resample_ratio(ratio, false);
    }

    /// From whole frames to whole frames; tells how many came out.
    pub(crate) fn process(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let channels = self.channels;
        let frames = (input.len() / channels, output.len() / channels);
        let (Ok(input), Ok(mut output)) = (
            InterleavedSlice::new(input, channels, frames.0),
            InterleavedSlice::new_mut(output, channels, frames.1),
        ) else {
            return 0;
        };
        self.slip
            .process_into_buffer(&input, &mut output, None)
            .map_or(0, |(_, written)| written)
    }
}

#[cfg(test)]
#[path = "rate_match_tests.rs"]
mod tests;
