//! Callbacks on real servers, which die and come back, keep the real-time promise.
//!
//! In a debug build every allocation in a callback or on the engine thread aborts the process; built with RealtimeSanitizer (`make test`
//! does both) every allocation, blocking call and contended lock does.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../engine/tests/realtime/site.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod engine_site;
#[path = "../../tests/support/jackd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod jackd;
#[path = "../../tests/support/pulseaudio.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod pulseaudio;

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use engine_site::{BLOCK, ZONES, site};
use habitat_devices::{Devices, Direction, End, Group, Streams, Told};
use habitat_engine::Mode;
use jackd::Jackd;
use pulseaudio::PulseAudio;

#[cfg(debug_assertions)]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const RATE: u32 = 48_000;

/// Names of the devices, in the environment of the process that plays.
const INPUT: &str = "HABITAT_TEST_INPUT";
const OUTPUT: &str = "HABITAT_TEST_OUTPUT";

/// A process that plays: which server a program finds is said in its environment.
struct Player {
    process: Child,
    told: BufReader<ChildStdout>,
}

impl Player {
    fn start(input: &str, output: &str, serve: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        serve(&mut command);
        let mut process = command
            .args(["--exact", "plays", "--nocapture"])
            .envs([(INPUT, input), (OUTPUT, output)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(process.stdout.take().unwrap());
        Player { process, told }
    }

    /// Waits until it has told something so many times.
    fn wait_for(&mut self, what: &str, times: usize) {
        let mut seen = 0;
        while seen < times {
            let mut line = String::new();
            assert!(self.told.read_line(&mut line).unwrap() > 0, "it ended before \"{what}\"");
            seen += usize::from(line.contains(what));
        }
    }

    /// Ends in order.
    fn end(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server ends and begins again under a player.
fn lives_through<S>(mut player: Player, mut server: S, kill: fn(&mut S), start_again: fn(&mut S)) {
    player.wait_for("sound", 3);
    kill(&mut server);
    player.wait_for("fault", 2);
    start_again(&mut server);
    player.wait_for("works", 2);
    player.wait_for("sound", 3);
    player.end();
}

#[test]
fn on_jack() {
    let server = Jackd::start(RATE, 512);
    let player = Player::start("jack", "jack", |command| server.serve(command));
    lives_through(player, server, Jackd::kill, Jackd::start_again);
}

#[test]
fn on_pulseaudio() {
    let server = PulseAudio::start(&[("hall", ZONES as u32)]);
    let player = Player::start("pulseaudio:hall.monitor", "pulseaudio:hall", |command| server.serve(command));
    lives_through(player, server, PulseAudio::kill, PulseAudio::start_again);
}

/// What such a process does until its standard input ends.
#[test]
fn plays() {
    let (Ok(input), Ok(output)) = (std::env::var(INPUT), std::env::var(OUTPUT)) else {
        return;
    };
    let group = |device: &str, direction| Group {
        device: device.parse().unwrap(),
        direction,
        channels: (1..=ZONES as u32).collect(),
        members: (0..ZONES).collect(),
    };
    let (mut engine, mut ends) = site(Mode::Live);
    let (capture, playback) = (ends.captures.remove(0), ends.playbacks.remove(0));
    let links = [capture.link().clone(), playback.link().clone()];
    let devices = vec![
        (group(&input, Direction::Input), End::Capture(capture)),
        (group(&output, Direction::Output), End::Playback(playback)),
    ];
    let streams = Streams {
        sample_rate_hz: RATE,
        period_frames: BLOCK as u32,
    };
    let told: Told = Arc::new(|_, fault| match fault {
        Some((reason, said)) => println!("fault {} {said}", reason.word()),
        None => println!("works"),
    });
    let devices = Devices::open(devices, streams, &told).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let engine = std::thread::spawn(move || {
        while !stopped.load(Ordering::Acquire) {
            engine.turn();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let stopped = stop.clone();
    let watch = std::thread::spawn(move || {
        let mut before = [0; 2];
        while !stopped.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(50));
            while ends.reports.take().is_some() {}
            let moved = links.each_ref().map(|link| link.frames());
            if moved
                .iter()
                .zip(&before)
                .all(|(now, before)| now - before > u64::from(RATE / 5))
            {
                println!("sound");
                before = moved;
            }
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    stop.store(true, Ordering::Release);
    engine.join().unwrap();
    watch.join().unwrap();
    devices.close();
}
