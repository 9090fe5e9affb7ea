//! Every fault, every near miss, through the collector and the meter as in the engine.

use core::f64::consts::TAU;

use super::{
    super::{SampleCollector, or_silence},
    *,
};
use crate::{
    MicrophoneFault::*,
    level::{LANES, LevelMeter},
    units::{db_to_amplitude, power_to_db, pressure_per_sample},
};

const RATE: usize = 48_000;
const SENSITIVITY_DBFS: f64 = -26.0;

/// A microphone, its meter and its watch; the other lanes are silent.
#[derive(Default)]
struct Bench {
    collector: SampleCollector,
    meter: Option<LevelMeter>,
    watch: SensorWatch,
    frame: usize,
}

impl Bench {
    /// One second of the signal: what the watch says at its end.
    fn second(&mut self, signal: impl Fn(usize) -> f64) -> Option<MicrophoneFault> {
        self.second_with(Some(false), signal)
    }

    fn second_with(&mut self, wrong_loudspeakers: Option<bool>, signal: impl Fn(usize) -> f64) -> Option<MicrophoneFault> {
        let frames: Vec<[f32; LANES]> = (0..RATE)
            .map(|n| [0.0, signal(self.frame + n) as f32, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
            .collect();
        self.frame += RATE;
        self.collector.take(&frames);
        let scale = pressure_per_sample(SENSITIVITY_DBFS) as f32;
        let pressures: Vec<[f32; LANES]> = frames.iter().map(|f| f.map(|x| or_silence(x) * scale)).collect();
        let meter = self.meter.get_or_insert_with(|| LevelMeter::new(RATE as f64));
        meter.process(&pressures);
        let laeq_db = power_to_db(meter.end_period().mean_power()[1]);
        self.watch.second(&SensorSecond {
            samples: self.collector.end_period()[1],
            laeq_db,
            wrong_loudspeakers,
        })
    }
}

/// Uniform white noise between −1 and 1.
fn white(n: usize) -> f64 {
    let mut x = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (x >> 11) as f64 / 2f64.powi(52) - 1.0
}

/// White noise at a level of about that many dB(A); its A-weighted level is 2.5 dB below the unweighted one.
fn noise(level_db: f64) -> impl Fn(usize) -> f64 + Clone {
    let rms = db_to_amplitude(level_db + 2.5) / pressure_per_sample(SENSITIVITY_DBFS);
    move |n| white(n) * rms * 3f64.sqrt()
}

fn quantised(bits: i32, signal: impl Fn(usize) -> f64) -> impl Fn(usize) -> f64 {
    let steps = 2f64.powi(bits - 1);
    move |n| ((signal(n) * steps).round() / steps).clamp(-1.0, 1.0 - 1.0 / steps)
}

#[track_caller]
fn assert_flagged(fault: MicrophoneFault, signal: impl Fn(usize) -> f64) {
    let mut bench = Bench::default();
    (0..5).for_each(|_| assert_eq!(bench.second(noise(45.0)), None));
    let found: Vec<_> = (0..5).map(|_| bench.second(&signal)).collect();
    assert_eq!(found.last(), Some(&Some(fault)), "{found:?}");
    assert!(found.iter().flatten().all(|found| *found == fault), "{found:?}");
    // Goes after ten good seconds, not before.
    (1..GOOD_S).for_each(|_| assert_eq!(bench.second(noise(45.0)), Some(fault)));
    assert_eq!(bench.second(noise(45.0)), None);
}

#[track_caller]
fn assert_healthy(signal: impl Fn(usize) -> f64) {
    let mut bench = Bench::default();
    (0..20).for_each(|second| assert_eq!(bench.second(&signal), None, "second {second}"));
}

#[test]
fn digital_silence_is_dead_and_a_constant_is_stuck() {
    assert_flagged(Dead, |_| 0.0);
    assert_flagged(Dead, |_| -0.0);
    assert_flagged(Stuck, |_| 0.000_1);
    assert_flagged(Stuck, |_| -1.0);
}

#[test]
fn an_offset_that_no_microphone_has_is_flagged() {
    assert_flagged(Offset, |n| 0.03 + noise(45.0)(n));
    assert_flagged(Offset, |n| -0.03 + noise(45.0)(n));
    assert_healthy(|n| 0.01 + noise(45.0)(n));
}

#[test]
fn clipping_is_flagged_at_the_end_of_the_range_and_before_it() {
    let loud = |n: usize| 1.3 * (TAU * 500.0 * n as f64 / RATE as f64).sin();
    assert_flagged(Clipped, move |n| loud(n).clamp(-1.0, 1.0));
    // An amplifier in front of the converter that ends at 40 % of its range.
    assert_flagged(Clipped, move |n| (0.5 * loud(n)).clamp(-0.4, 0.4));
}

#[test]
fn what_is_not_a_number_is_flagged_at_once() {
    for bad in [f64::NAN, f64::INFINITY, 1000.0] {
        let once = move |n: usize| if n % RATE == 77 { bad } else { noise(45.0)(n) };
        assert_flagged(NotANumber, once);
        assert_eq!(Bench::default().second(once), Some(NotANumber));
    }
}

#[test]
fn levels_that_no_office_has_are_flagged() {
    assert_flagged(TooQuiet, noise(5.0));
    assert_flagged(TooLoud, noise(113.0));
    // The last bit of a converter with nothing connected to it.
    assert_flagged(TooQuiet, quantised(24, |n| 1e-7 * white(n)));
}

#[test]
fn a_quiet_night_is_healthy() {
    assert_healthy(noise(18.0));
    assert_healthy(quantised(24, noise(18.0)));
}

#[test]
fn a_clap_that_clips_is_healthy_and_so_is_applause_for_a_second() {
    // One clap in each second that is 40 samples long at the end of the range.
    assert_healthy(|n| {
        if n % RATE < 40 {
            1.0 - 1e-4 * (n % 2) as f64
        } else {
            noise(60.0)(n)
        }
    });
    let mut bench = Bench::default();
    for second in 0..20 {
        // 300 samples: a clipped second, but only two of them.
        let clapping = second == 7 || second == 8;
        let signal = |n: usize| {
            if clapping && n.is_multiple_of(160) {
                1.0
            } else {
                noise(60.0)(n)
            }
        };
        assert_eq!(bench.second(signal), None);
    }
}

#[test]
fn a_low_tone_from_a_16_bit_converter_has_no_flat_tops() {
    assert_healthy(quantised(16, |n| 0.11 * (TAU * 20.0 * n as f64 / RATE as f64).sin()));
}

#[test]
fn a_second_of_silence_at_the_start_is_healthy() {
    let mut bench = Bench::default();
    assert_eq!(bench.second(|_| 0.0), None);
    (0..20).for_each(|_| assert_eq!(bench.second(noise(45.0)), None));
    let mut bench = Bench::default();
    assert_eq!([0; 2].map(|_| bench.second(|_| 0.0)), [None, None]);
}

#[test]
fn a_loose_contact_does_not_flicker() {
    let mut bench = Bench::default();
    // Silent in two seconds of three.
    let found: Vec<_> = (0..60)
        .map(|s| {
            if s % 3 == 0 {
                bench.second(noise(45.0))
            } else {
                bench.second(|_| 0.0)
            }
        })
        .collect();
    assert!(found[4..].iter().all(|fault| *fault == Some(Dead)), "{found:?}");
}

#[test]
fn another_fault_takes_the_place_of_the_first() {
    let mut bench = Bench::default();
    (0..5).for_each(|_| {
        bench.second(|_| 0.0);
    });
    let found: Vec<_> = (0..4).map(|_| bench.second(|n| 0.1 + noise(45.0)(n))).collect();
    assert_eq!(found, [Some(Dead), Some(Dead), Some(Offset), Some(Offset)]);
}

#[test]
fn swapped_channels_stay_flagged_while_there_is_nothing_to_hear() {
    let mut bench = Bench::default();
    assert_eq!(bench.second_with(Some(true), noise(45.0)), Some(WrongLoudspeakers));
    (0..30).for_each(|_| assert_eq!(bench.second_with(None, noise(45.0)), Some(WrongLoudspeakers)));
    (1..GOOD_S).for_each(|_| assert_eq!(bench.second_with(Some(false), noise(45.0)), Some(WrongLoudspeakers)));
    assert_eq!(bench.second_with(Some(false), noise(45.0)), None);
}

#[test]
fn a_second_without_frames_says_nothing() {
    let mut watch = SensorWatch::default();
    let nothing = SensorSecond {
        samples: SampleStatistics::default(),
        laeq_db: f64::NEG_INFINITY,
        wrong_loudspeakers: None,
    };
    (0..20).for_each(|_| assert_eq!(watch.second(&nothing), None));
    assert_eq!(watch.fault(), None);
}
