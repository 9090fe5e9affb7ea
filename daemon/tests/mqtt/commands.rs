//! Commands by hand, with the tools that people use, on Mosquitto.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::{client::Client, mosquitto::Mosquitto, site::Site};

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
