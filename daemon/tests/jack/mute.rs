//! How soon a mute is heard: from the request to the first silent sample that the server gets, which it gets up to a period before it is
//! played. A measurement rather than a test, for machines pause: `make soak`.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    jackd::Jackd,
    room::Room,
    site::{BLOCK, On, RATE, Running, start_on},
};

const MUTES: usize = 100;

/// Asks over HTTP, without waiting for the answer.
fn mute(running: &Running, muted: bool) -> TcpStream {
    let mut connection = TcpStream::connect(("127.0.0.1", running.port)).unwrap();
    let body = format!("{{\"muted\":{muted}}}");
    write!(
        connection,
        "PUT /api/v1/mute HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        running.port,
        body.len()
    )
    .unwrap();
    connection
}

fn finish(mut connection: TcpStream) {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn measure(name: &str, suffers: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let server = Jackd::start(RATE, BLOCK);
    let mut running = start_on(&[On::jack(8)], |command| {
        server.serve(command);
        command.envs(suffers.iter().copied());
    });
    let mut room = Room::enter(&server, 8, folder.path());
    room.wait_for_sound();
    let mut times_ms = Vec::new();
    for n in 0..MUTES {
        // At any moment of a period.
        std::thread::sleep(Duration::from_millis(1000 + 7 * n as u64 % 22));
        let begun = Instant::now();
        let connection = mute(&running, true);
        let silent = room.wait_for_silence();
        times_ms.push(begun.elapsed().as_secs_f64() * 1e3 - 1e3 * f64::from(silent) / f64::from(RATE));
        finish(connection);
        finish(mute(&running, false));
        room.wait_for_sound();
    }
    assert!(!running.daemon.has_ended());
    times_ms.sort_by(f64::total_cmp);
    let at = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share).round() as usize];
    println!(
        "{name}: {MUTES} mutes, p50 {:.0} ms, p90 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    assert!(at(0.9) <= 100.0, "{times_ms:?}");
}

#[test]
#[ignore = "takes minutes"]
fn a_mute_is_heard_within_a_tenth_of_a_second() {
    measure("idle", &[]);
    measure("engine at 80 % of a core", &[("HABITAT_REHEARSE_ENGINE_LOAD", "0.8")]);
}
