//! Increases and decreases of the masking.

use std::collections::BTreeMap;

use habitat_events::Cause;
use serde_json::{Value, json};

use super::samples::{adaptation, answer, deliver, measured, pages, two_floors};
use crate::support::{Place, Tenant, on_both_stores};

on_both_stores![
    changes_are_listed_in_order_of_time_with_every_filter,
    changes_add_up_per_zone_cause_and_direction,
];

/// Changes in three zones, delivered in another order than that of their times, with measurements between them.
fn changes() -> Vec<Value> {
    const CAUSES: [Cause; 4] = [Cause::Speech, Cause::Quiet, Cause::Neighbour, Cause::Limit];
    (0..150)
        .map(|number: usize| {
            let zone = ["north", "south", "quiet"][number % 3];
            let seconds = (number as i64 * 37) % 150 * 60;
            let from_db = 42.0 + (number % 11) as f64 / 10.0;
            let change_db = if number % 5 < 2 { -0.1 } else { 0.2 };
            let to_db = ((from_db + change_db) * 1000.0).round() / 1000.0;
            adaptation(zone, seconds, from_db, to_db, CAUSES[number % 4])
        })
        .collect()
}

fn row(event: &Value) -> Value {
    let data = &event["data"];
    let evidence = |member: &str| data["evidence"].get(member).cloned().unwrap_or_default();
    json!({
        "time": event["time"], "zone": data["zone"], "direction": data["direction"], "cause": data["cause"],
        "from_db": data["from_db"], "to_db": data["to_db"], "duration_s": data["duration_s"],
        "sti": evidence("sti"), "from_zone": evidence("from_zone"),
    })
}

async fn sent(tenant: &Tenant) -> Vec<Value> {
    let changes = changes();
    deliver(tenant, &two_floors()).await;
    let minutes: Vec<Value> = (0..50)
        .map(|number| measured(number, "north", 60 * i64::from(number)).1)
        .collect();
    deliver(tenant, &[&changes[..70], &minutes[..], &changes[70..]].concat()).await;
    changes
}

async fn changes_are_listed_in_order_of_time_with_every_filter(place: Place) {
    let tenant = Tenant::start(&place).await;
    let mut sent = sent(&tenant).await;
    sent.sort_by_key(|event| event["time"].as_str().expect("a time").to_owned());
    let whole = "adaptations?since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z";
    type Test = Box<dyn Fn(&Value) -> bool>;
    let questions: [(&str, Test); 6] = [
        ("", Box::new(|_| true)),
        ("&zone=south", Box::new(|e| e["data"]["zone"] == "south")),
        ("&floor=1", Box::new(|e| e["data"]["zone"] != "quiet")),
        ("&cause=speech", Box::new(|e| e["data"]["cause"] == "speech")),
        ("&direction=decrease", Box::new(|e| e["data"]["direction"] == "decrease")),
        (
            "&zone=north&cause=quiet&direction=increase",
            Box::new(|e| e["data"]["zone"] == "north" && e["data"]["cause"] == "quiet" && e["data"]["direction"] == "increase"),
        ),
    ];
    for (filter, test) in questions {
        let expected: Vec<Value> = sent.iter().filter(|event| test(event)).map(row).collect();
        assert!(expected.len() > 2, "{filter}");
        for limit in [1000, 7] {
            let found = pages(&tenant, &format!("{whole}{filter}&limit={limit}"), "adaptations").await;
            assert_eq!(found, expected, "{filter}, {limit} a page");
        }
    }
    let half = "adaptations?since=2026-01-05T08:30:00Z&until=2026-01-05T09:00:00Z&limit=1000";
    let inside =
        |event: &&Value| ("2026-01-05T08:30:00Z".."2026-01-05T09:00:00Z").contains(&event["time"].as_str().expect("a time"));
    let expected: Vec<Value> = sent.iter().filter(inside).map(row).collect();
    assert_eq!(pages(&tenant, half, "adaptations").await, expected);
}

async fn changes_add_up_per_zone_cause_and_direction(place: Place) {
    let tenant = Tenant::start(&place).await;
    let sent = sent(&tenant).await;
    let mut expected: BTreeMap<[String; 3], (u64, f64, f64)> = BTreeMap::new();
    for event in &sent {
        let data = &event["data"];
        let number = |member: &str| data[member].as_f64().expect("a number");
        let key = ["zone", "cause", "direction"].map(|member| data[member].as_str().expect("text").to_owned());
        let sum = expected.entry(key).or_default();
        *sum = (
            sum.0 + 1,
            sum.1 + (number("to_db") - number("from_db")).abs(),
            sum.2 + number("duration_s"),
        );
    }
    let question = "adaptations/sums?since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z";
    let sums = answer(&tenant, question).await;
    let sums = sums["sums"].as_array().expect("sums");
    assert_eq!(sums.len(), expected.len());
    for (sum, ([zone, cause, direction], (count, change_db, duration_s))) in sums.iter().zip(expected) {
        assert_eq!(
            (&sum["zone"], &sum["cause"], &sum["direction"]),
            (&json!(zone), &json!(cause), &json!(direction))
        );
        assert_eq!(sum["count"], count);
        assert!(
            (sum["change_db"].as_f64().expect("a number") - change_db).abs() < 1e-3,
            "{sum}"
        );
        assert_eq!(sum["duration_s"], duration_s);
    }
    assert_eq!(&pages(&tenant, &format!("{question}&limit=4"), "sums").await, sums);
    let speech = answer(&tenant, &format!("{question}&cause=speech&zone=north")).await;
    let all_speech = speech["sums"]
        .as_array()
        .expect("sums")
        .iter()
        .all(|sum| sum["cause"] == "speech" && sum["zone"] == "north");
    assert!(all_speech && speech["sums"][0]["count"].as_u64() > Some(3), "{speech}");
}
