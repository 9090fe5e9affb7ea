//! Batches that unpack to a thousand times their size, many at once, against the real program: its memory stays what its limits allow.

use std::{io::Write, sync::Arc};

use reqwest::{Method, StatusCode};
use tokio::task::JoinSet;

use crate::support::{
    LAB_TOKEN, Place,
    client::{BATCH, receipt},
    events::{gzip, ids, minutes},
    on_both_stores,
    process::{Program, serve_command},
};

on_both_stores![many_bombs_at_once_take_no_more_memory_than_the_limits_allow];

/// Bombs that are sent at the same time; the service takes eight batches of a site at once.
const BOMBS: usize = 200;
/// What a bomb unpacks to.
const UNPACKED: usize = 512 << 20;
/// The largest window that a decoder of zstd grants unless it is told otherwise: 128 MiB, as a power of two.
const WINDOW_LOG: u32 = 27;
/// For each batch in work the packed body and 4 MiB of the unpacked one, some of it twice while a buffer grows, and the program.
const MEMORY_MAX_KIB: u64 = 8 * 3 * (4 << 10) + (64 << 10);

/// Blanks, with the largest window that a frame may ask for.
fn wide_zstd(bytes: usize) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    encoder.window_log(WINDOW_LOG).expect("a window");
    let piece = vec![b' '; 1 << 20];
    for _ in 0..bytes / piece.len() {
        encoder.write_all(&piece).expect("writing to memory");
    }
    encoder.finish().expect("writing to memory")
}

async fn many_bombs_at_once_take_no_more_memory_than_the_limits_allow(place: Place) {
    let program = Program::start(serve_command(&place));
    let before = peak_kib(program.id());
    let bombs = Arc::new([("zstd", wide_zstd(UNPACKED)), ("gzip", gzip(&vec![b' '; UNPACKED / 4]))]);
    let ratio = UNPACKED / bombs[0].1.len();
    assert!(ratio > 1000, "{ratio} is no bomb");
    let mut guests = JoinSet::new();
    for number in 0..BOMBS {
        let (client, bombs) = (program.client(), bombs.clone());
        guests.spawn(async move {
            let (encoding, bomb) = &bombs[number % 2];
            let request = client.request(Method::POST, "/v1/sites/lab/events").bearer_auth(LAB_TOKEN);
            let request = request.header("content-type", BATCH).header("content-encoding", *encoding);
            request.body(bomb.clone()).send().await.expect("an answer").status()
        });
    }
    // Somebody else, meanwhile.
    let sent = minutes(60);
    for batch in sent.chunks(10) {
        assert_eq!(program.client().post(batch).await.json, receipt(10, 0));
    }
    let answers = guests.join_all().await;
    let refused = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::TOO_MANY_REQUESTS];
    assert!(answers.iter().all(|status| refused.contains(status)), "{answers:?}");
    let too_large = answers.iter().filter(|status| **status == refused[0]).count();
    let peak = peak_kib(program.id());
    println!("{BOMBS} bombs of 1:{ratio}, {too_large} unpacked; the memory rose from {before} to {peak} KiB at most");
    assert!(too_large > 0);
    assert!(peak < MEMORY_MAX_KIB, "{peak} KiB");
    assert_eq!(ids(&program.client().all("hq", "limit=1000").await), ids(&sent));
}

/// The most memory that a process has had.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    number.expect("a number of kB")
}
