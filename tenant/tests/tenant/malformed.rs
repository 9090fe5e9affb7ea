//! Batches and events that are not what they should be: the right status, a reason that helps, and nothing stored of them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    client::{receipt, send},
    events::{body, device, ids, measurement, minutes},
    on_both_stores,
};

on_both_stores![
    a_body_that_is_no_array_of_events_stores_nothing,
    an_empty_batch_is_no_error,
    other_content_types_are_refused_with_the_right_one,
    bad_events_are_refused_with_reasons_and_the_good_ones_between_them_stored,
    an_event_that_is_too_large_or_too_deep_is_refused_alone,
    text_that_looks_like_sql_or_headers_is_only_text,
    minutes_of_controllers_that_know_less_are_taken_for_what_they_were,
    attributes_that_we_do_not_know_are_not_kept,
];

async fn a_body_that_is_no_array_of_events_stores_nothing(place: Place) {
    let tenant = Tenant::start(&place).await;
    let good = String::from_utf8(body(&minutes(2))).expect("JSON is text");
    let single = minutes(1).remove(0).to_string();
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"\"text\"".to_vec(),
        b"\x00\xff\xfe garbage".to_vec(),
        single.into_bytes(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        format!("{good}]").into_bytes(),
        format!("{good}{good}").into_bytes(),
        format!("\u{feff}{good}").into_bytes(),
        good.replace("}},{", "}}{").into_bytes(),
        good.replace("north", "n\u{1}rth").into_bytes(),
        [good.as_bytes()[..good.len() - 1].to_vec(), b",\"\xff\"]".to_vec()].concat(),
        "[".repeat(100_000).into_bytes(),
        good.replace(":", "=").into_bytes(),
    ];
    for (index, bytes) in bodies.into_iter().enumerate() {
        let answer = send(tenant.client().batch(bytes)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "case {index}: {answer:?}");
        assert!(answer.error().contains("array of CloudEvents"), "case {index}: {answer:?}");
    }
    assert_eq!(tenant.client().all("hq", "").await, Vec::<Value>::new());
}

async fn an_empty_batch_is_no_error(place: Place) {
    let tenant = Tenant::start(&place).await;
    let answer = tenant.client().post(&[]).await;
    assert_eq!((answer.status, answer.json), (StatusCode::OK, receipt(0, 0)));
}

