//! What can be changed, and what is refused.

use habitat_events::Data;
use reqwest::Method;
use serde_json::{Value, json};

use crate::office::Office;

#[tokio::test]
async fn a_change_holds_at_once_tells_what_was_clamped_and_is_in_the_history() {
    let office = Office::open().await;
    let (status, answer) = office
        .send(
            Method::PATCH,
            "/api/v1/zones/north",
            r#"{"offset_db": -1.5, "level_max_db": 50, "id": "abc"}"#,
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["effective"]["offset_db"], -1.5);
    // The file allows 46 dB.
    assert_eq!(answer["effective"]["level_max_db"], 46.0);
    assert_eq!((&answer["clamped"], &answer["id"]), (&json!(["level_max_db"]), &json!("abc")));

    assert_eq!(office.json("/api/v1/zones/north").await["effective"], answer["effective"]);
    assert_eq!(office.json("/api/v1/zones/south").await["effective"]["offset_db"], 0.0);
    office.flush().await;
    let event = &office.json("/api/v1/events?zone=north").await["events"][0];
    assert_eq!(
        (&event["type"], &event["data"]["channel"]),
        (&json!(Data::TYPES[2]), &json!("http"))
    );
    assert_eq!(event["data"]["to"]["offset_db"], -1.5);
}

#[tokio::test]
async fn a_change_with_an_id_is_made_once_and_the_answer_to_its_repetition_says_so() {
    let office = Office::open().await;
    let body = r#"{"offset_db": -1.5, "today": "off", "by": "front-desk", "id": "abc"}"#;
    for repeated in [Value::Null, json!(true)] {
        let (status, answer) = office.send(Method::PATCH, "/api/v1/zones/north", body).await;
        assert_eq!((status, &answer["repeated"]), (200, &repeated), "{answer}");
        assert_eq!(answer["effective"]["today"], "off");
    }
    assert_eq!(office.json("/api/v1/zones/north").await["base_level_db"], Value::Null);
    let mute = r#"{"muted": true, "by": "front-desk"}"#;
    assert_eq!(office.send(Method::PUT, "/api/v1/mute", mute).await.0, 200);
    office.flush().await;
    let events = office.json("/api/v1/events").await["events"].as_array().unwrap().clone();
    let by: Vec<_> = events.iter().map(|event| event["data"]["by"].clone()).collect();
    assert_eq!(by, ["front-desk", "front-desk"], "{events:?}");
}

