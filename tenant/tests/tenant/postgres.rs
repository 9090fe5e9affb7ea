//! What only a server can do: be down, be shared, be somebody else's; and the months that events lie in.

use std::collections::HashSet;

use habitat_tenant::{Limits, StoreError, TenantService};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Place, Tenant,
    client::{receipt, send},
    events::{ids, measurement, minutes},
    postgres::Postgres,
    tokens,
};

async fn open_error(url: &str) -> StoreError {
    let database = url.parse().expect("a URL");
    TenantService::connect(&database, tokens(), Limits::default())
        .await
        .expect_err("it must not open")
}

#[tokio::test]
async fn a_database_of_another_program_or_a_later_version_is_refused_and_left_as_it_is() {
    let server = Postgres::start();
    server.sql("CREATE TABLE photo (id integer)");
    let error = open_error(&server.url()).await;
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{}/postgres", server.port())),
        "{error}"
    );
    assert_eq!(server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");

    server.sql("DROP TABLE photo");
    let place = Place::Postgres(server);
    Tenant::start(&place).await.stop().await;
    let server = place.server();
    server.sql("INSERT INTO schema_version (version) VALUES (99)");
    let error = open_error(&server.url()).await;
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_named_without_its_password() {
    let server = Postgres::start();
    server.sql("CREATE DATABASE narrow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    let port = server.port();
    let cases = [
        (format!("postgres://habitat:sesame@127.0.0.1:{port}/narrow"), "UTF8"),
        (format!("postgres://habitat:sesame@127.0.0.1:{port}/absent"), "absent"),
        (format!("postgres://nobody:sesame@127.0.0.1:{port}/postgres"), "nobody"),
        ("postgres://habitat:sesame@127.0.0.1:1/postgres".to_owned(), "does not answer"),
        ("postgres://habitat:sesame@host.invalid/postgres".to_owned(), "host.invalid"),
    ];
    for (url, said) in cases {
        let error = open_error(&url).await;
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains(said), "{url}: {error}");
        assert!(!error.to_string().contains("sesame"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_down_batches_are_refused_as_temporary_and_then_taken_again() {
    let mut place = Place::postgres();
    let tenant = Tenant::start(&place).await;
    let sent = minutes(20);
    assert_eq!(tenant.client().post(&sent[..10]).await.json, receipt(10, 0));
    place.server_mut().kill();
    let refused = tenant.client().post(&sent[10..]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    assert!(refused.headers.contains_key("retry-after"));
    let probe = |path| send(tenant.client().request(Method::GET, path));
    assert_eq!(probe("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(probe("/healthz").await.status, StatusCode::OK);

    place.server_mut().start_again();
    assert_eq!(probe("/readyz").await.status, StatusCode::OK);
    assert_eq!(tenant.client().post(&sent).await.json, receipt(10, 10));
    assert_eq!(tenant.client().all("hq", "").await, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_connection_is_taken_callers_are_told_to_come_back_and_nothing_is_lost() {
    let place = Place::postgres();
    let tenant = Tenant::start(&place).await;
    let events = minutes(40);
    tenant.client().post(&events[..1]).await;
    // Somebody holds the row that batches of the site wait for.
    let held = place.server().hold("SELECT FROM arrival FOR UPDATE");
    let mut senders = JoinSet::new();
    for event in &events {
        let (client, event) = (tenant.client(), event.clone());
        senders.spawn(async move { client.post(&[event]).await });
    }
    let mut refused = 0;
    let busy = senders.join_next().await.expect("a sender").expect("no panic");
    assert_eq!(busy.status, StatusCode::TOO_MANY_REQUESTS, "{busy:?}");
    assert_eq!(busy.headers["retry-after"], "1");
    drop(held);
    while let Some(answer) = senders.join_next().await {
        refused += usize::from(answer.expect("no panic").status == StatusCode::TOO_MANY_REQUESTS);
    }
    let stored = tenant.client().all("hq", "").await.len();
    assert!(
        stored >= events.len() - 1 - refused,
        "{stored} stored, {} refused",
        refused + 1
    );
    for event in &events {
        assert_eq!(tenant.client().post(std::slice::from_ref(event)).await.status, StatusCode::OK);
    }
    let all: HashSet<_> = ids(&tenant.client().all("hq", "").await).into_iter().collect();
    assert_eq!(all, ids(&events).into_iter().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_once_on_an_empty_database_make_its_tables_together() {
    let place = Place::postgres();
    let database = place.database();
    let mut starting = JoinSet::new();
    for _ in 0..6 {
        let database = database.clone();
        starting.spawn(async move { TenantService::connect(&database, tokens(), Limits::default()).await });
    }
    while let Some(service) = starting.join_next().await {
        service.expect("no panic").expect("it opens").close().await;
    }
    assert_eq!(
        place
            .server()
            .sql("SELECT count(DISTINCT version) = count(*) FROM schema_version"),
        "t"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_a_site_through_two_instances_never_come_up_behind_a_reader() {
    let place = Place::postgres();
    let instances = [Tenant::start(&place).await, Tenant::start(&place).await];
    let mut senders = JoinSet::new();
    for (number, controller) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let client = instances[number % 2].client();
        let mut events = minutes(300);
        for event in &mut events {
            event["source"] = json!(format!("/sites/hq/controllers/{controller}"));
        }
        senders.spawn(async move {
            for batch in events.chunks(3) {
                client.deliver(batch).await;
            }
            events
        });
    }
    // Reads on from where it was, while others write: what it has passed by must have been all there was.
    let reader = instances[0].client();
    let (mut seen, mut after) = (Vec::new(), "0".to_owned());
    while seen.len() < 4 * 300 {
        let page = reader.get("hq", &format!("limit=7&after={after}")).await;
        let events = page.json["events"].as_array().expect("events").clone();
        match page.json["next"].as_str() {
            Some(next) => after = next.to_owned(),
            // The last page does not say where it ended, so it is read again when there is more.
            None if senders.is_empty() => {
                seen.extend(events);
                break;
            }
            None => {
                while let Some(done) = senders.try_join_next() {
                    done.expect("no panic");
                }
                continue;
            }
        }
        seen.extend(events);
    }
    assert_eq!(seen.len(), 4 * 300, "an event came up behind the reader");
    for controller in ["a", "b", "c", "d"] {
        let source = format!("/sites/hq/controllers/{controller}");
        let times: Vec<&Value> = seen
            .iter()
            .filter(|event| event["source"] == *source)
            .map(|event| &event["time"])
            .collect();
        assert_eq!(times.len(), 300);
        assert!(times.is_sorted_by_key(|time| time.as_str()), "{controller}");
    }
}

#[tokio::test]
async fn every_time_is_taken_and_the_months_of_the_last_years_get_tables_of_their_own() {
    let place = Place::postgres();
    let now = Timestamp::now();
    let at = |time: &str| {
        let mut event = measurement("hq", "north", 0);
        event["time"] = json!(time);
        event
    };
    let days = |days: i64| (now + SignedDuration::from_hours(24 * days)).to_string();
    let events = [
        at(&days(0)),
        at(&days(45)),
        at(&days(-100)),
        at(&days(-1000)),
        at(&days(-1000)),
        at("1970-01-01T00:00:00Z"),
        at("-009000-01-01T00:00:00Z"),
        at("9999-12-01T00:00:00Z"),
    ];
    let tenant = Tenant::start(&place).await;
    assert_eq!(tenant.client().post(&events).await.json, receipt(events.len(), 0));
    assert_eq!(place.server().sql("SELECT count(*) FROM event_default"), "6");
    assert_eq!(
        place
            .server()
            .sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'event'::regclass"),
        "4"
    );
    tenant.stop().await;

    // What an hour would bring in a running one.
    let tenant = Tenant::start(&place).await;
    assert_eq!(place.server().sql("SELECT count(*) FROM event_default"), "3");
    assert_eq!(
        place
            .server()
            .sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'event'::regclass"),
        "6"
    );
    assert_eq!(tenant.client().all("hq", "").await, events);
    assert_eq!(tenant.client().post(&events).await.json, receipt(0, events.len()));
    let misplaced = "SELECT count(*) FROM event WHERE tableoid <> 'event_default'::regclass AND
        tableoid::regclass::text <> to_char(to_timestamp(time_us / 1000000) AT TIME ZONE 'UTC', '\"event_\"YYYY_MM')";
    assert_eq!(place.server().sql(misplaced), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_on_disk_also_where_the_servers_default_is_otherwise() {
    let mut place = Place::postgres();
    place.server().sql("ALTER SYSTEM SET synchronous_commit = off");
    place.server().sql("ALTER SYSTEM SET wal_writer_delay = '10s'");
    place.server().sql("SELECT pg_reload_conf()");
    let tenant = Tenant::start(&place).await;
    assert_eq!(place.server().sql("SHOW synchronous_commit"), "off");
    let events = minutes(3);
    for event in &events {
        assert_eq!(tenant.client().post(std::slice::from_ref(event)).await.json, receipt(1, 0));
    }
    place.server_mut().kill();
    place.server_mut().start_again();
    assert_eq!(tenant.client().all("hq", "").await, events);
}

#[tokio::test]
async fn every_key_begins_with_the_tenant() {
    let place = Place::postgres();
    Tenant::start(&place).await.stop().await;
    // A certificate of destruction is what remains when there is no tenant any more.
    let others = "SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE relnamespace = 'public'::regnamespace AND relname NOT IN ('schema_version', 'certificate')
        AND attname <> 'tenant_id'";
    assert_eq!(place.server().sql(others), "");
}
