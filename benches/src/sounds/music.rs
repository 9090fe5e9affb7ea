//! Instrumental music: chords, a melody and a beat.

use core::f64::consts::TAU;

use super::{
    random::Random,
    strike::{Partial, burst, ring},
};

/// I-vi-IV-V as semitones above the tonic.
const CHORDS: [[i32; 3]; 4] = [[0, 4, 7], [9, 12, 16], [5, 9, 12], [7, 11, 14]];

/// The major scale.
const SCALE: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];

/// A piece at 80-125 beats per minute: one chord a bar, a melody of eighths and quarters, bass, and drums.
pub fn music(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0; length];
    let beat_s = 60.0 / random.between(80.0, 125.0);
    let tonic_hz = random.between(196.0, 294.0);
    let brightness = random.between(0.4, 0.8);
    let hz = |semitones: i32| tonic_hz * 2f64.powf(f64::from(semitones) / 12.0);
    let mut degree: i32 = 4;
    let mut beat = 0usize;
    while beat as f64 * beat_s * rate_hz < length as f64 {
        let at_s = beat as f64 * beat_s;
        let chord = CHORDS[beat / 4 % 4];
        if beat.is_multiple_of(4) {
            for semitones in chord {
                tone(
                    &mut samples,
                    rate_hz,
                    at_s,
                    4.0 * beat_s,
                    hz(semitones - 12),
                    0.12,
                    brightness,
                    0.0,
                );
            }
        }
        if beat.is_multiple_of(2) {
            tone(&mut samples, rate_hz, at_s, 1.8 * beat_s, hz(chord[0] - 24), 0.3, 0.4, 0.0);
        }
        let notes = 1 + random.index(2);
        for note in 0..notes {
            degree = (degree + random.index(5) as i32 - 2).clamp(0, 13);
            let semitones = SCALE[degree as usize % 7] + 12 * (degree / 7);
            let span_s = beat_s / notes as f64;
            if random.uniform() < 0.85 {
                let start_s = at_s + span_s * note as f64;
                tone(
                    &mut samples,
                    rate_hz,
                    start_s,
                    0.95 * span_s,
                    hz(semitones),
                    0.25,
                    brightness,
                    0.004,
                );
            }
        }
        let at = (at_s * rate_hz) as usize;
        if beat.is_multiple_of(2) {
            ring(
                &mut samples,
                rate_hz,
                at,
                &[Partial {
                    hz: 60.0,
                    amplitude: 0.6,
                    decay_s: 0.08,
                }],
                random,
            );
        } else {
            burst(&mut samples, rate_hz, at, 0.35, 0.05, (200.0, 5000.0), random);
        }
        for half in 0..2 {
            let at = ((at_s + 0.5 * beat_s * f64::from(half)) * rate_hz) as usize;
            burst(&mut samples, rate_hz, at, 0.15, 0.015, (4000.0, 7900.0), random);
        }
        beat += 1;
    }
    samples
}

/// One note of a plucked or blown instrument: harmonics that fall by `brightness` each, decaying over the note.
#[expect(
    clippy::too_many_arguments,
    reason = "a note has this many properties, and only this file plays any"
)]
fn tone(samples: &mut [f32], rate_hz: f64, at_s: f64, span_s: f64, hz: f64, amplitude: f64, brightness: f64, vibrato: f64) {
    let length = (span_s * rate_hz) as usize;
    let mut turns = 0.0f64;
    for (n, slot) in samples.iter_mut().skip((at_s * rate_hz) as usize).take(length).enumerate() {
        let t = n as f64 / rate_hz;
        turns = (turns + hz * (1.0 + vibrato * (TAU * 5.5 * t).sin()) / rate_hz).fract();
        let envelope = (t / 0.012).min(1.0) * ((span_s - t) / 0.03).min(1.0) * (-1.5 * t / span_s).exp();
        let mut strength = amplitude;
        let mut sum = 0.0;
        for harmonic in 1..=8 {
            if hz * f64::from(harmonic) > 0.46 * rate_hz {
                break;
            }
            sum += strength * (TAU * turns * f64::from(harmonic)).sin();
            strength *= brightness;
        }
        *slot += (sum * envelope) as f32;
    }
}
