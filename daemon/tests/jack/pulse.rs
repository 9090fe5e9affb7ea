//! The daemon on PulseAudio alone.

use std::time::{Duration, Instant};

use crate::{
    pulseaudio::PulseAudio,
    site::{On, RATE, Running, start_on},
};

const HALL: On = On {
    microphones: "pulseaudio:hall.monitor",
    loudspeakers: "pulseaudio:hall",
    zones: 2,
};

fn moves_on(running: &mut Running, longest: Duration) {
    let before = running.answer().map_or(0, |_| running.moved("pulseaudio:hall", "output").0);
    running.wait_for("sound", longest, |running| {
        running.answer().is_some() && running.moved("pulseaudio:hall", "output").0 > before + u64::from(RATE / 10)
    });
}

fn told(running: &Running) -> [Vec<String>; 2] {
    ["pulseaudio:hall.monitor", "pulseaudio:hall"].map(|device| running.told_of(device))
}

#[test]
fn a_sink_that_is_suspended_is_told_of_and_plays_when_it_is_resumed() {
    let server = PulseAudio::start(&[("hall", 2)]);
    let mut running = start_on(&[HALL], |command| server.serve(command));
    moves_on(&mut running, Duration::from_secs(20));
    server.pactl(&["suspend-sink", "hall", "1"]);
    running.wait_for("stall", Duration::from_secs(10), |running| {
        told(running) == [["input fault stalled"], ["output fault stalled"]]
    });
    server.pactl(&["suspend-sink", "hall", "0"]);
    server.wait_for_sound("hall.monitor");
    let resumed = Instant::now();
    running.wait_for("recovery", Duration::from_secs(10), |running| {
        told(running).iter().all(|told| told.len() == 2)
    });
    println!("sound {:?} after the sink", resumed.elapsed());
    assert!(resumed.elapsed() < Duration::from_secs(2));
    moves_on(&mut running, Duration::from_secs(5));
}

#[test]
fn a_server_that_dies_is_told_of_and_sound_is_back_two_seconds_after_it() {
    let mut server = PulseAudio::start(&[("hall", 2)]);
    let mut running = start_on(&[HALL], |command| server.serve(command));
    moves_on(&mut running, Duration::from_secs(20));
    for life in 1..=2 {
        server.kill();
        running.wait_for("loss", Duration::from_secs(5), |running| {
            told(running).iter().all(|told| told.len() == 2 * life - 1)
        });
        std::thread::sleep(Duration::from_secs(3));
        server.start_again();
        server.wait_for_sound("hall.monitor");
        let back = Instant::now();
        running.wait_for("recovery", Duration::from_secs(10), |running| {
            told(running).iter().all(|told| told.len() == 2 * life)
        });
        println!("sound {:?} after the server", back.elapsed());
        assert!(back.elapsed() < Duration::from_secs(2));
    }
    let [input, output] = told(&running);
    assert_eq!(input, ["input fault lost", "input recovered lost"].repeat(2));
    assert_eq!(output, ["output fault lost", "output recovered lost"].repeat(2));
}
