//! While some do their worst, the others are served as if nothing was, and nothing of the bad is stored.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet};

use crate::support::{
    LAB_TOKEN, Place, Tenant,
    client::{BATCH, Client, receipt},
    events::{body, gzip, ids, measurement, minutes, zstd},
    on_both_stores,
};

on_both_stores![guests_who_do_their_worst_do_not_touch_the_others];

/// Connections that never get to the end of a request.
const SLOW: usize = 100;
/// A busy test machine pauses for a second; what this excludes is one guest who keeps others waiting.
const PATIENCE: Duration = Duration::from_secs(10);

async fn guests_who_do_their_worst_do_not_touch_the_others(place: Place) {
    let tenant = Tenant::start(&place).await;
    let (over, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut guests = JoinSet::new();
    for number in 0..SLOW {
        guests.spawn(dawdle(tenant.address, number, over.clone()));
    }
    for number in 0..2 {
        guests.spawn(annoy(tenant.client(), number, over.clone(), refused.clone()));
    }
    let sent = minutes(300);
    let mut slowest = Duration::ZERO;
    for batch in sent.chunks(5) {
        let begun = Instant::now();
        assert_eq!(tenant.client().post(batch).await.json, receipt(5, 0));
        slowest = slowest.max(begun.elapsed());
    }
    while refused.load(Ordering::Relaxed) < 30 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    over.store(true, Ordering::Relaxed);
    guests.join_all().await;
    println!(
        "{} requests refused, the slowest of 60 good ones took {slowest:?}",
        refused.load(Ordering::Relaxed)
    );
    assert!(slowest < PATIENCE, "{slowest:?}");
    assert_eq!(ids(&tenant.client().all("hq", "limit=1000").await), ids(&sent));
    assert!(tenant.client().all("lab", "").await.is_empty());
}

/// Sends a head or the beginning of a body, byte by byte.
async fn dawdle(address: std::net::SocketAddr, number: usize, over: Arc<AtomicBool>) {
    let head = "POST /v1/sites/hq/events HTTP/1.1\r\nHost: t\r\n";
    let filler = if number.is_multiple_of(2) { "X-Slow: 1\r\n" } else { "X" };
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    while !over.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // The server may have had enough.
        if stream.write_all(filler.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Sends one bad request after another.
async fn annoy(client: Client, number: usize, over: Arc<AtomicBool>, refused: Arc<AtomicUsize>) {
    let bomb = vec![b' '; 64 << 20];
    let (zstd_bomb, gzip_bomb) = (zstd(&bomb), gzip(&bomb));
    let stray = body(&[measurement("lab", "north", 0)]);
    let as_lab = |body: Vec<u8>| {
        let request = client.request(Method::POST, "/v1/sites/hq/events").bearer_auth(LAB_TOKEN);
        request.header("content-type", BATCH).body(body)
    };
    let forged = format!("habitat_default_{}", "0".repeat(64));
    let unknown = |token: &str| {
        let request = client.request(Method::POST, "/v1/sites/hq/events").bearer_auth(token);
        request.header("content-type", BATCH).body(stray.clone())
    };
    let mut turn = number;
    while !over.load(Ordering::Relaxed) {
        let (request, expected) = match turn % 8 {
            0 => (
                client.batch(zstd_bomb.clone()).header("content-encoding", "zstd"),
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            1 => (
                client.batch(gzip_bomb.clone()).header("content-encoding", "gzip"),
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            2 => (client.batch(vec![b'['; 8 << 20]), StatusCode::PAYLOAD_TOO_LARGE),
            3 => (client.batch(b"[{\"id\":".to_vec()), StatusCode::BAD_REQUEST),
            4 => (client.batch(stray.clone()), StatusCode::UNPROCESSABLE_ENTITY),
            5 => (as_lab(stray.clone()), StatusCode::FORBIDDEN),
            6 => (unknown(&forged), StatusCode::UNAUTHORIZED),
            _ => (unknown("' OR '1'='1"), StatusCode::UNAUTHORIZED),
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), expected, "turn {turn}");
        refused.fetch_add(1, Ordering::Relaxed);
        turn += 1;
    }
}
