//! What is reported of levels and periods.

use std::f64::consts::TAU;

use habitat_dsp::{Engine, EngineSetup, Report};

use crate::{
    site::{RATE, Run, ZONES, parameters, setup},
    sounds::noise,
};

#[test]
fn a_tone_at_the_sensitivity_reads_94_db_and_the_a_weighting() {
    let amplitude = 10f64.powf(-26.0 / 20.0);
    let mut run = Run::new(&setup());
    run.go(3.0, 1024, |frame, channel| {
        if channel == 1 {
            (amplitude * (TAU * 440.0 * frame as f64 / f64::from(RATE)).sin()) as f32
        } else {
            0.0
        }
    });
    let last = run.zones().into_iter().rfind(|zone| zone.zone == 1).unwrap();
    // IEC 61672-1:2013, Annex E at 440 Hz.
    let f2 = 440f64.powi(2);
    let a = 20.0
        * (12194.217f64.powi(2) * f2 * f2
            / ((f2 + 20.598997f64.powi(2))
                * ((f2 + 107.65265f64.powi(2)) * (f2 + 737.86223f64.powi(2))).sqrt()
                * (f2 + 12194.217f64.powi(2))))
        .log10()
        + 2.0;
    let expected = 94.0 + a;
    assert!((expected - 89.8).abs() < 0.15, "{expected}");
    for level in [last.laeq_db, last.lafmax_db] {
        assert!(
            (f64::from(level.unwrap()) - expected).abs() < 0.2,
            "{level:?} instead of {expected}"
        );
    }
    assert_eq!(last.speech_ratio, 0.0, "a tone is not speech");
}

#[test]
fn a_period_is_exactly_one_second_whatever_the_block() {
    for rate in [44_100, 48_000, 96_000] {
        let mut engine = Engine::new(
            &EngineSetup {
                sample_rate_hz: rate,
                ..setup()
            },
            &parameters(),
        )
        .unwrap();
        let mut reports = Vec::new();
        let input = vec![0.0; 1000 * ZONES];
        for _ in 0..(rate * 5).div_ceil(1000) {
            engine.process(1000, Some(&input), None, &mut reports);
        }
        engine.finish(&mut reports);
        let ends: Vec<u64> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Zone(zone) if zone.zone == 0 => Some(zone.end_frame),
                _ => None,
            })
            .collect();
        assert_eq!(ends, (1..=5).map(|second| second * u64::from(rate)).collect::<Vec<_>>());
    }
}

#[test]
fn every_sampling_rate_is_measured() {
    for rate in [8_000, 11_050, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000] {
        let site = EngineSetup {
            sample_rate_hz: rate,
            ..setup()
        };
        let mut engine = Engine::new(&site, &parameters()).unwrap();
        let mut reports = Vec::new();
        let frames = rate as usize / 10;
        let mut output = vec![0.0; frames * ZONES];
        for block in 0..25 {
            let input: Vec<f32> = (0..frames * ZONES)
                .map(|n| 0.01 * noise(block * frames + n / ZONES, n % ZONES))
                .collect();
            engine.process(frames, Some(&input), Some(&mut output), &mut reports);
        }
        engine.finish(&mut reports);
        let levels: Vec<f32> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Zone(zone) => zone.laeq_db,
                _ => None,
            })
            .collect();
        assert_eq!(levels.len(), 2 * ZONES, "{rate} Hz");
        assert!(
            levels.iter().all(|level| (60.0..100.0).contains(level)),
            "{rate} Hz: {levels:?}"
        );
    }
}
