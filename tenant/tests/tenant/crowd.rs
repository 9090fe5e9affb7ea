//! A stolen token of one site, and a crowd without any: neither keeps others from delivering.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::support::{
    LAB_TOKEN, Place,
    client::{BATCH, receipt},
    events::{ids, minutes},
    on_both_stores,
    process::{Program, serve_command},
};

on_both_stores![
    slow_bodies_of_one_site_leave_room_for_another,
    more_connections_than_a_process_may_usually_have_leave_room_for_another,
];

/// Far more than batches are taken at once.
const SLOW: usize = 300;
/// More than the 1024 open files that a process usually may have.
const IDLE: usize = 1500;
/// By then all of them have knocked.
const CROWDED_AFTER: Duration = Duration::from_secs(2);
/// A busy test machine pauses for a second; what this excludes is one guest who keeps others waiting.
const PATIENCE: Duration = Duration::from_secs(10);

async fn slow_bodies_of_one_site_leave_room_for_another(place: Place) {
    let program = Program::start(serve_command(&place));
    let (over, turned_away) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut guests = JoinSet::new();
    for _ in 0..SLOW {
        let stream = begin_slowly(program.address()).await;
        guests.spawn(go_on_slowly(stream, over.clone(), turned_away.clone()));
    }
    deliver(&program).await;
    over.store(true, Ordering::Relaxed);
    guests.join_all().await;
    let turned_away = turned_away.load(Ordering::Relaxed);
    println!("{turned_away} of {SLOW} slow batches were turned away");
    assert!(turned_away > SLOW / 2, "they never took all places");
    assert!(program.client().all("lab", "").await.is_empty());
}

/// Delivers as fast as it gets answers, each of which is yes.
async fn deliver(program: &Program) {
    let sent = minutes(300);
    let (client, mut slowest) = (program.client(), Duration::ZERO);
    for batch in sent.chunks(5) {
        let begun = Instant::now();
        let answer = client.post(batch).await;
        assert_eq!((answer.status, answer.json), (StatusCode::OK, receipt(5, 0)));
        slowest = slowest.max(begun.elapsed());
    }
    println!("the slowest of {} batches took {slowest:?}", sent.len() / 5);
    assert!(slowest < PATIENCE, "{slowest:?}");
    assert_eq!(ids(&client.all("hq", "limit=1000").await), ids(&sent));
}

/// A batch with a good token, whose body has begun.
async fn begin_slowly(address: std::net::SocketAddr) -> TcpStream {
    let head = format!(
        "POST /v1/sites/lab/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {LAB_TOKEN}\r\nContent-Type: {BATCH}\r\n\
         Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// Goes on with the body, a byte at a time, and comes to its end when it is over.
async fn go_on_slowly(mut stream: TcpStream, over: Arc<AtomicBool>, turned_away: Arc<AtomicUsize>) {
    while !over.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if stream.write_all(b"1\r\n \r\n").await.is_err() {
            return;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
    let mut answer = [0; 12];
    if stream.read_exact(&mut answer).await.is_ok() && answer.ends_with(b"429") {
        turned_away.fetch_add(1, Ordering::Relaxed);
    }
}

async fn more_connections_than_a_process_may_usually_have_leave_room_for_another(place: Place) {
    raise_own_limit();
    let mut command = std::process::Command::new("prlimit");
    let serve = serve_command(&place);
    // As a service manager starts it.
    command
        .args(["--nofile=1024:", "--"])
        .arg(serve.get_program())
        .args(serve.get_args());
    let program = Program::start(command);
    let mut guests = JoinSet::new();
    for _ in 0..IDLE {
        guests.spawn(TcpStream::connect(program.address()));
    }
    // A process that has no more room leaves the rest of them waiting, and would then leave us waiting.
    tokio::time::sleep(CROWDED_AFTER).await;
    let mut held = Vec::new();
    while let Some(connected) = guests.try_join_next() {
        held.push(connected.expect("no panic").expect("a connection"));
    }
    deliver(&program).await;
    println!("{} of {IDLE} connections stood idle", held.len());
    assert!(held.len() > 1024, "it was never crowded");
}

/// For the connections of the test itself.
fn raise_own_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).expect("a process may use what it may have");
}
