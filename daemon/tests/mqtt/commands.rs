//! Commands by hand, with the tools that people use, on Mosquitto.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::{
    client::{Client, topic},
    mosquitto::Mosquitto,
    site::{Site, wait},
};

/// Runs one of Mosquitto's tools.
pub async fn tool(name: &str, port: u16, arguments: &[&str]) -> Output {
    let mut command = Command::new(name);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string()]).args(arguments);
    tokio::task::spawn_blocking(move || command.output().expect("mosquitto-clients is installed"))
        .await
        .unwrap()
}

/// What it has printed.
pub fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_of_both_protocol_versions_command_and_see_state() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    client.wait_for("status", "online").await;
    for (version, offset_db) in [("mqttv311", -1.0), ("mqttv5", -2.0)] {
        let payload = format!(r#"{{"offset_db":{offset_db}}}"#);
        text(
            &tool(
                "mosquitto_pub",
                broker.port(),
                &[
                    "-V",
                    version,
                    "-q",
                    "1",
                    "-t",
                    "habitat/hq/zone/north-east/set",
                    "-m",
                    &payload,
                ],
            )
            .await,
        );
        assert_eq!(
            client.json_on("zone/north-east/result").await["effective"]["offset_db"],
            offset_db
        );
        assert_eq!(site.settings(0).offset_db, offset_db);
        let seen = tool(
            "mosquitto_sub",
            broker.port(),
            &[
                "-V",
                version,
                "-v",
                "-C",
                "2",
                "-W",
                "20",
                "-t",
                "habitat/hq/+",
                "-t",
                "habitat/hq/mute/state",
            ],
        )
        .await;
        let mut seen: Vec<_> = text(&seen).lines().map(str::to_owned).collect();
        seen.sort();
        assert_eq!(seen, ["habitat/hq/mute/state OFF", "habitat/hq/status online"]);
    }
}

/// What is published with `mosquitto_pub`, where `mosquitto_sub` shows the answer, and what it shows.
const RIGHT: [(&str, &str, &str, &str); 16] = [
    (
        "zone/north-east/set",
        r#"{"offset_db":-1.5,"id":"1"}"#,
        "zone/north-east/result",
        r#""offset_db":-1.5"#,
    ),
    (
        "zone/north-east/set",
        r#"{"enabled":false}"#,
        "zone/north-east/result",
        r#""enabled":false"#,
    ),
    (
        "zone/north-east/set",
        r#"{"level_min_db":41,"level_max_db":60}"#,
        "zone/north-east/result",
        r#""clamped":["level_max_db"]"#,
    ),
    (
        "zone/north-east/set",
        r#"{"soundscape":"noise","for_minutes":5}"#,
        "zone/north-east/result",
        r#""ok":true"#,
    ),
    (
        "zone/south-west/set",
        r#"{"today":"off","by":"bms"}"#,
        "zone/south-west/result",
        r#""today":"off""#,
    ),
    (
        "zone/south-west/set",
        r#"{"scene":"west-only"}"#,
        "zone/south-west/result",
        r#""level_max_db":44.0"#,
    ),
    (
        "group/west/set",
        r#"{"today":41.5,"id":"2"}"#,
        "group/west/result",
        r#""today":41.5"#,
    ),
    (
        "group/west/set",
        r#"{"scene":"all-hands"}"#,
        "group/west/result",
        r#""offset_db":-3.0"#,
    ),
    ("set", r#"{"today":"on"}"#, "result", r#""today":"on""#),
    ("set", r#"{"reset":true,"id":"3"}"#, "result", r#""id":"3","ok":true"#),
    ("mute/set", "ON", "mute/result", r#"{"ok":true,"zone":null,"muted":true}"#),
    (
        "mute/set",
        r#"{"muted":false,"by":"front-desk"}"#,
        "mute/result",
        r#""muted":false"#,
    ),
    (
        "mute/set",
        r#"{"state":"ON","zone":"north-east"}"#,
        "mute/result",
        r#""zone":"north-east","muted":true"#,
    ),
    ("mute/set", "ON", "mute/state", "ON"),
    ("mute/set", "OFF", "mute/state", "OFF"),
    ("mute/set", "ON", "event", r#""type":"habitat.mute.v1""#),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_reach_every_topic_with_what_is_right_in_both_protocol_versions() {
    for version in ["mqttv311", "mqttv5"] {
        let broker = Mosquitto::start();
        let site = Site::start(broker.port());
        site.wait_until_up().await;
        let port = broker.port().to_string();
        let mut listener = Command::new("mosquitto_sub")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-V",
                version,
                "-i",
                "listener",
                "-q",
                "1",
                "-t",
                "habitat/hq/#",
                "-v",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mosquitto-clients is installed");
        let heard = BufReader::new(listener.stdout.take().unwrap());
        let (seen, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || heard.lines().map_while(Result::ok).try_for_each(|line| seen.send(line)));
        wait(|| broker.log().contains("Sending SUBACK to listener").then_some(())).await;
        for (to, payload, answers, part) in RIGHT {
            let to = topic(to);
            text(
                &tool(
                    "mosquitto_pub",
                    broker.port(),
                    &["-V", version, "-q", "1", "-t", &to, "-m", payload],
                )
                .await,
            );
            let expected = format!("{} ", topic(answers));
            wait(|| {
                lines
                    .try_iter()
                    .find(|line| line.starts_with(&expected) && line.contains(part))
            })
            .await;
        }
        listener.kill().unwrap();
        listener.wait().unwrap();
        let counts = site.counters.counts();
        assert_eq!((counts.refused_commands, counts.refused_mutes), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_rr_gets_its_answer() {
    let broker = Mosquitto::start();
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    let arguments = [
        "-V",
        "mqttv5",
        "-W",
        "20",
        "-t",
        "habitat/hq/zone/north-east/set",
        "-e",
        "answers/mine",
        "-m",
        r#"{"offset_db":-1.5,"id":"abc"}"#,
    ];
    let answer: Value = serde_json::from_str(&text(&tool("mosquitto_rr", broker.port(), &arguments).await)).unwrap();
    assert_eq!(
        (&answer["id"], &answer["ok"], &answer["effective"]["offset_db"]),
        (&json!("abc"), &json!(true), &json!(-1.5))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_commands_hides_neither_a_mute_nor_the_command_after_it() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    for n in 0..3000 {
        client
            .send("zone/north-east/set", format!(r#"{{"offset_db":-1,"id":"{n}"}}"#))
            .await;
    }
    client.send("mute/set", "ON").await;
    client.wait_for("mute/state", "ON").await;
    assert!(site.control.mutes().borrow().site);
    client.send("zone/south-west/set", r#"{"offset_db":-2}"#).await;
    assert_eq!(client.json_on("zone/south-west/result").await["ok"], true);
}
