//! Everything that can be wrong with a message: what comes back, and that nothing changes.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::{
    client::{Client, topic},
    commands::tool,
    mosquitto::Mosquitto,
    site::Site,
    wrong_payloads::{Wrong, no_objects, too_large, wrong_mutes, wrong_objects},
};

/// Below what is let in on one topic for long (20 a second), so that none is refused for that.
const PACE: Duration = Duration::from_millis(55);

/// A command for a zone, for a group and for the site: where to, and where the answer comes.
const TARGETS: [(&str, &str); 3] = [
    ("zone/north-east/set", "zone/north-east/result"),
    ("group/west/set", "group/west/result"),
    ("set", "result"),
];

/// The answer says no, with the id, and says why.
fn assert_refused(answer: &Value, wrong: &Wrong) {
    let shown = wrong.shown();
    assert_eq!(
        (answer["ok"].as_bool(), answer["id"].as_str()),
        (Some(false), wrong.id),
        "{shown}: {answer}"
    );
    let error = answer["errors"][0].as_str().unwrap_or_default();
    assert!(error.contains(wrong.error), "{shown}: {answer}");
    assert!(answer.to_string().len() < 1000, "{shown}: the answer is short");
}

fn wrong_commands() -> Vec<Wrong> {
    let no_objects = no_objects().into_iter().map(|payload| Wrong {
        payload,
        id: None,
        error: "not a JSON object",
    });
    no_objects.chain(wrong_objects()).chain(too_large()).collect()
}

