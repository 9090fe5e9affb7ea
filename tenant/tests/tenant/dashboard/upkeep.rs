//! Figures stay right whatever comes, in whatever order, and whatever goes; and who asks for much holds nobody up.

use std::time::Duration;

use habitat_events::Measurement;
use habitat_tenant::Limits;
use reqwest::{StatusCode, header};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::samples::{answer, ask, assert_has, deliver, expected, measured};
use crate::support::{Place, Tenant, on_both_stores};

on_both_stores![
    late_repeated_and_disordered_minutes_give_the_figures_of_the_list,
    deleted_minutes_are_gone_from_the_figures,
    figures_follow_without_anybody_asking,
    two_instances_that_count_at_once_count_the_same,
    questions_beyond_the_limit_are_told_to_come_back_and_ingest_goes_on,
];

/// What must come of itself is there long before, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

const DAY: &str = "series?zone=north&interval=day&since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z";

fn minutes(count: u32) -> (Vec<Measurement>, Vec<Value>) {
    (0..count)
        .map(|number| measured(number, "north", 60 * i64::from(number)))
        .unzip()
}

async fn assert_day(tenant: &Tenant, minutes: &[Measurement], context: &str) {
    let day = answer(tenant, DAY).await;
    assert_has(&day["buckets"][0], &expected(minutes), context);
}

/// A statement to the database itself, as a job that deletes would give it.
fn execute(place: &Place, statement: &str) {
    match place {
        Place::Sqlite(folder) => {
            let file = Connection::open(folder.path().join("tenant.db")).expect("opens");
            file.busy_timeout(Duration::from_secs(5)).expect("set");
            file.execute_batch(statement).expect("done");
        }
        Place::Postgres(server) => {
            server.sql(statement);
        }
    }
}

async fn late_repeated_and_disordered_minutes_give_the_figures_of_the_list(place: Place) {
    let tenant = Tenant::start(&place).await;
    let (measurements, events) = minutes(200);
    let (even, odd): (Vec<usize>, Vec<usize>) = (0..200).partition(|number| number % 2 == 0);
    let pick = |numbers: &[usize]| -> Vec<Value> { numbers.iter().rev().map(|number| events[*number].clone()).collect() };
    deliver(&tenant, &pick(&even)).await;
    let of_even: Vec<Measurement> = even.iter().map(|number| measurements[*number].clone()).collect();
    assert_day(&tenant, &of_even, "half of them, backwards").await;
    deliver(&tenant, &pick(&even)).await;
    assert_day(&tenant, &of_even, "again").await;
    deliver(&tenant, &pick(&odd)).await;
    deliver(&tenant, &events[..50]).await;
    assert_day(&tenant, &measurements, "all, and some again").await;
}

async fn deleted_minutes_are_gone_from_the_figures(place: Place) {
    let tenant = Tenant::start(&place).await;
    let (measurements, events) = minutes(200);
    deliver(&tenant, &events).await;
    assert_day(&tenant, &measurements, "all").await;
    // In the middle of a quarter of an hour, and one whole zone's history before it.
    let cutoff_us = super::samples::at(60 * 67).as_microsecond();
    execute(
        &place,
        &format!("DELETE FROM event WHERE tenant_id = 'default' AND time_us <= {cutoff_us}"),
    );
    assert_day(&tenant, &measurements[67..], "what is left").await;
    execute(&place, "DELETE FROM event");
    let day = answer(&tenant, DAY).await;
    assert_has(
        &day["buckets"][0],
        &json!({ "minutes": 0, "laeq_db": null, "coverage": 0 }),
        "nothing is left",
    );
}

async fn figures_follow_without_anybody_asking(place: Place) {
    let limits = Limits {
        refresh_interval: Duration::from_millis(50),
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    deliver(&tenant, &minutes(200).1).await;
    let counted = || -> i64 {
        let count = "SELECT COALESCE(sum(minutes), 0) FROM dashboard_quarter";
        match &place {
            Place::Sqlite(folder) => {
                let file = Connection::open(folder.path().join("tenant.db")).expect("opens");
                file.query_row(count, [], |row| row.get(0)).expect("a number")
            }
            Place::Postgres(server) => server.sql(count).parse().expect("a number"),
        }
    };
    let reaches = async |minutes: i64| {
        let wait = async {
            while counted() != minutes {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let reached = tokio::time::timeout(PATIENCE, wait).await;
        reached.unwrap_or_else(|_| panic!("{} minutes, not {minutes}", counted()));
    };
    reaches(200).await;
    execute(&place, "DELETE FROM event");
    reaches(0).await;
}

async fn two_instances_that_count_at_once_count_the_same(place: Place) {
    // A file is for one instance.
    if matches!(place, Place::Sqlite(_)) {
        return;
    }
    let (one, other) = (Tenant::start(&place).await, Tenant::start(&place).await);
    let (measurements, events) = minutes(240);
    for batch in events.chunks(24) {
        deliver(&one, batch).await;
        let _ = tokio::join!(answer(&one, DAY), answer(&other, DAY), answer(&one, DAY), answer(&other, DAY));
    }
    assert_day(&one, &measurements, "one").await;
    assert_day(&other, &measurements, "the other").await;
}

async fn questions_beyond_the_limit_are_told_to_come_back_and_ingest_goes_on(place: Place) {
    let limits = Limits {
        questions: 0,
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    let refused = ask(&tenant, DAY).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    assert_eq!(refused.headers[header::RETRY_AFTER], "2");
    assert!(refused.error().contains("come back"), "{refused:?}");
    deliver(&tenant, &minutes(10).1).await;
    tenant.stop().await;

    let limits = Limits {
        question_timeout: Duration::ZERO,
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, limits, |router| router).await;
    let refused = ask(&tenant, DAY).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    assert!(refused.error().contains("shorter period"), "{refused:?}");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    deliver(&tenant, &minutes(10).1).await;
}
