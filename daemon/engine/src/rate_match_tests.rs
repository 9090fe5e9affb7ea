use proptest::prelude::*;

use super::*;
use crate::link::target_frames;

const RATE_HZ: f64 = 48_000.0;
const BLOCK: usize = 1024;

/// A device beside an engine that processes a block whenever its own clock says so.
struct Beside {
    matched: RateMatch,
    /// Of the device, re the engine's.
    drift: f64,
    /// Frames that a callback moves, and by how much each is late at most, seconds.
    period: usize,
    jitter_s: f64,
    random: u64,
}

/// What came of some minutes.
struct Outcome {
    /// Mean drift that was learnt over the last hundred seconds, parts per million.
    learnt_ppm: f64,
    /// Least and most frames that waited, after the first.
    least: f64,
    most: f64,
    underruns: usize,
}

impl Beside {
    fn new(whole: Whole, ppm: f64, period: usize, jitter_s: f64) -> Self {
        Beside {
            matched: RateMatch::new(whole, BLOCK, 1, RATE_HZ as u32).unwrap(),
            drift: ppm * 1e-6,
            period,
            jitter_s,
            random: 1,
        }
    }

    fn random(&mut self) -> f64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 40) as f64 / (1u64 << 24) as f64
    }

    /// Goes on for some seconds of the engine's time.
    fn go(mut self, seconds: f64) -> Outcome {
        let device_hz = RATE_HZ * (1.0 + self.drift);
        let (input, mut output) = (vec![0.0; self.matched.most_frames()], vec![0.0; self.matched.most_frames()]);
        let target = target_frames(self.period, BLOCK) as f64;
        let (mut waiting, mut at_s, mut callbacks) = (target, 0.0, 0.0);
        let mut last_callback_s = 0.0;
        let mut next_callback_s = 0.0;
        let mut outcome = Outcome {
            learnt_ppm: 0.0,
            least: f64::INFINITY,
            most: 0.0,
            underruns: 0,
        };
        let mut learnt = 0.0;
        let gives = self.matched.whole == Whole::Output;
        while at_s < seconds {
            at_s += BLOCK as f64 / RATE_HZ;
            while next_callback_s <= at_s {
                let moved = self.period as f64;
                waiting += if gives { moved } else { -moved };
                last_callback_s = next_callback_s;
                callbacks += 1.0;
                next_callback_s = callbacks * moved / device_hz + self.jitter_s * self.random();
            }
            let since = (at_s - last_callback_s).clamp(0.0, 0.2) * RATE_HZ;
            let now = if gives { waiting + since } else { waiting - since };
            self.matched.observe(now - target);
            if gives {
                let needed = self.matched.input_frames();
                self.matched.process(&input[..needed], &mut output[..BLOCK]);
                waiting -= needed as f64;
            } else {
                waiting += self.matched.process(&input[..BLOCK], &mut output) as f64;
            }
            outcome.underruns += usize::from(waiting < 0.0);
            if at_s > 10.0 {
                outcome.least = outcome.least.min(waiting);
                outcome.most = outcome.most.max(waiting);
            }
            if at_s > seconds - 100.0 {
                outcome.learnt_ppm += self.matched.drift_ppm();
                learnt += 1.0;
            }
        }
        outcome.learnt_ppm /= learnt;
        outcome
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_drift_and_jitter_is_followed_without_a_gap(
        ppm in -300.0..300.0f64,
        period in prop::sample::select(vec![64usize, 256, 480, 1024, 2048]),
        jitter_ms in 0.0..10.0f64,
        gives: bool,
    ) {
        let whole = if gives { Whole::Output } else { Whole::Input };
        let outcome = Beside::new(whole, ppm, period, jitter_ms * 1e-3).go(600.0);
        prop_assert_eq!(outcome.underruns, 0);
        prop_assert!((outcome.learnt_ppm - ppm).abs() < 3.0 + jitter_ms, "learnt {} of {}", outcome.learnt_ppm, ppm);
        prop_assert!(outcome.least > 0.0 && outcome.most < (target_frames(period, BLOCK) + period + 2 * BLOCK) as f64, "{} to {}", outcome.least, outcome.most);
    }
}

#[test]
fn nothing_is_changed_where_the_clocks_agree_and_hardly_anything_where_not() {
    let mut random = Beside::new(Whole::Output, 0.0, 1, 0.0);
    for (ppm, exact_share) in [(0.0, 1.0), (300.0, 0.93)] {
        let mut matched = RateMatch::new(Whole::Output, BLOCK, 1, RATE_HZ as u32).unwrap();
        matched.drift = ppm * 1e-6;
        let played: Vec<f32> = (0..300 * BLOCK).map(|_| random.random() as f32 - 0.5).collect();
        let (mut at, mut exact, mut count) = (0, 0, 0);
        let (mut energy_in, mut energy_out) = (0.0, 0.0);
        let mut output = vec![0.0; BLOCK];
        while at + 2 * BLOCK < played.len() {
            matched.observe(0.0);
            let needed = matched.input_frames();
            let input = &played[at..at + needed];
            assert_eq!(matched.process(input, &mut output), BLOCK);
            let power = |samples: &[f32]| samples.iter().map(|x| f64::from(x * x)).sum::<f64>();
            energy_in += power(input);
            energy_out += power(&output);
            let near = |n: usize, sample: &f32| input[n.saturating_sub(2)..(n + 3).min(needed)].contains(sample);
            exact += output.iter().enumerate().filter(|(n, sample)| near(*n, sample)).count();
            count += BLOCK;
            at += needed;
        }
        let share = exact as f64 / count as f64;
        assert!(share >= exact_share, "{ppm} ppm: {share} of the samples are as they were");
        let change_db = 10.0 * (energy_out / energy_in).log10();
        assert!(change_db.abs() < 0.1, "{ppm} ppm: {change_db} dB");
    }
}
