//! Questions about the events of a site, compared with the same question asked of the list that was sent.

use habitat_events::Data;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    LAB_TOKEN, Place, Tenant,
    client::{BATCH, send},
    events::{body, device, ids, measurement, minutes},
    on_both_stores,
};

on_both_stores![
    every_filter_gives_the_events_it_names_in_order_of_arrival,
    pages_have_the_asked_size_and_the_last_one_says_so,
    events_that_arrive_while_somebody_turns_pages_come_on_later_pages,
    a_page_of_large_events_ends_early_and_goes_on,
    a_site_sees_its_own_events_only,
    wrong_parameters_are_named,
];

/// Events of three kinds and zones, whose times do not follow the order of arrival.
fn mixed() -> Vec<Value> {
    (0..60)
        .map(|n: u32| {
            let minute = (n * 17) % 60;
            match n % 4 {
                0 => measurement("hq", "north", minute),
                1 => measurement("hq", "south", minute),
                2 => device("hq", "m1", minute, "m1"),
                _ => zone_mute(minute, if n % 8 == 3 { json!("north") } else { json!(null) }),
            }
        })
        .collect()
}

fn zone_mute(minute: u32, zone: Value) -> Value {
    let mut event = device("hq", "hq", minute, "m1");
    event["type"] = json!(Data::TYPES[4]);
    event["dataschema"] = json!("urn:habitat:schema:habitat.mute.v1");
    event["data"] = json!({ "zone": zone, "muted": true, "channel": "mqtt" });
    event
}

/// The zone of an event, or its subject.
fn zone_of(event: &Value) -> &str {
    event["data"]["zone"]
        .as_str()
        .or_else(|| event["subject"].as_str())
        .expect("a zone or subject")
}

fn time_of(event: &Value) -> Timestamp {
    event["time"].as_str().and_then(|time| time.parse().ok()).expect("a time")
}

async fn every_filter_gives_the_events_it_names_in_order_of_arrival(place: Place) {
    let tenant = Tenant::start(&place).await;
    let sent = mixed();
    tenant.client().post(&sent).await;
    let at = |minute: &str| -> Timestamp { format!("2026-01-05T08:{minute}:00Z").parse().expect("a time") };
    type Test = Box<dyn Fn(&Value) -> bool>;
    let (ten, twenty) = (at("10"), at("20"));
    let questions: Vec<(&str, Test)> = vec![
        ("", Box::new(|_| true)),
        ("zone=north", Box::new(|e| zone_of(e) == "north")),
        ("zone=m1", Box::new(|e| zone_of(e) == "m1")),
        ("zone=hq", Box::new(|e| zone_of(e) == "hq")),
        ("zone=nowhere", Box::new(|_| false)),
        ("type=habitat.device.v1", Box::new(|e| e["type"] == "habitat.device.v1")),
        ("since=2026-01-05T08:10:00Z", Box::new(move |e| time_of(e) >= ten)),
        ("until=2026-01-05T08:10:00Z", Box::new(move |e| time_of(e) < ten)),
        (
            "since=2026-01-05T10:10:00%2B02:00&until=2026-01-05T03:20:00-05:00",
            Box::new(move |e| time_of(e) >= ten && time_of(e) < twenty),
        ),
        (
            "zone=north&type=habitat.mute.v1&since=2026-01-05T08:20:00Z",
            Box::new(move |e| zone_of(e) == "north" && e["type"] == "habitat.mute.v1" && time_of(e) >= twenty),
        ),
    ];
    for (question, test) in questions {
        let expected: Vec<_> = sent.iter().filter(|event| test(event)).cloned().collect();
        assert_eq!(
            expected.is_empty(),
            question.ends_with("nowhere"),
            "{question:?} asks for something"
        );
        assert_eq!(tenant.client().all("hq", question).await, expected, "{question:?}");
        let paged = tenant.client().all("hq", &format!("limit=3&{question}")).await;
        assert_eq!(paged, expected, "{question:?} in pages");
    }
}

