//! How much a tenant takes in: one instance over HTTP in batches as controllers send them, on SQLite and on a PostgreSQL of
//! its own, and how that changes as the database grows.
//!
//! Sender, instance and server share the machine, so this is the least that an instance does. `HABITAT_BENCH_ROWS` says how far
//! the databases grow (1000000 unless given; 10000000 takes a quarter of an hour and some 12 GB for each).

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark ends by panicking")]

#[allow(dead_code, reason = "shared with the tests of the tenant, which use all of it")]
#[path = "../../tenant/tests/tenant/support/events.rs"]
mod events;
#[allow(dead_code, reason = "shared with the tests of the tenant, which use all of it")]
#[path = "../../tenant/tests/support/postgres.rs"]
mod postgres;

use std::{
    net::TcpListener,
    path::PathBuf,
    time::{Duration, Instant},
};

use habitat_tenant::{Database, Limits, ServeOptions, TenantService, Tokens, router, serve};
use jiff::Timestamp;
use postgres::Postgres;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Controllers that send at the same time, each from a site of its own.
const SENDERS: usize = 4;
/// Batches of each in one measurement.
const BATCHES: usize = 100;
/// Rows that are added in one transaction, which the log of the database has to hold.
const ADDED_AT_ONCE: i64 = 250_000;
/// The most that a batch may have.
const BATCH_EVENTS: usize = 1000;
const TOKEN: &str = "token-of-the-benchmark";

/// Goes away with its data.
enum Place {
    Sqlite(TempDir),
    Postgres(Postgres),
}

impl Place {
    fn name(&self) -> &'static str {
        match self {
            Place::Sqlite(_) => "SQLite",
            Place::Postgres(_) => "PostgreSQL",
        }
    }

    fn database(&self) -> Database {
        let argument = match self {
            Place::Sqlite(folder) => file(folder).display().to_string(),
            Place::Postgres(server) => server.url(),
        };
        argument.parse().unwrap()
    }

    fn rows(&self) -> i64 {
        match self {
            Place::Sqlite(folder) => {
                let database = rusqlite::Connection::open(file(folder)).unwrap();
                database
                    .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
                    .unwrap()
            }
            Place::Postgres(server) => server.sql("SELECT count(*) FROM event").parse().unwrap(),
        }
    }

    /// Adds rows of an earlier month until there are as many as asked for.
    fn grow(&self, document: &str, total: i64) {
        let mut missing = total - self.rows();
        while missing > 0 {
            self.add(document, missing.min(ADDED_AT_ONCE));
            missing -= ADDED_AT_ONCE;
        }
    }

    /// Adds rows in the database itself, which is faster than over HTTP.
    fn add(&self, document: &str, rows: i64) {
        let document = document.replace('\'', "''");
        let start_us = (Timestamp::now() - jiff::SignedDuration::from_hours(20 * 24)).as_microsecond();
        match self {
            Place::Sqlite(folder) => {
                let sql = format!(
                    "INSERT INTO event (tenant_id, site_id, source, event_id, type, zone, time_us, document)
                     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                     SELECT 'default', 'old' || (i % 4), '/sites/old' || (i % 4) || '/controllers/main', printf('{start_us}-%012d', i),
                     'habitat.zone.measurement.v1', 'zone' || (i % 50), {start_us} + i * 100000, '{document}' FROM n"
                );
                rusqlite::Connection::open(file(folder)).unwrap().execute_batch(&sql).unwrap();
            }
            Place::Postgres(server) => {
                server.sql(&format!(
                    "WITH made AS (
                         SELECT i, 'old' || (i % 4) AS site, '/sites/old' || (i % 4) || '/controllers/main' AS source,
                             (lpad(to_hex({start_us} / 1000 + i), 12, '0') || substr(md5(i::text), 1, 20))::uuid AS id
                         FROM generate_series(1::bigint, {rows}) AS i
                     ), keys AS (
                         INSERT INTO event_key SELECT 'default', source, id, {start_us} + i * 100000, i FROM made
                     )
                     INSERT INTO event SELECT 'default', site, {start_us} + i, source, id, 'habitat.zone.measurement.v1',
                         'zone' || (i % 50), {start_us} + i * 100000, '{document}' FROM made"
                ));
                server.sql("VACUUM ANALYZE event, event_key");
                server.sql("CHECKPOINT");
            }
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("tenant.db")
}

