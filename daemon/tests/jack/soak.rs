//! Hours of sound: memory does not grow, and no level drifts. Not in every test run: `make soak`.

use std::{collections::VecDeque, fs, time::Duration};

use serde_json::Value;

use crate::{
    habitatd::{Daemon, Site},
    minute::everything_arrives,
    pipe::Pipe,
    site::{BLOCK, On, RATE, layout},
};

const ZONES: usize = 8;

/// Length of the part over which levels are averaged and after which memory is looked at.
const PART_S: usize = 600;

/// Levels and memory have settled by then.
const SETTLED: usize = 6;

/// Memory that a process uses, KiB.
fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// An office with a ventilation in which microphones hear the loudspeaker beside them, 2 m away.
struct Office {
    echoes: Vec<VecDeque<f32>>,
    random: fastrand::Rng,
    ventilation: Vec<f32>,
}

impl Office {
    fn new() -> Self {
        Office {
            echoes: vec![vec![0.0; 280].into(); ZONES],
            random: fastrand::Rng::with_seed(1),
            ventilation: vec![0.0; ZONES],
        }
    }

    fn hears(&mut self, played: &[f32]) -> Vec<f32> {
        let mut heard = Vec::with_capacity(played.len());
        for frame in played.chunks_exact(ZONES) {
            for ((sample, echo), ventilation) in frame.iter().zip(&mut self.echoes).zip(&mut self.ventilation) {
                // Low-pass noise, about 35 dB(A).
                *ventilation += 0.1 * (3e-4 * (self.random.f32() - 0.5) - *ventilation);
                echo.push_back(0.025 * sample);
                heard.push(echo.pop_front().unwrap_or_default() + *ventilation);
            }
        }
        heard
    }
}

#[test]
#[ignore = "takes minutes"]
fn three_hours_of_an_office_on_a_pipe() {
    const PARTS: usize = 18;
    let config = "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"test\"\n[audio]\nbackend = \"pipe\"\n\
                  [audio.pipe]\nstart = \"2026-01-05T08:00:00Z\"\n[adaptation]\nstartup_ramp_s = 10\n[event_log]\npath = \"events.jsonl\"\n";
    let site = Site::new(config, &layout(&[On::jack(ZONES)]).replace("device = \"jack\"\n", ""));
    let mut daemon = Daemon::start(site.command("run"));
    let mut pipe = Pipe::of(&mut daemon, BLOCK as usize * ZONES);
    let (mut office, mut played) = (Office::new(), vec![0.0; BLOCK as usize * ZONES]);
    let mut memory_kib = Vec::new();
    for part in 0..PARTS {
        for _ in 0..PART_S * RATE as usize / BLOCK as usize {
            played = pipe.exchange(&office.hears(&played));
        }
        memory_kib.push(resident_kib(daemon.id()));
        println!("{} min: {} KiB", (part + 1) * PART_S / 60, memory_kib[part]);
    }
    drop(pipe);
    assert!(daemon.wait().success());

    let text = fs::read_to_string(site.path("events.jsonl")).unwrap();
    let mut sums = vec![[(0.0, 0usize); 3]; PARTS * ZONES];
    let mut of_zone = [0; ZONES];
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    for event in events.filter(|event| event["type"] == "habitat.zone.measurement.v1") {
        let zone: usize = event["subject"].as_str().unwrap()[1..].parse().unwrap();
        let part = of_zone[zone] / PART_S;
        of_zone[zone] += 1;
        let keys = ["laeq_db", "ambient_laeq_db", "masking_db"];
        for (sum, key) in sums.get_mut(part * ZONES + zone).into_iter().flatten().zip(keys) {
            if let Some(level_db) = event["data"][key].as_f64() {
                *sum = (sum.0 + level_db, sum.1 + 1);
            }
        }
    }
    let mean_db = |part: usize, zone: usize| sums[part * ZONES + zone].map(|(sum, count)| sum / count as f64);
    for zone in 0..ZONES {
        for part in SETTLED..PARTS {
            let (first, now) = (mean_db(SETTLED, zone), mean_db(part, zone));
            let drift_db = first
                .iter()
                .zip(&now)
                .map(|(first, now)| (now - first).abs())
                .fold(0.0, f64::max);
            assert!(drift_db < 0.1, "zone {zone}, part {part}: {first:?} {now:?}");
        }
    }
    println!("levels of zone 0: {:?} {:?}", mean_db(SETTLED, 0), mean_db(PARTS - 1, 0));
    is_flat(&memory_kib[SETTLED..]);
}

#[test]
#[ignore = "takes minutes"]
fn ten_minutes_on_jack() {
    let mut memory_kib = Vec::new();
    everything_arrives(32, 600, &[], |running| {
        for _ in 0..10 {
            std::thread::sleep(Duration::from_secs(60));
            memory_kib.push(resident_kib(running.daemon.id()));
        }
    });
    println!("each minute: {memory_kib:?} KiB");
    is_flat(&memory_kib[1..]);
}

/// What was used first is nearly what is used last. Allocators and SQLite's caches come and go by some hundred KiB.
fn is_flat(memory_kib: &[u64]) {
    let (first, last) = (memory_kib[0], memory_kib[memory_kib.len() - 1]);
    assert!(last < first + 1024, "{memory_kib:?} KiB");
}
