//! What the loudspeakers play.

use habitat_dsp::{Parameters, Report};

use crate::site::{RATE, Run, ZONES, parameters, setup};

#[test]
fn the_masking_is_played_at_the_level_that_is_reported() {
    let mut run = Run::new(&setup());
    run.go(11.0, 960, |_, _| 0.0);
    let begin = run.output.len();
    run.go(20.0, 960, |_, _| 0.0);
    // Free-field power at 1 m of each loudspeaker, from its samples: 94 dB SPL at 0 dBFS (mean square 0.5).
    let powers: Vec<f64> = (0..ZONES)
        .map(|channel| {
            let mut weighting =
                habitat_dsp::level::WeightingFilter::new(habitat_dsp::level::FrequencyWeighting::A, f64::from(RATE));
            let samples = run.output[begin + channel..].iter().step_by(ZONES);
            let sum: f64 = samples.map(|x| weighting.process(f64::from(*x)).powi(2)).sum();
            sum / (20.0 * f64::from(RATE)) / 0.5 * 10f64.powf(9.4)
        })
        .collect();
    let zones = run.zones();
    for zone in 0..ZONES {
        let at_listeners: f64 = (0..ZONES)
            .map(|source| powers[source] * if source == zone { 0.4 } else { 0.06 })
            .sum();
        let during = zones
            .iter()
            .filter(|z| z.zone == zone as u32 && z.end_frame > 11 * u64::from(RATE));
        let reported: Vec<f64> = during.map(|z| 10f64.powf(f64::from(z.masking_db) / 10.0)).collect();
        let mean = reported.iter().sum::<f64>() / reported.len() as f64;
        let error = 10.0 * (at_listeners / mean).log10();
        assert!(error.abs() < 0.2, "zone {zone}: {error:+.2} dB");
    }
}

#[test]
fn a_mute_is_silent_at_once_and_a_fade_out_takes_a_fifth_of_a_second() {
    let mut run = Run::new(&setup());
    let silence = |_, _| 0.0;
    run.go(12.0, 960, silence);
    run.engine.set_parameters(&Parameters {
        muted: true,
        ..parameters()
    });
    let begin = run.output.len();
    run.go(1.0, 960, silence);
    let after_40_ms = begin + RATE as usize * 40 / 1000 * ZONES;
    assert!(run.output[after_40_ms..].iter().all(|sample| *sample == 0.0));
    run.engine.set_parameters(&parameters());
    run.go(12.0, 960, silence);
    run.engine.set_parameters(&Parameters {
        fade_out: true,
        ..parameters()
    });
    let begin = run.output.len();
    run.go(0.3, 960, silence);
    let at = |ms: usize| begin + RATE as usize * ms / 1000 * ZONES;
    assert!(run.output[at(0)..at(150)].iter().any(|sample| *sample != 0.0));
    assert!(run.output[at(260)..].iter().all(|sample| *sample == 0.0));
    assert!(run.reports.contains(&Report::Silent));
}
