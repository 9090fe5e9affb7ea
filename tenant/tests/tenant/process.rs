//! The program itself: killed, full, told to stop, wrongly called.

use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{
    Place,
    client::{Client, receipt},
    events::{body, ids, minutes},
    folder, on_both_stores,
    process::{Program, serve_command},
};

on_both_stores![
    killed_in_the_middle_of_an_ingest_it_has_everything_acknowledged_once_and_no_batch_in_part,
    a_signal_ends_it_in_order,
];

/// Sends the batches from the first that is not acknowledged, until one fails.
async fn send_until_it_fails(client: Client, batches: Arc<Vec<Vec<Value>>>, acknowledged: Arc<AtomicUsize>) {
    while let Some(batch) = batches.get(acknowledged.load(Ordering::SeqCst)) {
        let Ok(response) = client.batch(body(batch)).send().await else {
            return;
        };
        assert_eq!(response.status(), StatusCode::OK);
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

async fn killed_in_the_middle_of_an_ingest_it_has_everything_acknowledged_once_and_no_batch_in_part(place: Place) {
    const BATCH_EVENTS: usize = 5;
    let sent = minutes(1000);
    let batches: Arc<Vec<_>> = Arc::new(sent.chunks(BATCH_EVENTS).map(<[Value]>::to_vec).collect());
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut interrupted = 0;
    for round in 0..8 {
        let program = Program::start(serve_command(&place));
        let before = acknowledged.load(Ordering::SeqCst);
        let sending = tokio::spawn(send_until_it_fails(program.client(), batches.clone(), acknowledged.clone()));
        while acknowledged.load(Ordering::SeqCst) == before && before < batches.len() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(7 * round)).await;
        program.kill();
        sending.await.expect("every answer was a 200");
        let answered = acknowledged.load(Ordering::SeqCst);
        interrupted += usize::from(answered > 0 && answered < batches.len());

        let program = Program::start(serve_command(&place));
        let stored = ids(&program.client().all("hq", "limit=1000").await);
        assert_eq!(stored, ids(&sent)[..stored.len()], "round {round}: once each, in order");
        assert_eq!(stored.len() % BATCH_EVENTS, 0, "round {round}: a batch was stored in part");
        let committed = stored.len() / BATCH_EVENTS;
        // The last one may have been committed and its answer lost.
        assert!(
            (answered..=answered + 1).contains(&committed),
            "round {round}: {answered} acknowledged, {committed} stored"
        );
        program.kill();
    }
    assert!(
        interrupted > 0,
        "no kill fell between the first batch and the last, so nothing was tested"
    );

    let program = Program::start(serve_command(&place));
    send_until_it_fails(program.client(), batches, acknowledged).await;
    assert_eq!(ids(&program.client().all("hq", "limit=1000").await), ids(&sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_is_full_batches_are_refused_as_temporary_and_none_is_lost_or_doubled() {
    let place = Place::sqlite();
    // The system refuses to let any file grow beyond 512 blocks of 1024 bytes, as a full disk would.
    let inner = serve_command(&place);
    let mut limited = Command::new("bash");
    limited
        .args(["-c", r#"trap '' XFSZ; ulimit -f 512; exec "$0" "$@""#])
        .arg(inner.get_program());
    limited.args(inner.get_args()).env_remove("RUST_LOG");
    let program = Program::start(limited);
    let batches: Vec<_> = minutes(2000).chunks(50).map(<[Value]>::to_vec).collect();
    let mut acknowledged = 0;
    let refused = loop {
        let answer = program.client().post(&batches[acknowledged]).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        acknowledged += 1;
    };
    assert!(acknowledged > 0);
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers.contains_key("retry-after"));
    refused.error();
    let stored = ids(&program.client().all("hq", "limit=1000").await);
    assert_eq!(stored, ids(&batches[..acknowledged].concat()), "reading goes on");
    program.kill();

    let program = Program::start(serve_command(&place));
    for batch in &batches[acknowledged..] {
        assert_eq!(program.client().post(batch).await.json, receipt(50, 0));
    }
    assert_eq!(ids(&program.client().all("hq", "limit=1000").await), ids(&batches.concat()));
}

async fn a_signal_ends_it_in_order(place: Place) {
    for name in ["TERM", "INT"] {
        let program = Program::start(serve_command(&place));
        assert_eq!(program.client().post(&minutes(3)).await.json, receipt(3, 0));
        let status = program.signal(name);
        assert_eq!((status.code(), status.signal()), (Some(0), None), "SIG{name}");
        assert!(!place.folder().join("tenant.db-wal").exists(), "the database was closed");
    }
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitat-tenant"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

#[test]
fn help_shows_an_example() {
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let (code, stdout, _) = run(&mut program(arguments));
        assert_eq!(code, Some(0));
        assert!(
            stdout.contains("habitat-tenant serve") && stdout.contains("--token-file tokens"),
            "{stdout}"
        );
    }
}

#[test]
fn wrong_calls_end_with_the_exit_code_that_says_whose_fault_it_is() {
    let folder = folder();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (good, bad) = (file("good", "hq secret-word\n"), file("bad", "hq\n"));
    let foreign = file("foreign.db", &"This is a letter. ".repeat(500));
    let database = folder.path().join("tenant.db").display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = taken
        .local_addr()
        .map(|address| (taken, address.to_string()))
        .expect("an address");
    let serve = |listen: &str, database: &str, tokens: &str, more: &[&str]| {
        let base = ["serve", "--listen", listen, "--database", database, "--token-file", tokens];
        run(&mut program(&[&base, more].concat()))
    };
    let cases = [
        (run(&mut program(&[])), 64, "Usage"),
        (run(&mut program(&["serve", "--nonsense"])), 64, "--nonsense"),
        (run(&mut program(&["serve"])), 64, "--database"),
        (
            serve("127.0.0.1:0", "postgres://u:secret-word@host:port/db", &good, &[]),
            64,
            "postgres://user@host",
        ),
        (
            serve("127.0.0.1:0", "postgres://u:secret-word@127.0.0.1:1/db", &good, &[]),
            69,
            "127.0.0.1:1/db",
        ),
        (serve("nowhere", &database, &good, &[]), 64, "nowhere"),
        (serve("127.0.0.1:0", &database, "absent-file", &[]), 64, "absent-file"),
        (serve("127.0.0.1:0", &database, &bad, &[]), 64, "line 1"),
        (serve("127.0.0.1:0", &database, &good, &["--cert", "c.pem"]), 64, "--key"),
        (
            serve("127.0.0.1:0", &database, &good, &["--cert", "c.pem", "--key", "k.pem"]),
            64,
            "c.pem",
        ),
        (serve("0.0.0.0:0", &database, &good, &[]), 64, "loopback"),
        (serve(&taken.1, &database, &good, &[]), 69, &taken.1),
        (serve("127.0.0.1:0", &foreign, &good, &[]), 69, "foreign.db"),
    ];
    for (index, ((code, stdout, stderr), expected, said)) in cases.into_iter().enumerate() {
        assert_eq!(code, Some(expected), "case {index}: {stderr}");
        assert!(stderr.contains(said), "case {index}: {stderr}");
        assert_eq!(stdout, "", "case {index}");
        assert!(!stderr.contains("secret-word"), "case {index}: {stderr}");
    }
}
