//! Kill -9 while events are shipped to a tenant that fails half of its requests: none is lost, none comes twice, none overtakes
//! another.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/feed.rs"]
mod feed;
#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "support/room.rs"]
mod room;
#[path = "support/tenant.rs"]
mod tenant;
#[path = "support/weather.rs"]
mod weather;

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use ::habitatd::{health::Health, store::Store};
use serde_json::Value;

use crate::{
    feed::{BLOCK_FRAMES, Feed},
    habitatd::{Daemon, HANG, Site, run},
    room::{RATE_HZ, Room, layout, zone_id},
    tenant::{SITE, TOKEN, Tenant},
    weather::{DELAY_MS, Weather},
};

const KILLS: u64 = 30;
const ZONES: usize = 8;

/// A run begins this long after the one before, in stream time: longer than it can have lasted.
const RUN_S: u64 = 86_400;

fn habitat_toml(run: u64, tenant: SocketAddr) -> String {
    let first: jiff::Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    let start = first + jiff::SignedDuration::from_secs((run * RUN_S) as i64);
    format!(
        r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "{SITE}"
name = "Test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = {BLOCK_FRAMES}
[audio.pipe]
start = "{start}"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
[cloud]
url = "http://{tenant}"
token_file = "token"
interval_s = 1
"#
    )
}

fn history(site: &Site) -> Vec<Value> {
    let output = run(site.command("events"), b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn thirty_kills_under_a_failing_tenant_lose_double_and_disorder_nothing() {
    let seed = std::env::var("HABITAT_SEED").ok().map_or_else(
        || SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        |seed| seed.parse().unwrap(),
    );
    println!("HABITAT_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let site = Site::new("", &layout(ZONES));
    site.write("token", TOKEN);
    let weather = Arc::new(Weather::new(seed));
    let wrap = |router| weather::wrap(router, weather.clone());
    let tenant = Tenant::start(site.path("").as_path(), SocketAddr::from(([127, 0, 0, 1], 0)), wrap);
    let sound = Arc::new(encoded(&Room::new(ZONES).listen(600 * RATE_HZ)));

    let begun = Instant::now();
    let mut in_flight = 0;
    for kill in 0..KILLS {
        site.write("habitat.toml", habitat_toml(kill, tenant.address()));
        let mut daemon = Daemon::start(site.command("run"));
        let feed = Feed::start(&mut daemon, sound.clone(), ZONES);
        std::thread::sleep(Duration::from_millis(100 + random.u64(..1400)));
        if kill % 2 == 1 {
            // Every other kill aims at a request, and hits it before, while or after it is stored.
            let waiting = Instant::now();
            while weather.in_flight() == 0 {
                assert!(waiting.elapsed() < HANG, "nothing is shipped:\n{}", daemon.log());
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(random.u64(..2 * DELAY_MS)));
        }
        assert!(!daemon.has_ended(), "it ended before it was killed");
        in_flight += u64::from(weather.in_flight() > 0);
        daemon.kill();
        let (frames, _) = feed.stop();
        assert!(frames < RUN_S * RATE_HZ as u64, "runs overlap in stream time");
    }
    println!(
        "{KILLS} kills in {:.1} s, {in_flight} of them with a request in flight",
        begun.elapsed().as_secs_f64()
    );

    // The last run ships what the killed ones left behind, still to a tenant that fails.
    site.write("habitat.toml", habitat_toml(KILLS, tenant.address()));
    let mut daemon = Daemon::start(site.command("run"));
    let feed = Feed::start(&mut daemon, sound, ZONES);
    std::thread::sleep(Duration::from_millis(1000));
    let (_, stdin) = feed.stop();
    let waiting = Instant::now();
    while tenant.events().len() < history(&site).len() {
        assert!(
            waiting.elapsed() < HANG,
            "the outbox does not become empty:\n{}",
            daemon.log()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    weather.clear_up();
    drop(stdin);
    assert!(daemon.wait().success(), "{}", daemon.log());
    // What it had to say at its very end had one attempt; a slow machine may need another run for it.
    for extra in 1..=5 {
        if outbox_is_empty(&site) {
            break;
        }
        site.write("habitat.toml", habitat_toml(KILLS + extra, tenant.address()));
        assert!(run(site.command("run"), b"").status.success());
    }
    assert!(outbox_is_empty(&site), "events still wait");

    let (kept, shipped) = (history(&site), tenant.events());
    println!(
        "{} events in the history, {} at the tenant; {weather}",
        kept.len(),
        shipped.len()
    );
    assert!(weather.broken_off() > 0, "no kill hit a request");
    assert!(weather.failed() * 5 > weather.requests(), "the tenant hardly fails");
    assert!(kept.len() >= 300, "only {} events", kept.len());
    compare(&kept, &shipped);
    no_minute_is_missing(&kept);
}

/// Whether the tenant has confirmed everything, and refused nothing.
fn outbox_is_empty(site: &Site) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (store, _) = Store::open(&site.path("state"), Health::default()).unwrap();
    let backlog = runtime.block_on(store.backlog()).unwrap();
    assert_eq!((backlog.set_aside, backlog.dropped), (0, 0), "{backlog:?}");
    backlog.pending == 0
}

/// Every event of the history is at the tenant, once, as it was, and in the order of its source.
fn compare(kept: &[Value], shipped: &[Value]) {
    let id = |event: &Value| (event["source"].to_string(), event["id"].to_string());
    let unique: HashSet<_> = shipped.iter().map(id).collect();
    println!("{} duplicates at the tenant", shipped.len() - unique.len());
    assert_eq!(unique.len(), shipped.len(), "events came twice");
    let by_source = |events: &[Value]| {
        let mut sources = BTreeMap::<String, Vec<Value>>::new();
        for event in events {
            sources.entry(event["source"].to_string()).or_default().push(event.clone());
        }
        sources
    };
    let (kept, shipped) = (by_source(kept), by_source(shipped));
    assert!(kept.keys().eq(shipped.keys()));
    for (source, kept) in kept {
        let differs = kept.iter().zip(&shipped[&source]).position(|(kept, shipped)| kept != shipped);
        assert_eq!(differs, None, "{source}: from here on the order differs");
        assert_eq!(kept.len(), shipped[&source].len(), "{source}");
    }
}

/// The minutes of every zone of every run follow one another from the first on: what a kill took was never in the middle.
fn no_minute_is_missing(kept: &[Value]) {
    let mut minutes = BTreeMap::<(u64, String), u64>::new();
    let first: jiff::Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    for event in kept.iter().filter(|event| event["type"] == "habitat.zone.measurement.v1") {
        let time: jiff::Timestamp = event["time"].as_str().unwrap().parse().unwrap();
        let second = time.duration_since(first).as_secs().unsigned_abs();
        let zone = event["subject"].as_str().unwrap().to_owned();
        let minute = minutes.entry((second / RUN_S, zone)).or_default();
        *minute += 1;
        assert_eq!(second % RUN_S, *minute * 60, "a minute is missing before {event}");
    }
    let runs: HashSet<u64> = minutes.keys().map(|(run, _)| *run).collect();
    println!("{} runs came as far as a minute", runs.len());
    assert!(
        runs.len() as u64 > KILLS / 6,
        "nearly all runs were killed too early to say anything"
    );
    assert!((0..ZONES).all(|zone| minutes.keys().any(|(_, id)| *id == zone_id(zone))));
}

fn encoded(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}
