//! Too many, too much at once, too slow.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use habitat_tenant::{Limits, ServeOptions};
use reqwest::StatusCode;

use crate::support::{
    Place, TOKEN, Tenant,
    client::{BATCH, receipt},
    events::{body, minutes},
    on_both_stores,
};

on_both_stores![
    a_batch_of_a_thousand_events_is_taken_and_one_more_is_not,
    when_all_places_are_taken_a_batch_is_told_to_come_back_and_reading_goes_on,
    a_body_that_does_not_arrive_is_given_up_and_frees_its_place,
    a_body_that_breaks_off_stores_nothing,
    a_request_in_work_is_answered_although_the_shutdown_has_begun,
    a_request_that_never_ends_does_not_hold_up_the_shutdown,
];

async fn a_batch_of_a_thousand_events_is_taken_and_one_more_is_not(place: Place) {
    let tenant = Tenant::start(&place).await;
    let events = minutes(1001);
    let answer = tenant.client().post(&events).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        answer.error().contains("1001") && answer.error().contains("1000"),
        "{answer:?}"
    );
    assert_eq!(tenant.client().all("hq", "").await.len(), 0);
    assert_eq!(tenant.client().post(&events[..1000]).await.json, receipt(1000, 0));
}

/// A request whose body stops half-way, once the server has begun to read it.
fn begin_slowly(tenant: &Tenant, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(tenant.address).expect("a connection");
    let head = format!(
        "POST /v1/sites/hq/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {BATCH}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).expect("the server wants the body");
    stream.write_all(&body[..body.len() / 2]).expect("the first half is sent");
    stream
}

fn finish(mut stream: TcpStream, rest: &[u8]) -> String {
    stream.write_all(rest).expect("the rest is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

async fn when_all_places_are_taken_a_batch_is_told_to_come_back_and_reading_goes_on(place: Place) {
    let limits = Limits {
        ingests: 1,
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    let slow_body = body(&minutes(3));
    let slow = begin_slowly(&tenant, &slow_body);
    // The slow request takes the only place as soon as the server has read its head.
    let refused = loop {
        let answer = tenant.client().post(&minutes(1)).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "1");
    assert!(refused.error().contains("come back"));
    assert_eq!(tenant.client().get("hq", "limit=1").await.status, StatusCode::OK);

    let rest = slow_body[slow_body.len() / 2..].to_vec();
    let answer = tokio::task::spawn_blocking(move || finish(slow, &rest))
        .await
        .expect("no panic");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(tenant.client().post(&minutes(1)).await.json, receipt(1, 0));
}

async fn a_body_that_does_not_arrive_is_given_up_and_frees_its_place(place: Place) {
    let limits = Limits {
        ingests: 1,
        body_timeout: Duration::from_millis(100),
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    let slow = begin_slowly(&tenant, &body(&minutes(3)));
    let answer = tokio::task::spawn_blocking(move || finish(slow, b""))
        .await
        .expect("no panic");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains(r#"{"error":"#), "{answer}");
    assert_eq!(tenant.client().post(&minutes(1)).await.json, receipt(1, 0));
    assert_eq!(tenant.client().all("hq", "").await.len(), 1);
}

async fn a_body_that_breaks_off_stores_nothing(place: Place) {
    let limits = Limits {
        ingests: 1,
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    drop(begin_slowly(&tenant, &body(&minutes(3))));
    // The place of the broken request is free again once the server has seen the end of the connection.
    let events = minutes(1);
    while tenant.client().post(&events).await.status != StatusCode::OK {}
    assert_eq!(tenant.client().all("hq", "").await, events);
}

async fn a_request_in_work_is_answered_although_the_shutdown_has_begun(place: Place) {
    let limits = Limits {
        ingests: 1,
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    let slow_body = body(&minutes(3));
    let slow = begin_slowly(&tenant, &slow_body);
    while tenant.client().post(&[]).await.status != StatusCode::TOO_MANY_REQUESTS {}
    tenant.begin_stop();
    // New connections are refused once the shutdown has been noticed.
    while TcpStream::connect(tenant.address).is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let rest = slow_body[slow_body.len() / 2..].to_vec();
    let answer = tokio::task::spawn_blocking(move || finish(slow, &rest))
        .await
        .expect("no panic");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    tenant.stop().await;
    assert_eq!(Tenant::start(&place).await.client().all("hq", "").await.len(), 3);
}

async fn a_request_that_never_ends_does_not_hold_up_the_shutdown(place: Place) {
    let (limits, drain) = (
        Limits {
            ingests: 1,
            ..Limits::default()
        },
        Duration::from_millis(100),
    );
    let options = ServeOptions {
        drain,
        ..ServeOptions::default()
    };
    let tenant = Tenant::start_as(&place, limits, options, |router| router).await;
    let endless = begin_slowly(&tenant, &body(&minutes(3)));
    while tenant.client().post(&[]).await.status != StatusCode::TOO_MANY_REQUESTS {}
    tenant.stop().await;
    drop(endless);
    assert_eq!(Tenant::start(&place).await.client().all("hq", "").await.len(), 0);
}
