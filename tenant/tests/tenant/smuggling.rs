//! Requests on the wire as no library would write them: two lengths, two framings, names and values that break lines.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use crate::support::{
    Place, TOKEN, Tenant,
    client::{BATCH, receipt},
    events::{body, measurement, minutes},
    on_both_stores,
};

on_both_stores![
    requests_whose_end_two_servers_could_see_in_two_places_are_refused,
    heads_that_are_none_are_refused_and_nothing_of_them_comes_back,
];

/// What comes back for these bytes until the server has had enough, or has nothing more to say.
fn answers(tenant: &Tenant, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(tenant.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    // The server may have closed before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request for a batch with these lines in its head.
fn request(lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /v1/sites/hq/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {BATCH}\r\n{lines}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn statuses(answers: &str) -> Vec<&str> {
    answers
        .lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 "))
        .map(|line| &line[..3])
        .collect()
}

async fn requests_whose_end_two_servers_could_see_in_two_places_are_refused(place: Place) {
    let tenant = Tenant::start(&place).await;
    let batch = body(&minutes(1));
    let hidden = request(
        &format!("Content-Length: {}\r\n", batch.len()),
        &body(&[measurement("hq", "smuggled", 7)]),
    );
    let chunked_end = [b"0\r\n\r\n".as_slice(), &hidden].concat();
    let length = batch.len();
    let both = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", chunked_end.len());
    let reversed = format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", chunked_end.len());
    for (lines, sent) in [
        (format!("Content-Length: {length}\r\nContent-Length: 0\r\n"), &batch),
        (format!("Content-Length: 0\r\nContent-Length: {length}\r\n"), &batch),
        (format!("Content-Length: {length}, 0\r\n"), &batch),
        (format!("Content-Length: +{length}\r\n"), &batch),
        ("Content-Length: -1\r\n".to_owned(), &batch),
        ("Content-Length: 0x10\r\n".to_owned(), &batch),
        (format!("Content-Length : {length}\r\n"), &batch),
        ("Transfer-Encoding: chunked, identity\r\n".to_owned(), &chunked_end),
        ("Transfer-Encoding: xchunked\r\n".to_owned(), &chunked_end),
        ("Transfer-Encoding:\u{b}chunked\r\n".to_owned(), &chunked_end),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            &b"FFFFFFFFFFFFFFFFF\r\n".to_vec(),
        ),
        (both, &chunked_end),
        (reversed, &chunked_end),
    ] {
        let answers = answers(&tenant, &request(&lines, sent));
        let statuses = statuses(&answers);
        assert!(statuses.len() <= 1, "{lines:?} was taken for two requests: {answers}");
        assert!(statuses.iter().all(|status| *status == "400"), "{lines:?}: {answers}");
    }
    assert!(tenant.client().all("hq", "").await.is_empty(), "something was stored");
    assert_eq!(tenant.client().post(&minutes(1)).await.json, receipt(1, 0));
}

async fn heads_that_are_none_are_refused_and_nothing_of_them_comes_back(place: Place) {
    let tenant = Tenant::start(&place).await;
    let batch = body(&minutes(1));
    let whole = format!("Content-Length: {}\r\n", batch.len());
    for lines in [
        "X-Name: a\r\n folded: b\r\n".to_owned(),
        "X-Name: a\rX-Injected: yes\r\n".to_owned(),
        "X-Name: a\u{0}b\r\n".to_owned(),
        "X Name: a\r\n".to_owned(),
        "no colon\r\n".to_owned(),
        format!("X-Name: {}\r\n", "a".repeat(1 << 20)),
        "X-Many: 1\r\n".repeat(1000),
    ] {
        let answers = answers(&tenant, &request(&format!("{lines}{whole}"), &batch));
        let shown = &lines[..lines.len().min(60)];
        assert!(
            statuses(&answers).iter().all(|status| status.starts_with('4')),
            "{shown:?}: {answers}"
        );
        assert!(!answers.to_ascii_lowercase().contains("x-injected"), "{shown:?}: {answers}");
        assert!(!answers.contains("aaaa"), "{shown:?}: {answers}");
    }
    for line in [
        "GET /v1/sites/hq/events\r\n X-Injected: yes HTTP/1.1",
        "POST http://elsewhere/v1/sites/hq/events HTTP/9.9",
        "\u{0}\u{1}\u{2}",
    ] {
        let answers = answers(&tenant, format!("{line}\r\nHost: t\r\n\r\n").as_bytes());
        assert!(
            statuses(&answers).iter().all(|status| status.starts_with('4')),
            "{line:?}: {answers}"
        );
    }
    assert!(tenant.client().all("hq", "").await.is_empty(), "something was stored");
    assert_eq!(tenant.client().post(&minutes(1)).await.json, receipt(1, 0));
}
