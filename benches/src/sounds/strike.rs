//! One strike on something that rings: decaying partials and a burst of noise. Keyboards, dishes and steps are made of it.

use core::f64::consts::TAU;

use super::random::Random;

/// A partial of a struck thing.
#[derive(Clone, Copy, Debug)]
pub struct Partial {
    /// Frequency.
    pub hz: f64,
    /// Amplitude at the strike.
    pub amplitude: f64,
    /// Time in which the amplitude falls to 1/e.
    pub decay_s: f64,
}

/// Adds the partials, starting at a frame with random phases.
pub fn ring(samples: &mut [f32], rate_hz: f64, at: usize, partials: &[Partial], random: &mut Random) {
    for partial in partials {
        let phase = TAU * random.uniform();
        let length = (partial.decay_s * 7.0 * rate_hz) as usize;
        // A rotating phasor: one multiplication per frame instead of a sine and an exponential.
        let (sin, cos) = (TAU * partial.hz / rate_hz).sin_cos();
        let fall = (-1.0 / (partial.decay_s * rate_hz)).exp();
        let (mut re, mut im) = (partial.amplitude * phase.cos(), partial.amplitude * phase.sin());
        for slot in samples.iter_mut().skip(at).take(length) {
            *slot += im as f32;
            (re, im) = (fall * (re * cos - im * sin), fall * (re * sin + im * cos));
        }
    }
}

/// Adds a burst of noise through a one-pole high pass and low pass, decaying exponentially.
pub fn burst(
    samples: &mut [f32],
    rate_hz: f64,
    at: usize,
    amplitude: f64,
    decay_s: f64,
    band_hz: (f64, f64),
    random: &mut Random,
) {
    let share = |hz: f64| 1.0 - (-TAU * hz / rate_hz).exp();
    let (low_share, high_share) = (share(band_hz.0), share(band_hz.1));
    let (mut low, mut high, mut envelope) = (0.0, 0.0, amplitude);
    let fall = (-1.0 / (decay_s * rate_hz)).exp();
    for slot in samples.iter_mut().skip(at).take((decay_s * 7.0 * rate_hz) as usize) {
        let white = random.between(-1.0, 1.0) * envelope;
        high += high_share * (white - high);
        low += low_share * (high - low);
        *slot += (high - low) as f32;
        envelope *= fall;
    }
}
