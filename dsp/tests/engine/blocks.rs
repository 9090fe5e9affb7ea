//! Blocks of any size, and sites that make no sense.

use habitat_dsp::{Engine, EngineSetup, STI_CURVE_POINTS};

use crate::{
    site::{Run, parameters, setup},
    sounds::{noise, voice},
};

#[test]
fn the_block_size_changes_nothing() {
    let signal = |frame, channel| 0.001 * noise(frame, channel) + if channel == 0 { voice(frame, 0.02) } else { 0.0 };
    let mut reference = Run::new(&setup());
    reference.go(4.0, 960, signal);
    for block in [64, 137, 1024, 5000] {
        let mut other = Run::new(&setup());
        other.go(4.0, block, signal);
        assert_eq!(other.reports, reference.reports, "block {block}");
        let largest = other
            .output
            .iter()
            .zip(&reference.output)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(largest < 1e-6, "block {block}: {largest}");
    }
}

#[test]
fn a_site_that_contradicts_itself_is_refused() {
    let mut wrong = setup();
    wrong.zones[0].neighbours.push(9);
    assert!(Engine::new(&wrong, &parameters()).is_err());
    assert!(
        Engine::new(
            &EngineSetup {
                sample_rate_hz: 44_099,
                ..setup()
            },
            &parameters()
        )
        .is_err()
    );
    assert_eq!(STI_CURVE_POINTS, 61);
}
