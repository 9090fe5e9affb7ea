//! Wrong samples on standard input.

use serde_json::Value;

use crate::{
    pipe::{decoded, encoded},
    room::{RATE_HZ, Room},
    site::{BLOCK, ZONES, event_log, expect, good},
};

const FRAME_BYTES: usize = 4 * ZONES;
const SECONDS: usize = 30;

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn half_a_frame_at_the_end_is_refused_and_everything_before_it_is_processed() {
    let site = good();
    let whole = encoded(&Room::new(ZONES).listen(3 * RATE_HZ + 700));
    let torn = [&whole[..], &[0; 5]].concat();
    let output = expect(0, site.command("run"), &torn);
    assert_eq!(output.stdout.len(), 3 * RATE_HZ / BLOCK * BLOCK * FRAME_BYTES);
    let message = String::from_utf8(output.stderr).unwrap();
    let sentence =
        "the input is not a whole number of frames: 5 bytes were left over and refused; with 2 microphones write 8 bytes";
    assert!(message.contains(sentence), "{message}");
    let events = event_log(&site);
    let measurements = types(&events)
        .into_iter()
        .filter(|kind| *kind == "habitat.zone.measurement.v1")
        .count();
    assert_eq!(measurements, 3 * ZONES);
    assert_eq!(events.last().unwrap()["data"]["state"], "stopped");

    // The same as if the torn frame had not been there.
    let clean = good();
    let output_of_whole = expect(0, clean.command("run"), &whole);
    assert!(output.stdout == output_of_whole.stdout);
    assert_eq!(events, event_log(&clean));
}

#[test]
fn an_empty_stream_is_a_stream_that_has_ended() {
    let site = good();
    let output = expect(0, site.command("run"), b"");
    assert!(output.stdout.is_empty());
    let once = ["habitat.controller.v1", "habitat.layout.v1", "habitat.controller.v1"];
    assert_eq!(types(&event_log(&site)), once);
    // The layout is told once.
    expect(0, site.command("run"), b"");
    assert_eq!(types(&event_log(&site))[3..], ["habitat.controller.v1"; 2]);
}

#[test]
fn a_single_byte_is_no_frame() {
    let output = expect(0, good().command("run"), b"x");
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("1 bytes were left over"), "{message}");
}

#[test]
fn samples_that_are_not_numbers_take_the_levels_of_their_second_and_nothing_else() {
    let clean = Room::new(ZONES).listen(SECONDS * RATE_HZ);
    let mut faulty = clean.clone();
    let sample = |second: usize, frame: usize, channel: usize| (second * RATE_HZ + frame) * ZONES + channel;
    faulty[sample(10, 0, 0)] = f32::NAN;
    faulty[sample(14, 7999, 1)] = f32::INFINITY;
    faulty[sample(16, 123, 1)] = f32::NEG_INFINITY;
    (4000..5000).for_each(|frame| faulty[sample(17, frame, 0)] = f32::from_bits(0xffc0_0001));

    let (expected, site) = (good(), good());
    let undisturbed = expect(0, expected.command("run"), &encoded(&clean));
    let output = expect(0, site.command("run"), &encoded(&faulty));
    assert_eq!(output.stdout.len(), undisturbed.stdout.len());
    let played = decoded(&output.stdout);
    assert!(played.iter().all(|sample| sample.is_finite()));
    assert!(played[played.len() - RATE_HZ..].iter().any(|sample| *sample != 0.0));

    let faults = [(10, "zone-1"), (14, "zone-2"), (16, "zone-2"), (17, "zone-1")];
    let (expected, events) = (event_log(&expected), event_log(&site));
    let measurements = |events: &[Value]| -> Vec<Value> {
        let measurements = events.iter().filter(|event| event["type"] == "habitat.zone.measurement.v1");
        measurements.map(|event| event["data"].clone()).collect()
    };
    for (index, (should, is)) in measurements(&expected).iter().zip(measurements(&events)).enumerate() {
        let (second, zone) = (index / ZONES, should["zone"].as_str().unwrap());
        if faults.contains(&(second, zone)) {
            for level in [
                "laeq_db",
                "lafmax_db",
                "ambient_laeq_db",
                "speech_laeq_db",
                "la10_db",
                "la50_db",
                "la90_db",
            ] {
                assert!(is[level].is_null(), "{zone}, second {second}: {is}");
            }
        } else {
            let levels = [should, &is].map(|measurement| measurement["laeq_db"].as_f64().unwrap());
            assert!((levels[0] - levels[1]).abs() < 0.1, "{zone}, second {second}: {levels:?}");
        }
    }

    let devices: Vec<Value> = events
        .into_iter()
        .filter(|event| event["type"] == "habitat.device.v1")
        .collect();
    let told: Vec<_> = devices
        .iter()
        .map(|event| {
            assert_eq!(event["data"]["reason"], "not_a_number");
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&event["time"]),
                text(&event["data"]["device"]),
                text(&event["data"]["state"]),
            )
        })
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(time, device, state)| (time.as_str(), device.as_str(), state.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("2026-01-05T06:00:11Z", "m1", "fault"),
            ("2026-01-05T06:00:15Z", "m2", "fault"),
            // Ten good seconds after the last bad one.
            ("2026-01-05T06:00:27Z", "m2", "recovered"),
            ("2026-01-05T06:00:28Z", "m1", "recovered"),
        ]
    );
}
