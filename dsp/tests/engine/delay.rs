//! How long our own sound is under way is found by listening, and told.

use habitat_dsp::{Engine, EngineSetup, RemovalSetup, Report};

use crate::{
    site::{ZONES, parameters, setup},
    sounds::noise,
};

const RATE_HZ: usize = 16_000;
const BLOCK: usize = 320;

/// Samples per pressure of 94 dB at −26 dBFS: the microphones of `setup`.
const HEARD_PER_PLAYED: f32 = 0.050_118_72;

/// What the engine tells of it while every microphone hears its own loudspeaker so many frames later, in a room with a ventilation.
fn told(delay: usize, known: Option<u32>) -> Vec<u64> {
    let setup = EngineSetup {
        sample_rate_hz: RATE_HZ as u32,
        remote_zones: Vec::new(),
        removal: RemovalSetup {
            tail_s: 0.2,
            playback_delay_frames: known,
            ..RemovalSetup::default()
        },
        ..setup()
    };
    let mut engine = Engine::new(&setup, &parameters()).unwrap();
    let (mut reports, mut played) = (Vec::new(), Vec::new());
    for block in 0..40 * RATE_HZ / BLOCK {
        let frames = block * BLOCK..(block + 1) * BLOCK;
        let sample = |frame: usize, zone: usize| {
            let arrives = frame.checked_sub(delay).map_or(0.0, |frame| played[frame * ZONES + zone]);
            1e-4 * noise(frame, zone) + HEARD_PER_PLAYED * 0.4f32.sqrt() * arrives
        };
        let input: Vec<f32> = frames
            .flat_map(|frame| (0..ZONES).map(move |zone| (frame, zone)))
            .map(|(f, z)| sample(f, z))
            .collect();
        let mut output = vec![0.0; BLOCK * ZONES];
        engine.process(BLOCK, Some(&input), Some(&mut output), &mut reports);
        played.extend(output);
    }
    let delays = reports.into_iter().filter_map(|report| match report {
        Report::HeardAfter { frames } => Some(frames),
        _ => None,
    });
    delays.collect()
}

#[test]
fn the_way_through_devices_and_room_is_found_to_the_millisecond() {
    for delay in [BLOCK, 2_345, 9_600] {
        let told = told(delay, None);
        assert!(
            matches!(told[..], [frames] if frames.abs_diff(delay as u64) <= RATE_HZ as u64 / 1000),
            "{told:?} frames, and it is {delay}"
        );
    }
}

#[test]
fn what_is_known_beforehand_is_not_told_as_if_it_had_been_found() {
    assert_eq!(told(BLOCK, Some(BLOCK as u32)), [0; 0]);
}