/// Packed batches of one sender; times are now, ids as controllers make them.
fn batches(site: &str) -> Vec<Vec<u8>> {
    let mut template = events::measurement(site, "north", 0);
    let mut batch = || -> Vec<u8> {
        let mut one = |number: usize| -> Value {
            let now = Timestamp::now();
            let time = uuid::Timestamp::from_unix(
                uuid::NoContext,
                now.as_second().unsigned_abs(),
                now.subsec_nanosecond().unsigned_abs(),
            );
            template["id"] = json!(Uuid::new_v7(time));
            template["time"] = json!(now);
            template["subject"] = json!(format!("zone{}", number % 50));
            template["data"]["zone"] = template["subject"].clone();
            template.clone()
        };
        let batch: Vec<Value> = (0..BATCH_EVENTS).map(&mut one).collect();
        events::zstd(&events::body(&batch))
    };
    (0..BATCHES).map(|_| batch()).collect()
}

async fn send(url: String, batches: Vec<Vec<u8>>) -> Vec<Duration> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut times = Vec::new();
    for batch in batches {
        let begun = Instant::now();
        let request = client.post(&url).bearer_auth(TOKEN).header("content-encoding", "zstd");
        let request = request
            .header("content-type", "application/cloudevents-batch+json")
            .body(batch);
        let receipt: Value = request.send().await.unwrap().json().await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(receipt["accepted"], BATCH_EVENTS, "{receipt}");
    }
    times
}

/// Events a second, and the median and 99th percentile of the time of a batch.
async fn measure(place: &Place) -> (f64, Duration, Duration) {
    let tokens = Tokens::parse(&format!("* {TOKEN}")).unwrap();
    let service = TenantService::connect(&place.database(), tokens, Limits::default())
        .await
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(serve(
        listener,
        router(service.clone()),
        ServeOptions::default(),
        shutdown.clone(),
    ));
    let work: Vec<_> = (0..SENDERS)
        .map(|number| {
            (
                format!("http://{address}/v1/sites/s{number}/events"),
                batches(&format!("s{number}")),
            )
        })
        .collect();
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for (url, batches) in work {
        senders.spawn(send(url, batches));
    }
    let mut times: Vec<Duration> = senders.join_all().await.into_iter().flatten().collect();
    let seconds = begun.elapsed().as_secs_f64();
    shutdown.cancel();
    serving.await.unwrap().unwrap();
    service.close().await;
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    ((times.len() * BATCH_EVENTS) as f64 / seconds, at(0.5), at(0.99))
}

#[tokio::main]
async fn main() {
    let target: i64 = std::env::var("HABITAT_BENCH_ROWS").map_or(1_000_000, |text| text.parse().unwrap());
    let document = events::measurement("old", "north", 0).to_string();
    println!(
        "{SENDERS} senders, batches of {BATCH_EVENTS} events of {} bytes, one instance\n",
        document.len()
    );
    println!(
        "{:<12}{:>14}{:>14}{:>14}{:>14}",
        "", "rows before", "events/s", "batch median", "batch p99"
    );
    let places: [fn() -> Place; 2] = [
        || Place::Sqlite(tempfile::tempdir().unwrap()),
        || Place::Postgres(Postgres::start()),
    ];
    for start in places {
        let place = start();
        let (mut rows, mut next) = (0, 1_000_000);
        loop {
            let (per_second, median, p99) = measure(&place).await;
            println!(
                "{:<12}{rows:>14}{per_second:>14.0}{:>11} ms{:>11} ms",
                place.name(),
                median.as_millis(),
                p99.as_millis()
            );
            if next > target {
                break;
            }
            place.grow(&document, next);
            rows = place.rows();
            next *= 10;
        }
    }
}
