//! Who has asked: one of the operators that the configuration names, and no free text.

use std::sync::Arc;

use habitat_events::{Data, Event};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use crate::{client::Client, site::Site};

/// Who is named in the next event of a change or a mute.
async fn by(events: &mut Receiver<Arc<Event>>) -> Option<String> {
    match &events.recv().await.unwrap().data {
        Data::Preferences(change) => change.by.clone(),
        Data::Mute(mute) => mute.by.clone(),
        other => panic!("{other:?}"),
    }
}

async fn who_has_changed_or_muted_something_is_in_the_event(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    let mut events = site.dispatch.listen();
    for (topic, payload, expected) in [
        (
            "zone/north-east/set",
            r#"{"offset_db":-1,"by":"front-desk"}"#,
            Some("front-desk"),
        ),
        ("zone/north-east/set", r#"{"offset_db":-2}"#, None),
        ("group/west/set", r#"{"offset_db":-1,"by":"bms"}"#, Some("bms")),
        ("group/west/set", r#"{"scene":"west-only","by":"bms"}"#, Some("bms")),
        ("mute/set", r#"{"state":"ON","by":"bms"}"#, Some("bms")),
        ("mute/set", "OFF", None),
    ] {
        client.send(topic, payload).await;
        let result = topic.replace("/set", "/result");
        assert_eq!(client.json_on(&result).await["ok"], true, "{payload}");
        assert_eq!(by(&mut events).await.as_deref(), expected, "{payload}");
    }
}

async fn a_name_that_the_configuration_does_not_have_gets_nowhere(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    let mut events = site.dispatch.listen();
    for (name, part) in [
        (json!("frontdesk"), "did you mean `front-desk`"),
        (json!("Jane Doe"), "has front-desk, bms"),
        (json!("x".repeat(10_000)), "has front-desk, bms"),
        (json!(7), "must be text"),
        (Value::Null, "leave the key out"),
    ] {
        client
            .send("zone/north-east/set", json!({"offset_db": -1, "by": name}).to_string())
            .await;
        let answer = client.json_on("zone/north-east/result").await;
        assert!(answer["errors"][0].as_str().unwrap().contains(part), "{name}: {answer}");
        assert!(answer.to_string().len() < 500, "the answer is short");
    }
    client.send("mute/set", r#"{"state":"OFF","by":"Jane Doe"}"#).await;
    assert_eq!(client.json_on("mute/result").await["ok"], false);
    // Silence is never refused.
    client.send("mute/set", r#"{"state":"ON","by":"Jane Doe"}"#).await;
    let answer = client.json_on("mute/result").await;
    assert!(
        answer["ok"] == true && answer["warning"].as_str().unwrap().contains("front-desk"),
        "{answer}"
    );
    assert!(site.control.mutes().borrow().site);
    assert_eq!(
        by(&mut events).await,
        None,
        "the first event of all is the mute, which is nobody's"
    );
}

crate::on_every_broker![
    who_has_changed_or_muted_something_is_in_the_event,
    a_name_that_the_configuration_does_not_have_gets_nowhere,
    ;
];