#[tokio::test]
async fn a_name_that_no_operator_has_is_refused_except_for_silence() {
    let office = Office::without_store().await;
    let (status, answer) = office
        .send(Method::PATCH, "/api/v1/zones/north", r#"{"by": "front-dsk"}"#)
        .await;
    assert_eq!(status, 422);
    assert!(
        answer["errors"][0].as_str().unwrap().contains("did you mean `front-desk`"),
        "{answer}"
    );
    let (status, answer) = office
        .send(Method::PUT, "/api/v1/mute", r#"{"muted": true, "by": "Jane"}"#)
        .await;
    assert_eq!((status, &answer["muted"]), (200, &json!(true)));
    assert!(
        answer["warning"].as_str().unwrap().contains("`by` cannot be `Jane`"),
        "{answer}"
    );
    let (status, _) = office
        .send(Method::PUT, "/api/v1/mute", r#"{"muted": false, "by": "Jane"}"#)
        .await;
    assert_eq!(status, 422);
    assert!(office.console.control.mutes().borrow().site);
}

#[tokio::test]
async fn a_wrong_change_is_refused_with_all_that_is_wrong_and_nothing_changes() {
    let office = Office::without_store().await;
    let before = office.json("/api/v1/zones/north").await;
    for (body, parts) in [
        (
            r#"{"ofset_db": 1, "enabled": "yes"}"#,
            ["did you mean `offset_db`", "`enabled` must be true or false"].as_slice(),
        ),
        (r#"{"level_min_db": 45, "level_max_db": 41}"#, &["above"]),
        ("not JSON", &["not a JSON object"]),
        ("", &["not a JSON object"]),
        (r#"{"offset_db": 1e999}"#, &["not a JSON object"]),
    ] {
        let (status, answer) = office.send(Method::PATCH, "/api/v1/zones/north", body).await;
        assert_eq!(status, 422, "{body}: {answer}");
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), parts.len(), "{body}: {answer}");
        for part in parts {
            assert!(
                errors.iter().any(|error| error.as_str().unwrap().contains(part)),
                "{body}: {answer}"
            );
        }
    }
    assert_eq!(office.json("/api/v1/zones/north").await, before);
    let (status, answer) = office.send(Method::PATCH, "/api/v1/zones/nort", "{}").await;
    assert_eq!(status, 404, "{answer}");
}

#[tokio::test]
async fn the_site_and_zones_are_muted_and_released() {
    let office = Office::open().await;
    let all = json!({"north-west": false, "north": false, "north-east": false, "south-west": false, "south": false, "south-east": false});
    assert_eq!(office.json("/api/v1/mute").await, json!({ "muted": false, "zones": all }));

    let (status, answer) = office
        .send(Method::PUT, "/api/v1/mute", r#"{"muted": true, "zone": "north"}"#)
        .await;
    assert_eq!(
        (status, &answer["muted"], &answer["zones"]["north"]),
        (200, &json!(false), &json!(true))
    );
    assert_eq!(office.json("/api/v1/zones/north").await["muted"], true);
    assert_eq!(office.json("/api/v1/zones/south").await["muted"], false);

    let (status, answer) = office.send(Method::PUT, "/api/v1/mute", r#"{"muted": true}"#).await;
    assert_eq!(
        (status, &answer["muted"], &answer["zones"]["south"]),
        (200, &json!(true), &json!(false))
    );
    assert_eq!(office.json("/api/v1/zones/south").await["muted"], true);
    assert!(office.console.control.mutes().borrow().site);

    let (_, answer) = office.send(Method::PUT, "/api/v1/mute", r#"{"muted": false}"#).await;
    assert_eq!((&answer["muted"], &answer["zones"]["north"]), (&json!(false), &json!(true)));
    office.flush().await;
    let events = office.json("/api/v1/events").await;
    let mutes: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["data"]["muted"].clone())
        .collect();
    assert_eq!(mutes, [true, true, false]);
}

#[tokio::test]
async fn a_wrong_mute_is_refused_and_nothing_is_muted() {
    let office = Office::without_store().await;
    for body in [
        "",
        "ON",
        "{}",
        r#"{"muted": 1}"#,
        r#"{"muted": true, "zone": "nort"}"#,
        r#"{"muted": true, "site": "hq"}"#,
        r#"{"muted": true, "muted": false}"#,
        r#"[true]"#,
    ] {
        let (status, answer) = office.send(Method::PUT, "/api/v1/mute", body).await;
        assert_eq!(status, 422, "{body}: {answer}");
        assert!(!answer["errors"][0].as_str().unwrap().is_empty());
    }
    let mutes = office.console.control.mutes().borrow().clone();
    assert!(!mutes.site && !mutes.zones.contains(&true));
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_possible() {
    let office = Office::without_store().await;
    for (method, path, allowed) in [
        (Method::POST, "/api/v1/mute", "GET,HEAD,PUT"),
        (Method::DELETE, "/api/v1/zones/north", "GET,HEAD,PATCH"),
        (Method::PUT, "/", "GET,HEAD"),
    ] {
        let request = reqwest::Client::new()
            .request(method, office.url(path))
            .header("Content-Type", "application/json");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allowed, "{path}");
        assert!(response.text().await.unwrap().starts_with("{\"errors\":[\""), "{path}");
    }
}

#[tokio::test]
async fn a_body_beyond_64_kib_is_refused() {
    let office = Office::without_store().await;
    for bytes in [64 * 1024 + 1, 1 << 20] {
        let (status, answer) = office.send(Method::PUT, "/api/v1/mute", vec![b' '; bytes]).await;
        assert_eq!(status, 413, "{answer}");
        assert!(answer["errors"][0].as_str().unwrap().contains("65536 bytes"), "{answer}");
    }
    let just_fits = format!("{{\"muted\": true}}{}", " ".repeat(64 * 1024 - 15));
    assert_eq!(office.send(Method::PUT, "/api/v1/mute", just_fits).await.0, 200);
}
