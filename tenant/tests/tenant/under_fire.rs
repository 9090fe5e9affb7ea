//! Exactly once under fire: two instances as real processes on one real PostgreSQL, all three killed or stopped at random,
//! behind lines that break in the middle and lose answers after the commit.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    ANY_TOKEN,
    client::{BATCH, Client},
    events::{body, ids, measurement, zstd},
    fire::{Fire, server_on_a_disk},
    postgres::Postgres,
    process::serve_on,
    proxy::{Instances, Line},
};

/// Two sites, so that controllers both share the row that orders them and do not.
const SOURCES: [(&str, &str); 6] = [("hq", "a"), ("hq", "b"), ("hq", "c"), ("hq", "d"), ("lab", "a"), ("lab", "b")];
/// A controller's patience in this test; less than an instance may be stopped for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the senders saw.
#[derive(Default)]
struct Sent {
    batches: AtomicU64,
    attempts: AtomicU64,
    duplicates: AtomicU64,
    replays: AtomicU64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_stored_once_and_in_order() {
    stand_fire(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as HABITAT_FIRE_S says, ten minutes otherwise: `make soak`"]
async fn every_event_is_stored_once_and_in_order_for_long() {
    let seconds = std::env::var("HABITAT_FIRE_S").ok().and_then(|text| text.parse().ok());
    stand_fire(Duration::from_secs(seconds.unwrap_or(600))).await;
}

async fn stand_fire(duration: Duration) {
    let (server, disk) = server_on_a_disk();
    let (instances, line, sent) = (Instances::default(), Arc::new(Line::default()), Arc::new(Sent::default()));
    let until = Instant::now() + duration;
    let fire = {
        let (server, instances) = (server.clone(), instances.clone());
        let serve = |server: &Postgres| serve_on(server.folder(), &server.url());
        tokio::task::spawn_blocking(move || Fire::new(server, disk, serve, instances).burn(until))
    };
    let mut senders = JoinSet::new();
    for (number, (site, controller)) in SOURCES.into_iter().enumerate() {
        let seed = number as u64;
        let near = line.open(instances.clone(), seed).await;
        let sent = sent.clone();
        senders.spawn(async move { (site, controller, send(site, controller, near, seed, until, &sent).await) });
    }
    let mut expected = HashMap::new();
    while let Some(sender) = senders.join_next().await {
        let (site, controller, events) = sender.expect("no sender panics");
        expected.insert(format!("/sites/{site}/controllers/{controller}"), events);
    }
    let fire = fire.await.expect("the fire does not panic");

    let total: usize = expected.values().map(Vec::len).sum();
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{total} events in {} batches from {} controllers over {} s: {} attempts, {} replays, {} duplicates refused",
        count(&sent.batches),
        SOURCES.len(),
        duration.as_secs(),
        count(&sent.attempts),
        count(&sent.replays),
        count(&sent.duplicates)
    );
    println!("{line}");
    println!("{fire}");
    assert_stored(&server.lock().expect("not poisoned"), &expected);
    let seconds = duration.as_secs();
    fire.assert_hot(seconds);
    assert!(
        count(&line.lost_after_commit) > seconds && count(&line.cut_within) > seconds,
        "{line}"
    );
    assert!(count(&sent.duplicates) > 0, "nothing came twice, so nothing was tested");
}

/// The database has each event of each source once, in the order in which it was sent, and none besides.
fn assert_stored(server: &Postgres, expected: &HashMap<String, Vec<String>>) {
    let rows = server.sql("SELECT source, event_id FROM event ORDER BY tenant_id, site_id, seq");
    let mut stored: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows.lines() {
        let (source, id) = row.split_once('|').expect("two columns");
        stored.entry(source.to_owned()).or_default().push(id.to_owned());
    }
    for (source, ids) in expected {
        let stored = stored.remove(source).unwrap_or_default();
        let first = stored.iter().zip(ids).position(|(stored, sent)| stored != sent);
        assert_eq!(first, None, "{source}: the first difference");
        assert_eq!(stored.len(), ids.len(), "{source}");
    }
    assert!(stored.is_empty(), "from nowhere: {:?}", stored.keys());
    let keys = server.sql("SELECT count(*) FROM event_key");
    assert_eq!(keys, expected.values().map(Vec::len).sum::<usize>().to_string());
}

/// One controller: sends its events in order until the time is over, each batch until it is acknowledged; now and then
/// sends one again that was acknowledged before. Gives the ids of its events.
async fn send(
    site: &'static str,
    controller: &'static str,
    near: std::net::SocketAddr,
    seed: u64,
    until: Instant,
    sent: &Sent,
) -> Vec<String> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE);
    let client = Client::with(http.build().expect("a client"), &format!("http://{near}"));
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut all, mut minute): (Vec<String>, u32) = (Vec::new(), 0);
    let mut earlier: Vec<Value> = Vec::new();
    while Instant::now() < until {
        let count = random.u32(1..=40);
        let mut batch: Vec<Value> = (0..count).map(|n| measurement(site, "north", minute + n)).collect();
        for event in &mut batch {
            event["source"] = json!(format!("/sites/{site}/controllers/{controller}"));
        }
        minute += count;
        let accepted = deliver(&client, site, &batch, &mut random, sent).await;
        assert!(accepted <= batch.len() as u64);
        all.extend(ids(&batch));
        sent.batches.fetch_add(1, Ordering::Relaxed);
        if random.u32(..8) == 0 && !earlier.is_empty() {
            sent.replays.fetch_add(1, Ordering::Relaxed);
            assert_eq!(
                deliver(&client, site, &earlier, &mut random, sent).await,
                0,
                "a replay was stored"
            );
        }
        if random.u32(..4) == 0 {
            earlier = batch;
        }
    }
    all
}

/// Sends until it is acknowledged; how many events were new to the answer that came through.
async fn deliver(client: &Client, site: &str, batch: &[Value], random: &mut fastrand::Rng, sent: &Sent) -> u64 {
    loop {
        sent.attempts.fetch_add(1, Ordering::Relaxed);
        let request = client
            .request(Method::POST, &format!("/v1/sites/{site}/events"))
            .bearer_auth(ANY_TOKEN);
        let request = request.header("content-type", BATCH).header("content-encoding", "zstd");
        let answer = request.body(zstd(&body(batch))).send().await;
        if let Ok(answer) = answer {
            let status = answer.status();
            if let (StatusCode::OK, Ok(receipt)) = (status, answer.json::<Value>().await) {
                let number = |name: &str| receipt[name].as_u64().expect("a number");
                let (accepted, duplicates) = (number("accepted"), number("duplicates"));
                assert_eq!(accepted + duplicates, batch.len() as u64);
                sent.duplicates.fetch_add(duplicates, Ordering::Relaxed);
                return accepted;
            }
            let temporary = [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
            assert!(temporary.contains(&status), "{status}");
        }
        tokio::time::sleep(Duration::from_millis(random.u64(1..40))).await;
    }
}
