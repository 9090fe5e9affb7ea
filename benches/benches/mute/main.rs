//! How soon a mute silences the loudspeakers: from sending it to the end of the last sample that is not silent, on a real `habitatd` with a
//! real broker, at leisure and on a machine that has no time, and without a broker. The sound goes over `pipe` in real time, so what a
//! device keeps on its way is not in it, and the delays of this program are. Read the percentiles of a quiet machine.
#![allow(clippy::unwrap_used, reason = "a benchmark ends at the first surprise")]

#[path = "../../../daemon/tests/support/mosquitto.rs"]
#[allow(dead_code, reason = "tests do more with it")]
mod mosquitto;
#[path = "../../../daemon/tests/support/room.rs"]
#[allow(dead_code, reason = "tests do more with it")]
mod room;

mod daemon;
mod hogs;
mod ways;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use self::{daemon::Daemon, hogs::Hogs, mosquitto::Mosquitto, ways::Way};

/// So many that one in a thousand can be told.
const MUTES: usize = 1000;

/// The promise.
const PROMISED: Duration = Duration::from_millis(100);

fn main() {
    daemon::build();
    let mut broker = Mosquitto::start();
    let mut daemon = Daemon::start(broker.port());
    let mut mqtt = Way::mqtt(broker.port(), &daemon);
    println!(
        "ms from a mute to silence, {MUTES} mutes each\n{:<34} {:>6} {:>6} {:>6} {:>6} {:>6} {:>12}",
        "", "p50", "p90", "p99", "p99.9", "max", "within 100 ms"
    );
    measure("MQTT, idle", &mut daemon, &mut mqtt);
    {
        let _hogs = Hogs::start();
        measure("MQTT, 2 busy threads per core", &mut daemon, &mut mqtt);
    }
    drop(mqtt);
    broker.kill();
    measure("HTTP, broker dead", &mut daemon, &mut Way::Http);
    measure("SIGUSR1, broker dead", &mut daemon, &mut Way::Signal);
    let _hogs = Hogs::start();
    measure("HTTP, broker dead, busy", &mut daemon, &mut Way::Http);
    measure("SIGUSR1, broker dead, busy", &mut daemon, &mut Way::Signal);
}

fn measure(name: &str, daemon: &mut Daemon, way: &mut Way) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut times: Vec<Duration> = (0..MUTES).map(|_| mute_once(daemon, way, &mut random)).collect();
    times.sort();
    let ms = |share: f64| times[((times.len() as f64 * share).ceil() as usize).max(1) - 1].as_secs_f64() * 1e3;
    let within = times.iter().filter(|time| **time <= PROMISED).count();
    println!(
        "{name:<34} {:>6.1} {:>6.1} {:>6.1} {:>6.1} {:>6.1} {:>11.1} %",
        ms(0.5),
        ms(0.9),
        ms(0.99),
        ms(0.999),
        ms(1.0),
        100.0 * within as f64 / times.len() as f64
    );
}

fn mute_once(daemon: &mut Daemon, way: &mut Way, random: &mut fastrand::Rng) -> Duration {
    daemon.wait_for_sound();
    // At any moment of a block.
    sleep(Duration::from_micros(random.u64(..30_000)));
    let asked = Instant::now();
    let answer = way.mute(daemon);
    let silent = daemon.wait_for_silence(asked);
    answer.wait();
    daemon.release();
    silent.duration_since(asked)
}
