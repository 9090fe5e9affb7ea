//! The meter against the standard's tables.

use core::f64::consts::TAU;

use super::*;
use crate::units::{db_to_amplitude, power_to_db};

const RATES: [f64; 3] = [44_100.0, 48_000.0, 96_000.0];

/// The same tone in all lanes, lane by lane 1 dB softer.
fn tone(rate: f64, frequency: f64, level_db: f64, seconds: f64, total_s: f64) -> Vec<[f32; LANES]> {
    (0..(rate * total_s) as usize)
        .map(|n| {
            let t = n as f64 / rate;
            let x = if t < seconds { (TAU * frequency * t).sin() } else { 0.0 };
            core::array::from_fn(|lane| (x * 2f64.sqrt() * db_to_amplitude(level_db - lane as f64)) as f32)
        })
        .collect()
}

#[test]
fn the_level_is_linear_over_100_db() {
    for rate in RATES {
        let mut meter = LevelMeter::new(rate);
        for level_db in (20..=120).step_by(10) {
            let frames = tone(rate, 1000.0, f64::from(level_db), 3.0, 3.0);
            let (settle, measured) = frames.split_at(2 * rate as usize);
            meter.process(settle);
            meter.end_period();
            meter.process(measured);
            let period = meter.end_period();
            assert_eq!(period.frames, rate as u32);
            for lane in 0..LANES {
                let wanted = f64::from(level_db) - lane as f64;
                let mean = power_to_db(period.mean_power()[lane]) - wanted;
                let highest = power_to_db(period.highest[lane]) - wanted;
                let now = power_to_db(meter.fast_power()[lane]) - wanted;
                // F ripples with twice the tone's frequency, by 0.01 dB at 1 kHz.
                assert!(mean.abs() < 0.01, "{wanted} dB at {rate} Hz: {mean:+.3}");
                assert!(highest.abs() < 0.1 && now.abs() < 0.1, "{wanted} dB: {highest:+.3} {now:+.3}");
            }
        }
    }
}

#[test]
fn tone_bursts_read_as_table_4_says() {
    // IEC 61672-1:2013, Table 4, 4 kHz: ms, LAFmax − LA, LAE − LA, class 1 limits above and below.
    const TABLE_4: [(f64, f64, f64, f64, f64); 12] = [
        (1000.0, 0.0, 0.0, 0.5, 0.5),
        (500.0, -0.1, -3.0, 0.5, 0.5),
        (200.0, -1.0, -7.0, 0.5, 0.5),
        (100.0, -2.6, -10.0, 1.0, 1.0),
        (50.0, -4.8, -13.0, 1.0, 1.0),
        (20.0, -8.3, -17.0, 1.0, 1.0),
        (10.0, -11.1, -20.0, 1.0, 1.0),
        (5.0, -14.1, -23.0, 1.0, 1.0),
        (2.0, -18.0, -27.0, 1.0, 1.5),
        (1.0, -21.0, -30.0, 1.0, 2.0),
        (0.5, -24.0, -33.0, 1.0, 2.5),
        (0.25, -27.0, -36.0, 1.0, 3.0),
    ];
    for rate in RATES {
        let mut steady = LevelMeter::new(rate);
        steady.process(&tone(rate, 4000.0, 80.0, 2.0, 2.0));
        let reference = steady.end_period().mean_power();
        for (ms, fast_max, exposure, above, below) in TABLE_4 {
            let mut meter = LevelMeter::new(rate);
            meter.process(&tone(rate, 4000.0, 80.0, ms / 1000.0, 2.0));
            let period = meter.end_period();
            for (lane, reference) in reference.into_iter().enumerate() {
                let highest = power_to_db(period.highest[lane] / reference) - fast_max;
                let total = power_to_db(period.energy[lane] / rate / reference) - exposure;
                for (what, error) in [("LAFmax", highest), ("LAE", total)] {
                    assert!(
                        error <= above && error >= -below,
                        "{what}, {ms} ms at {rate} Hz: {error:+.2} dB"
                    );
                }
            }
        }
    }
}

#[test]
fn a_lane_does_not_care_about_the_others_nor_about_the_size_of_blocks() {
    let noise = |n: usize| ((n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 1e5 - 80.0;
    let alone: Vec<[f32; LANES]> = (0..20_000).map(|n| [0.0, noise(n), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).collect();
    let crowded: Vec<[f32; LANES]> = (0..20_000)
        .map(|n| [f32::NAN, noise(n), f32::INFINITY, 1e30, -1e30, f32::NEG_INFINITY, 0.0, 1.0])
        .collect();
    let (mut a, mut b) = (LevelMeter::new(48_000.0), LevelMeter::new(48_000.0));
    a.process(&alone);
    crowded.chunks(77).for_each(|block| b.process(block));
    assert_eq!(a.fast_power()[1], b.fast_power()[1]);
    let (a, b) = (a.end_period(), b.end_period());
    assert_eq!((a.energy[1], a.highest[1], a.frames), (b.energy[1], b.highest[1], b.frames));
}

#[test]
fn a_lane_recovers_from_what_is_not_a_number_with_the_next_period() {
    let mut meter = LevelMeter::new(48_000.0);
    meter.process(&[[f32::NAN, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]; 10]);
    assert!(meter.end_period().energy[0].is_nan());
    meter.process(&tone(48_000.0, 1000.0, 60.0, 2.0, 2.0));
    let level_db = power_to_db(meter.end_period().mean_power()[0]);
    assert!((level_db - 60.0).abs() < 0.01, "{level_db}");
}

#[test]
fn a_meter_settles_within_a_second_and_nothing_becomes_denormal_in_silence() {
    let mut meter = LevelMeter::new(48_000.0);
    meter.process(&tone(48_000.0, 1000.0, 60.0, 0.99, 0.99));
    assert!(!meter.settled());
    meter.process(&[[0.0; LANES]; 48_000 / 100]);
    assert!(meter.settled());
    for _ in 0..30 {
        meter.process(&[[0.0; LANES]; 48_000]);
        let values = meter.state.sections.iter().flatten().chain([&meter.state.fast]);
        assert!(values.flat_map(|value| value.0).all(f64::is_normal));
    }
}
