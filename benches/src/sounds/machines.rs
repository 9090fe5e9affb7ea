//! Sounds of machines: ventilation, exercise machine, vacuum cleaner.

use core::f64::consts::TAU;

use super::{
    noise::{coloured, slope, wander},
    random::Random,
    strike::{Partial, burst, ring},
};

/// Ventilation: noise that falls by 4-7 dB per octave and drifts by ±1.5 dB within half a minute.
pub fn ventilation(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let fall = random.between(-7.0, -4.0);
    let mut samples = coloured(random, rate_hz, length, slope(fall, 50.0, 0.48 * rate_hz));
    let drift = wander(random, rate_hz, length, 1.5, 30.0);
    samples.iter_mut().zip(drift).for_each(|(sample, gain)| *sample *= gain);
    samples
}

/// Ventilation that is switched up by 6 dB within a second at every third of the time, and down again.
pub fn switched_ventilation(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = ventilation(random, rate_hz, length);
    let mut raised = 0.0;
    for (n, sample) in samples.iter_mut().enumerate() {
        let goal = if (3 * n / length) % 2 == 1 { 1.0 } else { 0.0 };
        raised += (goal - raised) / (0.4 * rate_hz);
        *sample *= 10f64.powf(6.0 * raised / 20.0) as f32;
    }
    samples
}

/// A treadmill: steps at 2.2-2.9 Hz, which is the rate of syllables, on a humming motor and a rushing belt.
pub fn exercise_machine(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = coloured(random, rate_hz, length, slope(-6.0, 80.0, 6000.0));
    let hum_hz = random.between(90.0, 130.0);
    let rms = (samples.iter().map(|x| x * x).sum::<f32>() / length as f32).sqrt();
    samples.iter_mut().for_each(|sample| *sample *= 0.04 / rms);
    add_hum(&mut samples, rate_hz, random, 10, 0.02, |_| hum_hz);
    let pace_s = 1.0 / random.between(2.2, 2.9);
    let (left, right) = (random.between(0.8, 1.0), random.between(0.8, 1.0));
    let mut at_s = 0.2;
    let mut step = 0;
    while at_s * rate_hz < length as f64 {
        let force = if step % 2 == 0 { left } else { right } * random.between(0.85, 1.1);
        let at = (at_s * rate_hz) as usize;
        let deck: Vec<Partial> = [
            (65.0, 1.0, 0.05),
            (110.0, 0.7, 0.04),
            (240.0, 0.3, 0.025),
            (420.0, 0.15, 0.02),
        ]
        .map(|(hz, amplitude, decay_s)| Partial {
            hz: hz * random.between(0.95, 1.05),
            amplitude: amplitude * force,
            decay_s,
        })
        .to_vec();
        ring(&mut samples, rate_hz, at, &deck, random);
        burst(&mut samples, rate_hz, at, 0.6 * force, 0.03, (150.0, 1500.0), random);
        at_s += pace_s * random.between(0.97, 1.03);
        step += 1;
    }
    samples
}

/// A vacuum cleaner: broad noise and the harmonics of a motor at 120-300 Hz, whose level and speed follow the strokes.
/// It is off for a few seconds every now and then.
pub fn vacuum_cleaner(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let shape = |f: f64| (f / 700.0) / (1.0 + (f / 700.0).powi(2)) * if f < 0.48 * rate_hz { 1.0 } else { 0.0 };
    let mut samples = coloured(random, rate_hz, length, shape);
    let rms = (samples.iter().map(|x| x * x).sum::<f32>() / length as f32).sqrt();
    samples.iter_mut().for_each(|sample| *sample *= 0.2 / rms);
    let motor_hz = random.between(120.0, 300.0);
    let stroke_hz = random.between(0.3, 0.7);
    add_hum(&mut samples, rate_hz, random, 14, 0.06, |t| {
        motor_hz * (1.0 + 0.015 * (TAU * stroke_hz * t).sin())
    });
    let strokes = wander(random, rate_hz, length, 2.5, 0.5 / stroke_hz);
    let (mut on, mut switch_s, mut gain) = (false, random.between(1.0, 4.0), 0.0);
    for (n, (sample, stroke)) in samples.iter_mut().zip(strokes).enumerate() {
        if n as f64 / rate_hz > switch_s {
            on = !on;
            switch_s += if on {
                random.between(10.0, 25.0)
            } else {
                random.between(2.0, 5.0)
            };
        }
        gain += (if on { 1.0 } else { 0.0 } - gain) / (0.4 * rate_hz as f32);
        *sample *= stroke * gain;
    }
    samples
}

/// Adds harmonics of a fundamental that may move with time (s), with random phases and strengths.
fn add_hum(samples: &mut [f32], rate_hz: f64, random: &mut Random, harmonics: usize, amplitude: f64, hz: impl Fn(f64) -> f64) {
    let parts: Vec<(f64, f64)> = (0..harmonics)
        .map(|k| {
            (
                TAU * random.uniform(),
                amplitude * random.between(0.3, 1.0) / (1.0 + 0.25 * k as f64),
            )
        })
        .collect();
    let mut turns = 0.0f64;
    for (n, sample) in samples.iter_mut().enumerate() {
        turns = (turns + hz(n as f64 / rate_hz) / rate_hz).fract();
        let sum: f64 = parts
            .iter()
            .enumerate()
            .map(|(k, (phase, strength))| strength * (TAU * turns * (k + 1) as f64 + phase).sin())
            .sum();
        *sample += sum as f32;
    }
}
