//! Sounds of water: a stream and rain.

use core::f64::consts::TAU;

use super::{
    noise::{coloured, slope},
    random::Random,
    strike::burst,
};

/// A brook: bubbles that ring at their own frequency, which rises as they come up (M. Minnaert, 1933; K. van den Doel, ACM
/// Trans. Applied Perception 2, 2005), on a soft rush.
pub fn stream(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0f32; length];
    let bubbles_hz = random.between(60.0, 200.0);
    let mut at_s = 0.0;
    while at_s * rate_hz < length as f64 {
        // Many small bubbles and few large ones.
        let hz = random.between_octaves(350.0, 4500.0);
        let strength = random.uniform().powi(3) * (1000.0 / hz).powf(0.6);
        // Damping of a bubble: 0.13 f + 0.0072 f^1.5 per second (van den Doel).
        let damping = 0.13 * hz + 0.0072 * hz.powf(1.5);
        let rise = random.between(0.0, 0.1) * damping;
        let mut turns = 0.0f64;
        for (n, slot) in samples
            .iter_mut()
            .skip((at_s * rate_hz) as usize)
            .take((6.0 / damping * rate_hz) as usize)
            .enumerate()
        {
            let t = n as f64 / rate_hz;
            turns = (turns + (hz * (1.0 + rise * t)).min(0.48 * rate_hz) / rate_hz).fract();
            *slot += (strength * (-damping * t).exp() * (TAU * turns).sin()) as f32;
        }
        at_s += random.waiting_s(bubbles_hz);
    }
    add_rush(samples, random, rate_hz, 0.35)
}

/// Rain: drops at random on something hard, on a steady rush.
pub fn rain(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0f32; length];
    let drops_hz = random.between(80.0, 400.0);
    let mut at_s = 0.0;
    while at_s * rate_hz < length as f64 {
        let strength = random.uniform().powi(4);
        let at = (at_s * rate_hz) as usize;
        let decay_s = random.between(0.001, 0.005);
        let low_hz = random.between_octaves(300.0, 2000.0);
        burst(&mut samples, rate_hz, at, strength, decay_s, (low_hz, 7000.0), random);
        at_s += random.waiting_s(drops_hz);
    }
    add_rush(samples, random, rate_hz, 0.7)
}

/// Adds noise of the given share of the RMS of what is there.
fn add_rush(mut samples: Vec<f32>, random: &mut Random, rate_hz: f64, share: f32) -> Vec<f32> {
    let rms = |samples: &[f32]| (samples.iter().map(|x| x * x).sum::<f32>() / samples.len().max(1) as f32).sqrt();
    let rush = coloured(random, rate_hz, samples.len(), slope(-4.0, 150.0, 0.48 * rate_hz));
    let gain = share * rms(&samples) / rms(&rush);
    samples
        .iter_mut()
        .zip(rush)
        .for_each(|(sample, noise)| *sample += gain * noise);
    samples
}
