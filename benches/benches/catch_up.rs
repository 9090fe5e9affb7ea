//! How long a site needs to catch up after an outage: the real outbox, full of minutes of fifty zones, to a tenant on loopback; and how
//! old what happens meanwhile is when it arrives.
//!
//! `HABITAT_BENCH_DAYS` says how long the site was offline (3 days unless given; 30 take 3 GiB of disk for the outbox alone). Controller
//! and tenant share the machine and its disk.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark ends by panicking")]

#[allow(dead_code, reason = "shared with the tests of the tenant, which use all of it")]
#[path = "../../tenant/tests/support/postgres.rs"]
mod postgres;

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use habitat_config::site::Cloud;
use habitat_events::{CloudEvent, Data, Event, IdSource, Measurement, MinuteAggregator, Mute, OwnSoundRemoval};
use habitat_tenant::{Database, Limits, ServeOptions, TenantService, Tokens, router, serve};
use habitatd::{
    cloud,
    health::Health,
    store::{Store, WhenFull},
};
use jiff::{SignedDuration, Timestamp};
use postgres::Postgres;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

const SITE: &str = "hq";
const ZONES: usize = 50;
const MINUTES_A_DAY: usize = 24 * 60;
const SOURCE: &str = "/sites/hq/controllers/main";
const TOKEN: &str = "token-of-the-benchmark";
/// How often the controller sends what is new.
const INTERVAL_S: f64 = 5.0;

/// A minute of a zone with every member there.
fn minute(zone: usize, time: Timestamp, ids: &mut IdSource) -> CloudEvent {
    let level = |db: f64| Some(db + (zone % 7) as f64 * 0.31);
    let second = Measurement {
        zone: format!("zone-{zone}"),
        period_s: 1.0,
        laeq_db: level(47.13),
        lafmax_db: level(58.42),
        ambient_laeq_db: level(41.77),
        ambient_resolved: true,
        ambient_uncertainty_db: Some(0.14),
        own_sound_removal: OwnSoundRemoval::Waveform,
        speech_laeq_db: level(49.25),
        speech_ratio: 0.517,
        talker: true,
        la10_db: level(50.61),
        la50_db: level(45.92),
        la90_db: level(42.38),
        sti: Some(0.471),
        masking_db: 43.27,
        distraction_db_min: 0.0538,
    };
    let mut minutes = MinuteAggregator::default();
    let minute = (0..60).find_map(|_| minutes.push(second.clone())).unwrap();
    CloudEvent::measurement(ids.next(time), SOURCE, time, minute)
}

/// An event of now.
fn mute(ids: &mut IdSource) -> CloudEvent {
    let time = Timestamp::now();
    let data = Data::Mute(Mute {
        zone: None,
        muted: true,
        channel: "mqtt".into(),
        by: None,
    });
    let event = Event {
        id: ids.next(time),
        source: SOURCE.into(),
        subject: SITE.into(),
        time,
        data,
    };
    CloudEvent::other(&event).unwrap()
}

/// Fills an outbox with so many days; says how many events it holds.
async fn fill(store: &Store, days: usize) -> usize {
    let begin = Timestamp::now() - SignedDuration::from_hours(24 * days as i64);
    let mut ids = IdSource::seeded(1);
    for number in 0..days * MINUTES_A_DAY {
        let time = begin + SignedDuration::from_mins(number as i64);
        let minutes = (0..ZONES).map(|zone| minute(zone, time, &mut ids)).collect();
        store.append(minutes, WhenFull::Wait);
    }
    store.flush().await;
    days * MINUTES_A_DAY * ZONES
}

async fn tenant(database: Database) -> SocketAddr {
    let tokens = Tokens::parse(&format!("{SITE} {TOKEN}")).unwrap();
    let service = TenantService::connect(&database, tokens, Limits::default()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(
        listener,
        router(service),
        ServeOptions::default(),
        CancellationToken::new(),
    ));
    address
}

/// Sends a backlog and an event a second beside it; gives the time for all and the ages of the latter on arrival, sorted.
async fn catch_up(folder: &Path, days: usize, address: SocketAddr) -> (usize, Duration, Vec<f64>) {
    let (store, _) = Store::open(&folder.join("state"), Health::default()).unwrap();
    let events = fill(&store, days).await;
    let token_file = folder.join("token");
    std::fs::write(&token_file, TOKEN).unwrap();
    let cloud = Cloud {
        url: format!("http://{address}"),
        tenant: None,
        token_file: Some(token_file),
        ca_file: None,
        certificate_file: None,
        key_file: None,
        proxy: None,
        interval_s: INTERVAL_S,
        region: None,
        outbox_mib: 8192.0,
        outbox_days: 90.0,
    };
    let shutdown = CancellationToken::new();
    let begun = Instant::now();
    let shipping = tokio::spawn(cloud::run(
        cloud,
        SITE.to_owned(),
        store.clone(),
        Health::default(),
        shutdown.clone(),
    ));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/v1/sites/{SITE}/events?type=habitat.mute.v1&limit=1000");
    let (mut ids, mut arrived) = (IdSource::Random, HashMap::new());
    let mut ticks: u64 = 0;
    while *store.pending_count().borrow() > 0 {
        if ticks.is_multiple_of(4) {
            store.append(vec![mute(&mut ids)], WhenFull::Wait);
        }
        ticks += 1;
        let page: Value = client
            .get(&url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        for event in page["events"].as_array().unwrap() {
            let time: Timestamp = event["time"].as_str().unwrap().parse().unwrap();
            let age_s = || Timestamp::now().duration_since(time).as_secs_f64();
            arrived.entry(event["id"].to_string()).or_insert_with(age_s);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let took = begun.elapsed();
    shutdown.cancel();
    shipping.await.unwrap();
    let mut ages: Vec<f64> = arrived.into_values().collect();
    ages.sort_by(f64::total_cmp);
    (events, took, ages)
}

#[tokio::main]
async fn main() {
    let days: usize = std::env::var("HABITAT_BENCH_DAYS").map_or(3, |text| text.parse().unwrap());
    println!("{ZONES} zones, {days} days offline; an event a second beside the backlog, sent each {INTERVAL_S} s\n");
    println!(
        "{:<12}{:>10}{:>10}{:>12}{:>16}{:>14}",
        "", "events", "s", "events/s", "new: median age", "largest age"
    );
    for name in ["SQLite", "PostgreSQL"] {
        let folder = tempfile::tempdir().unwrap();
        let server = (name == "PostgreSQL").then(Postgres::start);
        let database = match &server {
            Some(server) => server.url(),
            None => folder.path().join("tenant.db").display().to_string(),
        };
        let address = tenant(database.parse().unwrap()).await;
        let (events, took, ages) = catch_up(folder.path(), days, address).await;
        let age_s = |at: usize| ages.get(at).copied().unwrap_or(f64::NAN);
        println!(
            "{name:<12}{events:>10}{:>10.1}{:>12.0}{:>14.1} s{:>12.1} s",
            took.as_secs_f64(),
            events as f64 / took.as_secs_f64(),
            age_s(ages.len() / 2),
            age_s(ages.len().saturating_sub(1))
        );
    }
}