async fn pages_have_the_asked_size_and_the_last_one_says_so(place: Place) {
    let tenant = Tenant::start(&place).await;
    let sent = minutes(120);
    tenant.client().post(&sent).await;
    let (mut sizes, mut after) = (Vec::new(), String::new());
    loop {
        let page = tenant.client().get("hq", &format!("limit=40{after}")).await;
        sizes.push(page.json["events"].as_array().expect("events").len());
        let Some(next) = page.json["next"].as_str() else {
            assert!(page.json["next"].is_null(), "{page:?}");
            break;
        };
        after = format!("&after={next}");
    }
    assert_eq!(sizes, [40, 40, 40]);
    let first = tenant.client().get("hq", "").await;
    assert_eq!(first.json["events"].as_array().expect("events").len(), 100);
    assert!(first.json["next"].is_string());
    assert_eq!(tenant.client().get("hq", "limit=1000").await.json["next"], Value::Null);
}

async fn events_that_arrive_while_somebody_turns_pages_come_on_later_pages(place: Place) {
    let tenant = Tenant::start(&place).await;
    let sent = minutes(30);
    tenant.client().post(&sent[..20]).await;
    let first = tenant.client().get("hq", "limit=15").await;
    tenant.client().post(&sent[20..]).await;
    let next = first.json["next"].as_str().expect("a cursor");
    let rest = tenant.client().get("hq", &format!("limit=1000&after={next}")).await;
    let seen = [first.json["events"].as_array(), rest.json["events"].as_array()];
    let seen: Vec<Value> = seen.into_iter().flatten().flatten().cloned().collect();
    assert_eq!(seen, sent);
}

async fn a_page_of_large_events_ends_early_and_goes_on(place: Place) {
    let tenant = Tenant::start(&place).await;
    let long = "x".repeat(200 << 10);
    let sent: Vec<_> = (0..45).map(|n| device("hq", "m1", n, &long)).collect();
    for batch in sent.chunks(15) {
        tenant.client().deliver(batch).await;
    }
    let first = tenant.client().get("hq", "limit=1000").await;
    let count = first.json["events"].as_array().expect("events").len();
    assert!((1..45).contains(&count), "{count} events of 200 KiB in one page");
    assert_eq!(ids(&tenant.client().all("hq", "limit=1000").await), ids(&sent));
}

async fn a_site_sees_its_own_events_only(place: Place) {
    let tenant = Tenant::start(&place).await;
    let (own, foreign) = (minutes(5), [measurement("lab", "north", 0)]);
    tenant.client().post(&own).await;
    let request = tenant
        .client()
        .request(Method::POST, "/v1/sites/lab/events")
        .bearer_auth(LAB_TOKEN);
    let answer = send(request.header("content-type", BATCH).body(body(&foreign))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(tenant.client().all("hq", "zone=north").await, own);
    assert_eq!(tenant.client().all("lab", "zone=north").await, foreign);
}

async fn wrong_parameters_are_named(place: Place) {
    let tenant = Tenant::start(&place).await;
    tenant.client().post(&minutes(2)).await;
    let wrong = [
        ("since=yesterday", "since"),
        ("since=2026-01-05", "since"),
        ("since=2026-01-05T08:00:00+02:00", "since"),
        ("until=", "until"),
        ("until=2026-13-01T00:00:00Z", "until"),
        ("since=2026-01-06T00:00:00Z&until=2026-01-05T00:00:00Z", "until"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("after=-1", "after"),
        ("after=1;DROP%20TABLE%20events", "after"),
        ("after=9223372036854775808", "after"),
        ("type=habitat.zone.%25", "type"),
        ("type=", "type"),
        ("zone=", "zone"),
        ("zone=nul%00byte", "zone"),
        ("zones=north", "zones"),
        ("seq%20%3E%200%20--=1", "seq"),
        ("zone=a&zone=b", "zone"),
    ];
    for (query, name) in wrong {
        let answer = tenant.client().get("hq", query).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(
            answer.error().replace('"', "").contains(&format!("parameter {name} ")),
            "{answer:?}"
        );
    }
    assert_eq!(
        tenant.client().get("hq", "after=9223372036854775807").await.json,
        json!({ "events": [], "next": null })
    );
    assert_eq!(tenant.client().all("hq", "").await.len(), 2);
}