async fn other_content_types_are_refused_with_the_right_one(place: Place) {
    let tenant = Tenant::start(&place).await;
    for wrong in [
        "application/json",
        "application/cloudevents+json",
        "text/plain",
        "",
        "application/cloudevents-batch+jsonx",
    ] {
        let answer = send(tenant.client().batch_as(wrong, body(&minutes(1)))).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{wrong:?}");
        assert!(answer.error().contains("application/cloudevents-batch+json"), "{answer:?}");
    }
    let with_charset = "Application/CloudEvents-Batch+JSON; charset=UTF-8";
    let answer = send(tenant.client().batch_as(with_charset, body(&minutes(1)))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(tenant.client().all("hq", "").await.len(), 1);
}

/// What to change in a good event, and what the reason must then say.
fn spoiled() -> Vec<(Value, &'static str)> {
    let with = |pointer: &str, value: Value| {
        let mut event = measurement("hq", "north", 0);
        *event.pointer_mut(pointer).expect("the field exists") = value;
        event
    };
    let without = |object: &str, key: &str| {
        let mut event = measurement("hq", "north", 0);
        let object = event.pointer_mut(object).and_then(Value::as_object_mut).expect("an object");
        object.remove(key).expect("the field exists");
        event
    };
    let mut extra = measurement("hq", "north", 0);
    extra["data"]["audio"] = json!("UklGRg==");
    let mut broken_for_a_reason_that_is_none = device("hq", "m1", 0, "m1");
    broken_for_a_reason_that_is_none["data"]["reason"] = json!("tired");
    vec![
        (json!(3), "CloudEvents"),
        (json!(null), "CloudEvents"),
        (json!([]), "CloudEvents"),
        (json!({}), "specversion"),
        (without("", "id"), "id"),
        (without("", "source"), "source"),
        (without("", "type"), "type"),
        (without("", "subject"), "subject"),
        (without("", "time"), "time"),
        (without("", "data"), "data"),
        (without("/data", "masking_db"), "masking_db"),
        (with("/specversion", json!("0.3")), "specversion"),
        (with("/id", json!("x'); DROP TABLE events;--")), "UUID"),
        (
            with("/id", json!("00000000-0000-7000-8000-000000000000\r\nX-Injected: yes")),
            "UUID",
        ),
        (with("/id", json!(7)), "id"),
        (with("/type", json!("habitat.audio.v1")), "unknown event type"),
        (with("/type", json!("habitat.device.v1")), "unknown field"),
        (with("/time", json!("yesterday")), "year"),
        (with("/time", json!("2026-01-05T08:00:00")), "offset"),
        (with("/subject", json!("")), "subject"),
        (with("/subject", json!("n".repeat(257))), "subject"),
        (with("/subject", json!("nul\0byte")), "NUL"),
        (with("/data/zone", json!("nul\0byte")), "NUL"),
        (with("/data/zone", json!("")), "zone"),
        (with("/data/laeq_db", json!("loud")), "f64"),
        (with("/data/own_sound_removal", json!("magic")), "`power` or `waveform`"),
        (with("/data/ambient_uncertainty_db", json!("small")), "f64"),
        (device("hq", "m1", 0, "nul\0byte"), "NUL"),
        (broken_for_a_reason_that_is_none, "unknown variant `tired`"),
        (with("/data/period_s", json!(null)), "null"),
        (with("/data", json!("data")), "expected"),
        (extra, "audio"),
    ]
}

async fn bad_events_are_refused_with_reasons_and_the_good_ones_between_them_stored(place: Place) {
    let tenant = Tenant::start(&place).await;
    let bad = spoiled();
    let good = minutes(bad.len() as u32);
    let batch: Vec<Value> = bad
        .iter()
        .zip(&good)
        .flat_map(|((bad, _), good)| [bad.clone(), good.clone()])
        .collect();
    let answer = tenant.client().post(&batch).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    assert_eq!(answer.json["accepted"], good.len());
    assert_eq!(answer.json["duplicates"], 0);
    assert!(
        answer.error().contains(&format!("{} of {}", bad.len(), batch.len())),
        "{answer:?}"
    );
    assert!(!answer.headers.contains_key("x-injected"));

    let rejected = answer.json["rejected"].as_array().expect("reasons");
    assert_eq!(rejected.len(), bad.len());
    for (number, ((event, reason), rejection)) in bad.iter().zip(rejected).enumerate() {
        assert_eq!(rejection["index"], 2 * number);
        let id = event.get("id").filter(|id| id.is_string()).cloned().unwrap_or_default();
        assert_eq!(rejection["id"], id);
        let said = rejection["reason"].as_str().expect("a reason");
        assert!(said.contains(reason), "{event}: {said}");
    }
    assert_eq!(tenant.client().all("hq", "").await, good);

    let again = tenant.client().post(&batch).await;
    assert_eq!(
        (again.status, &again.json["duplicates"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(good.len()))
    );
}

async fn an_event_that_is_too_large_or_too_deep_is_refused_alone(place: Place) {
    let tenant = Tenant::start(&place).await;
    let good = measurement("hq", "north", 0);
    let large = device("hq", "m1", 0, &"x".repeat(300 << 10));
    let long_id = json!({ "id": "i".repeat(100_000) });
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let huge_number = good.to_string().replace("47.13", "1e999");
    let text = format!("[{large},{deep},{huge_number},{long_id},{good}]");
    let answer = send(tenant.client().batch(text.into_bytes())).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    let reasons: Vec<_> = answer.json["rejected"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|r| &r["reason"])
        .collect();
    for (reason, part) in reasons.iter().zip(["bytes", "recursion", "number out of range", "UUID"]) {
        assert!(reason.as_str().expect("text").contains(part), "{reason}");
    }
    assert!(answer.json.to_string().len() < 4096, "the answer gives back what was sent");
    assert_eq!(tenant.client().all("hq", "").await, [good]);
}

async fn text_that_looks_like_sql_or_headers_is_only_text(place: Place) {
    let tenant = Tenant::start(&place).await;
    let names = [
        "'; DROP TABLE events; --",
        "north' OR '1'='1",
        "a\r\nX-Injected: yes",
        "%' UNION SELECT",
        "雑音",
    ];
    let events: Vec<_> = names.iter().map(|name| device("hq", name, 0, name)).collect();
    let answer = tenant.client().post(&events).await;
    assert_eq!(answer.json, receipt(names.len(), 0));
    assert!(!answer.headers.contains_key("x-injected"));
    for (name, event) in names.iter().zip(&events) {
        let path = format!("/v1/sites/hq/events?zone={}", percent(name));
        let found = send(tenant.client().request(Method::GET, &path).bearer_auth(TOKEN)).await;
        assert!(!found.headers.contains_key("x-injected"));
        assert_eq!(found.json["events"], json!([event]), "{name:?}");
    }
    assert_eq!(ids(&tenant.client().all("hq", "").await), ids(&events));
}

/// Percent-encodes every byte.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn minutes_of_controllers_that_know_less_are_taken_for_what_they_were(place: Place) {
    let tenant = Tenant::start(&place).await;
    let mut earlier = measurement("hq", "north", 0);
    let data = earlier["data"].as_object_mut().expect("data");
    data.retain(|name, _| name != "ambient_uncertainty_db" && name != "own_sound_removal");
    let mut kept = earlier.clone();
    kept["data"]["ambient_uncertainty_db"] = json!(null);
    kept["data"]["own_sound_removal"] = json!("power");
    let now = measurement("hq", "north", 1);
    assert_eq!(tenant.client().post(&[earlier, now.clone()]).await.json, receipt(2, 0));
    assert_eq!(tenant.client().all("hq", "").await, [kept, now]);
}

async fn attributes_that_we_do_not_know_are_not_kept(place: Place) {
    let tenant = Tenant::start(&place).await;
    let event = measurement("hq", "north", 0);
    let mut decorated = event.clone();
    decorated["traceparent"] = json!("00-abc");
    assert_eq!(tenant.client().post(&[decorated]).await.json, receipt(1, 0));
    assert_eq!(tenant.client().all("hq", "").await, [event]);
}
