//! Silence for life safety: at once, for as long as nobody releases it, and softly back.

use std::{
    process::{Command, Output},
    time::Instant,
};

use crate::{
    habitatd::{HANG, Site},
    mosquitto::Mosquitto,
    office::{BLOCKS_PER_S, STARTUP_S, ZONES},
    room::layout,
    sounding::Sounding,
};

/// The promise: silence within 100 ms.
const SILENT_BLOCKS: usize = BLOCKS_PER_S / 10;

#[test]
fn a_signal_silences_every_loudspeaker_within_a_tenth_of_a_second() {
    let site = Site::new("", &layout(ZONES));
    let mut sounding = Sounding::start(&site, "2026-01-05T08:00:00+02:00");
    let before = sounding.play(STARTUP_S * BLOCKS_PER_S);
    assert!(
        sounding.peak(before.end - SILENT_BLOCKS..before.end) > 0.0,
        "there is no masking"
    );
    sounding.daemon.signal("USR1");
    sounding.wait_until_muted();
    let after = sounding.play(SILENT_BLOCKS + 5 * BLOCKS_PER_S);
    let silent = after.clone().find(|block| sounding.peak(*block..after.end) == 0.0);
    let silent_ms = silent.map(|block| (block - after.start) * 1000 / BLOCKS_PER_S);
    println!("silent after {silent_ms:?} ms of stream time");
    assert!(silent.is_some_and(|block| block <= after.start + SILENT_BLOCKS));
}

#[test]
fn a_mute_survives_kill_9_and_ends_softly_when_it_is_released() {
    let site = Site::new("", &layout(ZONES));
    let mut sounding = Sounding::start(&site, "2026-01-05T08:00:00+02:00");
    sounding.play(STARTUP_S * BLOCKS_PER_S);
    sounding.mute(true);
    // At once: what was answered has been kept.
    sounding.daemon.kill();

    let mut sounding = Sounding::start(&site, "2026-01-06T08:00:00+02:00");
    assert!(sounding.is_muted());
    let silent = sounding.play(2 * STARTUP_S * BLOCKS_PER_S);
    assert_eq!(sounding.peak(silent), 0.0, "a muted daemon plays something after a restart");

    sounding.mute(false);
    let ramp = sounding.play(14 * BLOCKS_PER_S);
    let at = |from_s: f64, to_s: f64| {
        let block = |seconds: f64| ramp.start + (seconds * BLOCKS_PER_S as f64) as usize;
        block(from_s)..block(to_s)
    };
    // 20 dB below its level it begins, and rises by 2 dB a second (`startup_ramp_s = 10`), after a fade-in of 1 s.
    let level_db = sounding.level_db(at(12.0, 14.0));
    for second in 1..10 {
        let around = at(f64::from(second) - 0.2, f64::from(second) + 0.2);
        let rise_db = sounding.level_db(around) - level_db;
        let expected_db = -20.0 + 2.0 * f64::from(second);
        assert!(
            (rise_db - expected_db).abs() < 2.0,
            "{second} s after the release: {rise_db:.1} dB re the level"
        );
    }
    let (first, full) = (sounding.peak(at(0.0, 0.1)), sounding.peak(at(12.0, 14.0)));
    assert!(
        first < 0.05 * full,
        "it begins with a peak of {first}, at its level it has {full}"
    );
}

#[test]
fn a_mute_by_signal_survives_kill_9() {
    let site = Site::new("", &layout(ZONES));
    let mut sounding = Sounding::start(&site, "2026-01-05T08:00:00+02:00");
    sounding.daemon.signal("USR1");
    sounding.wait_until_muted();
    // A signal has no answer; asking for the same again has.
    sounding.mute(true);
    sounding.daemon.kill();
    let mut sounding = Sounding::start(&site, "2026-01-06T08:00:00+02:00");
    let silent = sounding.play(STARTUP_S * BLOCKS_PER_S);
    assert_eq!(sounding.peak(silent), 0.0);
}

#[test]
fn a_mute_over_mqtt_that_was_answered_survives_kill_9() {
    let broker = Mosquitto::start();
    let port = broker.port().to_string();
    let site = Site::new("", &layout(ZONES));
    let mqtt = format!("[mqtt]\nhost = \"127.0.0.1\"\nport = {port}\n");
    for (day, muted) in [(5, true), (6, false), (7, true)] {
        let time = format!("2026-01-{day:02}T08:00:00+02:00");
        let mut sounding = Sounding::with(&site, &time, &mqtt);
        assert_ne!(sounding.is_muted(), muted, "what was answered before has been kept");
        // It is asked until the controller has subscribed.
        let word = if muted { "ON" } else { "OFF" };
        let topic = format!("habitat/{}/mute", crate::tenant::SITE);
        let ask = ["-t", &format!("{topic}/set"), "-e", "answers", "-m", word];
        let arguments = [&["-h", "127.0.0.1", "-p", &port, "-V", "mqttv5", "-W", "1"][..], &ask].concat();
        let answered = |output: Output| String::from_utf8_lossy(&output.stdout).contains("\"ok\":true");
        let begun = Instant::now();
        while !answered(Command::new("mosquitto_rr").args(&arguments).output().unwrap()) {
            assert!(begun.elapsed() < HANG, "there is no answer");
        }
        sounding.daemon.kill();
    }
    assert!(Sounding::start(&site, "2026-01-08T08:00:00+02:00").is_muted());
}