async fn a_wrong_command_to_a_zone_a_group_or_the_site_is_answered_with_what_is_wrong_and_changes_nothing(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    let before = [site.settings(0), site.settings(1)];
    let cases = wrong_commands();
    assert!(cases.len() >= 60, "{}", cases.len());
    for wrong in &cases {
        for (to, answers) in TARGETS {
            client.send(to, wrong.payload.clone()).await;
            assert_refused(&client.json_on(answers).await, wrong);
        }
        assert_eq!([site.settings(0), site.settings(1)], before, "{}", wrong.shown());
        tokio::time::sleep(PACE).await;
    }
    assert_eq!(site.counters.counts().refused_commands, (TARGETS.len() * cases.len()) as u64);
    // After all that right ones work.
    for (to, answers) in TARGETS {
        client.send(to, r#"{"offset_db":-1}"#).await;
        assert_eq!(client.json_on(answers).await["ok"], true);
    }
    println!("{} kinds of wrong commands to {} topics", cases.len(), TARGETS.len());
}

async fn a_wrong_mute_is_answered_with_what_is_wrong_and_mutes_and_releases_nothing(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    client.send("mute/set", r#"{"state":"ON","zone":"south-west"}"#).await;
    assert_eq!(client.json_on("mute/result").await["ok"], true);
    let before = site.control.mutes().borrow().clone();
    let no_objects = no_objects().into_iter().map(|payload| Wrong {
        payload,
        id: None,
        error: "a mute",
    });
    let cases: Vec<_> = no_objects.chain(wrong_mutes()).chain(too_large()).collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    for wrong in &cases {
        client.send("mute/set", wrong.payload.clone()).await;
        assert_refused(&client.json_on("mute/result").await, wrong);
        assert_eq!(*site.control.mutes().borrow(), before, "{}", wrong.shown());
    }
    assert_eq!(site.counters.counts().refused_mutes, cases.len() as u64);
    println!("{} kinds of wrong mutes", cases.len());
}

async fn what_is_at_the_edge_and_still_right_is_carried_out(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    let long_id = format!(r#"{{"offset_db":-1,"id":"{}"}}"#, "A-z.0_9:".repeat(16));
    let padded = format!("{}{{}}{}", " ".repeat(60_000), "\n".repeat(5_000));
    for (payload, offset_db, clamped) in [
        (r#"{"offset_db":-0.0}"#, 0.0, json!([])),
        (r#"{"offset_db":1e308}"#, 6.0, json!(["offset_db"])),
        (
            r#"{"offset_db":-99999999999999999999999999999999}"#,
            -6.0,
            json!(["offset_db"]),
        ),
        (r#"{"offset_db":1e-999}"#, 0.0, json!([])),
        (r#"{"\u006fffset_db":-1.5e0}"#, -1.5, json!([])),
        (" \t\r\n{ \"offset_db\" : -2 } \n", -2.0, json!([])),
        (r#"{"offset_db":0.1000000000000000055511151231257827}"#, 0.1, json!([])),
        (&long_id, -1.0, json!([])),
        (&padded, -1.0, json!([])),
        ("{}", -1.0, json!([])),
    ] {
        client.send("zone/north-east/set", payload).await;
        let answer = client.json_on("zone/north-east/result").await;
        assert_eq!((&answer["ok"], &answer["clamped"]), (&json!(true), &clamped), "{payload}");
        assert_eq!(site.settings(0).offset_db, offset_db, "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_retained_on_a_command_topic_is_refused_wherever_it_is_and_at_every_connect() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let mute = ("mute/set", "mute/result", "OFF");
    let command = |(to, answers)| (to, answers, r#"{"offset_db":-1}"#);
    let all: Vec<_> = TARGETS.map(command).into_iter().chain([mute]).collect();
    for (to, _, payload) in &all {
        client.send_retained(to, *payload).await;
    }
    for _ in 0..2 {
        let site = Site::start(broker.port());
        let mut waiting: BTreeSet<&str> = all.iter().map(|(_, answers, _)| *answers).collect();
        while !waiting.is_empty() {
            let message = client.next().await;
            let name = str::from_utf8(&message.topic)
                .unwrap()
                .trim_start_matches("habitat/hq/")
                .to_owned();
            if waiting.remove(name.as_str()) {
                let answer: Value = serde_json::from_slice(&message.payload).unwrap();
                assert!(
                    answer["ok"] == false && answer["errors"][0].as_str().unwrap().contains("a retained"),
                    "{answer}"
                );
            }
        }
        assert_eq!((site.settings(0).offset_db, site.settings(1).offset_db), (0.0, 0.0));
    }
    // Removing them is no command.
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    for (to, _, _) in &all {
        client.send_retained(to, "").await;
    }
    client.send("set", r#"{"id":"mark"}"#).await;
    while client.json_on("result").await["id"] != "mark" {}
    assert_eq!(site.counters.counts().refused_commands, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_broker_itself_does_not_take_changes_nothing() {
    let broker = Mosquitto::with(tempfile::tempdir().unwrap(), "allow_anonymous true\nmessage_size_limit 50000");
    std::fs::write(broker.path("large"), [b' '; 50_001]).unwrap();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    for to in ["zone/north-east/set", "group/west/set", "set", "mute/set"] {
        // The tool says that it was refused, or not, by its version.
        let arguments = ["-q", "1", "-t", &topic(to), "-f", &broker.path("large").display().to_string()];
        tool("mosquitto_pub", broker.port(), &arguments).await;
    }
    client.send("zone/north-east/set", r#"{"id":"after"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "after");
    let counts = site.counters.counts();
    assert_eq!((counts.refused_commands, counts.refused_mutes), (0, 0));
}

async fn an_unknown_zone_is_answered_with_the_nearest_that_exists(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    for (zone, nearest) in [("north-eats", "north-east"), ("South-West", "south-west"), ("Ümläut", "")] {
        client.send(&format!("zone/{zone}/set"), r#"{"id":"z","offset_db":-1}"#).await;
        let answer = client.json_on(&format!("zone/{zone}/result")).await;
        assert_eq!((&answer["id"], &answer["ok"]), (&Value::from("z"), &Value::from(false)));
        let error = answer["errors"][0].as_str().unwrap();
        assert!(error.contains(zone) && error.contains(nearest), "{error}");
    }
    // Names that no zone can have are not repeated, neither as a topic nor in text.
    for zone in ["", &"x".repeat(2000)] {
        client.ask(&format!("zone/{zone}/set"), "{}", "answers", b"").await;
        let answer: Value = serde_json::from_slice(&client.next_at("answers").await.payload).unwrap();
        assert!(answer["errors"][0].as_str().unwrap().len() < 100, "{answer}");
    }
    assert_eq!(site.counters.counts().refused_commands, 5);
    assert_eq!(
        client
            .so_far()
            .iter()
            .filter(|message| message.topic.ends_with(b"/result"))
            .count(),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_large_for_any_answer_does_not_end_the_connection() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    // Above the largest packet that we announce: the broker keeps it to itself. Retained, it would come at each connect.
    client.send_retained("zone/north-east/set", vec![b' '; 3 << 20]).await;
    client.send("zone/north-east/set", vec![b' '; 3 << 20]).await;
    client.send("zone/north-east/set", r#"{"id":"after"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "after");
    assert_eq!(site.problem().as_deref(), Some(""));
    drop(site);
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    client.send("zone/north-east/set", r#"{"id":"again"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "again");
}

async fn response_topics_that_would_pass_for_our_own_are_not_used(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    for response_topic in ["habitat/hq/mute/set", "habitat/hq/status", "habitat/hq/zone/south-west/set"] {
        client
            .ask("zone/north-east/set", r#"{"offset_db":-1}"#, response_topic, b"x")
            .await;
        assert_eq!(client.json_on("zone/north-east/result").await["ok"], true);
    }
    client.send("zone/south-west/set", r#"{"id":"mark"}"#).await;
    assert_eq!(client.json_on("zone/south-west/result").await["id"], "mark");
    let counts = site.counters.counts();
    assert_eq!((counts.refused_commands, counts.refused_mutes), (0, 0));
}

crate::on_every_broker![
    a_wrong_command_to_a_zone_a_group_or_the_site_is_answered_with_what_is_wrong_and_changes_nothing,
    a_wrong_mute_is_answered_with_what_is_wrong_and_mutes_and_releases_nothing,
    what_is_at_the_edge_and_still_right_is_carried_out,
    ;
    an_unknown_zone_is_answered_with_the_nearest_that_exists: "names that no answer repeats are asked for with a response topic, which MQTT 5 has",
    response_topics_that_would_pass_for_our_own_are_not_used: "MQTT 5 has response topics",
];
