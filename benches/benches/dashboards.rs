//! How long dashboards wait: 30 days of 50 zones, 2.16 million minutes, asked over HTTP on SQLite and on a PostgreSQL of its own. First
//! how long it takes to count them all, which happens in the background once; then each question, the median of five.

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
use jiff::{SignedDuration, Timestamp};
use postgres::Postgres;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const ZONES: i64 = 50;
const DAYS: i64 = 30;
/// Rows that are added in one transaction, which the log of the database has to hold.
const ADDED_AT_ONCE: i64 = 240_000;
const TOKEN: &str = "token-of-the-benchmark";

/// Goes away with its data.
enum Place {
    Sqlite(TempDir),
    Postgres(Postgres),
}

impl Place {
    fn database(&self) -> Database {
        let argument = match self {
            Place::Sqlite(folder) => file(folder).display().to_string(),
            Place::Postgres(server) => server.url(),
        };
        argument.parse().unwrap()
    }

    /// Adds minutes `from..to` of all zones in the database itself, which is faster than over HTTP.
    fn add(&self, start: Timestamp, from: i64, to: i64) {
        let document = events::measurement("hq", "ZONE", 0).to_string().replace('\'', "''");
        let (before, after) = document.split_once("\"zone\":\"ZONE\"").unwrap();
        let start_us = start.as_microsecond();
        let (first, count) = (from * ZONES, (to - from) * ZONES);
        match self {
            Place::Sqlite(folder) => {
                let sql = format!(
                    "INSERT INTO event (tenant_id, site_id, source, event_id, type, zone, time_us, document)
                     WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first} + {count} - 1)
                     SELECT 'default', 'hq', '/sites/hq/controllers/main', printf('%012d', i), 'habitat.zone.measurement.v1',
                     'zone-' || (i % {ZONES}), {start_us} + (i / {ZONES} + 1) * 60000000,
                     '{before}\"zone\":\"zone-' || (i % {ZONES}) || '\"{after}' FROM n"
                );
                rusqlite::Connection::open(file(folder)).unwrap().execute_batch(&sql).unwrap();
            }
            Place::Postgres(server) => {
                server.sql(&format!(
                    "INSERT INTO event SELECT 'default', 'hq', i + 1, '/sites/hq/controllers/main', md5(i::text)::uuid,
                         'habitat.zone.measurement.v1', 'zone-' || (i % {ZONES}), {start_us} + (i / {ZONES} + 1) * 60000000,
                         '{before}\"zone\":\"zone-' || (i % {ZONES}) || '\"{after}'
                     FROM generate_series({first}::bigint, {first} + {count} - 1) AS i"
                ));
            }
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("tenant.db")
}

async fn ask(url: &str) -> Option<usize> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).bearer_auth(TOKEN).send().await.unwrap();
    let is_given = answer.status().is_success();
    let body = answer.text().await.unwrap();
    is_given.then_some(body.len())
}

async fn measure(name: &str, place: &Place) {
    let tokens = || Tokens::parse(&format!("hq {TOKEN}")).unwrap();
    let limits = Limits {
        refresh_interval: Duration::from_secs(3600),
        ..Limits::default()
    };
    // The tables.
    let made = TenantService::connect(&place.database(), tokens(), limits).await.unwrap();
    made.close().await;
    let end = Timestamp::from_second(Timestamp::now().as_second() / 3600 * 3600).unwrap();
    let start = end - SignedDuration::from_hours(24 * DAYS);
    let (minutes, step) = (DAYS * 1440, ADDED_AT_ONCE / ZONES);
    let begun = Instant::now();
    (0..minutes)
        .step_by(step as usize)
        .for_each(|from| place.add(start, from, minutes.min(from + step)));
    if let Place::Postgres(server) = place {
        server.sql("VACUUM ANALYZE event");
    }
    println!("{name}: {} minutes put there in {:.0?}", minutes * ZONES, begun.elapsed());

    let begun = Instant::now();
    let service = TenantService::connect(&place.database(), tokens(), limits).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1/sites/hq", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(serve(
        listener,
        router(service.clone()),
        ServeOptions::default(),
        shutdown.clone(),
    ));
    while ask(&format!("{base}/series?interval=hour")).await.is_none() {}
    println!("  all counted after {:.1?}", begun.elapsed());

    let period = format!("since={start}&until={end}");
    let day = format!("since={}&until={end}", end - SignedDuration::from_hours(24));
    let questions = [
        format!("series?interval=hour&limit=1000&{period}"),
        format!("series?interval=day&{period}"),
        format!("series?zone=zone-7&interval=hour&limit=1000&{period}"),
        format!("series?zone=zone-7&interval=minute&limit=1000&{day}"),
        format!("series?interval=minute&limit=1000&{day}"),
        format!("ranking?{period}"),
        format!("adaptations/sums?{period}"),
        "layout.geojson".to_owned(),
    ];
    for question in questions {
        let mut times = Vec::new();
        let mut bytes = None;
        for _ in 0..5 {
            let begun = Instant::now();
            bytes = ask(&format!("{base}/{question}")).await;
            times.push(begun.elapsed());
        }
        times.sort();
        let short = question.split("&since").next().unwrap().split("?since").next().unwrap();
        println!("  {short:<50} {:>8.0?} (slowest {:.0?}), {bytes:?} bytes", times[2], times[4]);
    }
    shutdown.cancel();
    serving.await.unwrap().unwrap();
    service.close().await;
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        measure("SQLite", &Place::Sqlite(tempfile::tempdir().unwrap())).await;
        measure("PostgreSQL", &Place::Postgres(Postgres::start())).await;
    });
}
