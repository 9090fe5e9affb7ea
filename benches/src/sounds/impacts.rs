//! Sounds of short strikes: keyboards, dishes, steps and doors.

use super::{
    random::Random,
    strike::{Partial, burst, ring},
};

/// Typing: words of 2-9 keys at 4-8 keys per second, with pauses to think. Every key clicks going down and, softer, up.
pub fn keyboard(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0; length];
    let case: Vec<Partial> = (0..5)
        .map(|_| Partial {
            hz: random.between_octaves(350.0, 6000.0),
            amplitude: random.between(0.05, 0.25),
            decay_s: random.between(0.003, 0.012),
        })
        .collect();
    let keys_hz = random.between(4.0, 8.0);
    let mut at_s = random.between(0.0, 1.0);
    while at_s * rate_hz < length as f64 {
        for _ in 0..2 + random.index(8) {
            let force = random.between(0.4, 1.0);
            strike_key(&mut samples, rate_hz, at_s, force, &case, random);
            strike_key(
                &mut samples,
                rate_hz,
                at_s + random.between(0.06, 0.11),
                0.35 * force,
                &case,
                random,
            );
            at_s += random.between(0.6, 1.4) / keys_hz;
        }
        at_s += if random.uniform() < 0.25 {
            random.between(0.6, 2.5)
        } else {
            random.between(0.1, 0.4)
        };
    }
    samples
}

fn strike_key(samples: &mut [f32], rate_hz: f64, at_s: f64, force: f64, case: &[Partial], random: &mut Random) {
    let at = (at_s * rate_hz) as usize;
    let partials: Vec<Partial> = case
        .iter()
        .map(|partial| Partial {
            hz: partial.hz * random.between(0.95, 1.05),
            amplitude: partial.amplitude * force,
            ..*partial
        })
        .collect();
    ring(samples, rate_hz, at, &partials, random);
    burst(
        samples,
        rate_hz,
        at,
        force,
        random.between(0.002, 0.006),
        (400.0, 7000.0),
        random,
    );
    // The bottom of the key hits the desk.
    let thud = Partial {
        hz: random.between(140.0, 260.0),
        amplitude: 0.3 * force,
        decay_s: 0.012,
    };
    ring(samples, rate_hz, at, &[thud], random);
}

/// Dishes: clinks of china and cutlery, alone and in clatters.
pub fn dishes(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0; length];
    let mut at_s = random.between(0.0, 1.0);
    while at_s * rate_hz < length as f64 {
        for _ in 0..1 + random.index(5) {
            let force = random.between_octaves(0.2, 1.0);
            let first_hz = random.between_octaves(1500.0, 4000.0);
            let partials: Vec<Partial> = (0..4 + random.index(4))
                .map(|number| Partial {
                    hz: (first_hz * (1.0 + number as f64 * random.between(0.35, 0.75))).min(0.47 * rate_hz),
                    amplitude: force * random.between(0.2, 1.0) / (1.0 + number as f64 * 0.4),
                    decay_s: random.between_octaves(0.015, 0.15),
                })
                .collect();
            let at = (at_s * rate_hz) as usize;
            ring(&mut samples, rate_hz, at, &partials, random);
            burst(&mut samples, rate_hz, at, 0.8 * force, 0.003, (800.0, 7000.0), random);
            at_s += random.between_octaves(0.05, 0.4);
        }
        at_s += random.waiting_s(0.8);
    }
    samples
}

/// Somebody walks by, and now and then a door falls shut.
pub fn steps(random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
    let mut samples = vec![0.0; length];
    let mut at_s = random.between(0.0, 2.0);
    while at_s * rate_hz < length as f64 {
        let pace_s = random.between(0.48, 0.6);
        let count = 6 + random.index(12);
        for step in 0..count {
            // Comes nearer and goes away.
            let near = (core::f64::consts::PI * (step as f64 + 0.5) / count as f64).sin();
            let at = (at_s * rate_hz) as usize;
            let heel = Partial {
                hz: random.between(90.0, 180.0),
                amplitude: 0.6 * near,
                decay_s: 0.025,
            };
            let floor = Partial {
                hz: random.between(300.0, 700.0),
                amplitude: 0.3 * near,
                decay_s: 0.012,
            };
            ring(&mut samples, rate_hz, at, &[heel, floor], random);
            burst(&mut samples, rate_hz, at, 0.5 * near, 0.01, (200.0, 4000.0), random);
            at_s += pace_s * random.between(0.96, 1.04);
        }
        if random.uniform() < 0.4 {
            let at = (at_s * rate_hz) as usize;
            let panel: Vec<Partial> = [70.0, 115.0, 190.0, 340.0]
                .map(|hz| Partial {
                    hz: hz * random.between(0.9, 1.1),
                    amplitude: 1.2,
                    decay_s: 0.06,
                })
                .to_vec();
            ring(&mut samples, rate_hz, at, &panel, random);
            burst(&mut samples, rate_hz, at, 2.0, 0.03, (100.0, 2500.0), random);
        }
        at_s += random.between(1.0, 5.0);
    }
    samples
}
