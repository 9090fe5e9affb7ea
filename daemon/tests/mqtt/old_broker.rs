//! A broker that speaks MQTT 3.1.1 only: the gateway of NATS.

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::{
    client::topic,
    commands::{text, tool},
    nats::Nats,
    site::{Site, wait},
};

/// Somebody who waits for so many messages on a topic of the site.
struct Listener(Child);

impl Listener {
    fn start(port: u16, name: &str, messages: usize) -> Self {
        let child = Command::new("mosquitto_sub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-V", "mqttv311", "-q", "1"])
            .args(["-W", "20", "-C", &messages.to_string(), "-t", &topic(name)])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mosquitto-clients is installed");
        Listener(child)
    }

    async fn heard(self) -> Vec<String> {
        let output = tokio::task::spawn_blocking(|| self.0.wait_with_output().unwrap())
            .await
            .unwrap();
        text(&output).lines().map(str::to_owned).collect()
    }
}

async fn publish(port: u16, name: &str, payload: &str) {
    let arguments = ["-V", "mqttv311", "-q", "1", "-t", &topic(name), "-m", payload];
    text(&tool("mosquitto_pub", port, &arguments).await);
}

/// Publishes a command until somebody who has just begun to listen hears the answer.
async fn ask(port: u16, to: &str, answers: &str, payload: &str) -> Value {
    let listener = Listener::start(port, answers, 1);
    // A subscription is there a moment after the tool has begun.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    publish(port, to, payload).await;
    serde_json::from_str(&listener.heard().await[0]).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_commands_mutes_and_the_last_will_work_on_it() {
    let broker = Nats::start();
    let port = broker.port();
    let site = Site::start(port);
    site.wait_until_up().await;
    assert_eq!(Listener::start(port, "status", 1).heard().await, ["online"]);

    site.measure([47.0, 45.0]);
    let state = Listener::start(port, "zone/north-east/state", 1).heard().await;
    assert_eq!(serde_json::from_str::<Value>(&state[0]).unwrap()["laeq_db"], 47.0);

    let answer = ask(
        port,
        "zone/north-east/set",
        "zone/north-east/result",
        r#"{"offset_db":-1.5,"id":"a"}"#,
    )
    .await;
    assert_eq!(
        (&answer["id"], &answer["ok"], &answer["effective"]["offset_db"]),
        (&json!("a"), &json!(true), &json!(-1.5))
    );
    assert_eq!(site.settings(0).offset_db, -1.5);
    let answer = ask(port, "set", "result", r#"{"offset":1}"#).await;
    assert_eq!(answer["ok"], false, "{answer}");

    publish(port, "mute/set", "ON").await;
    wait(|| site.control.mutes().borrow().site.then_some(())).await;
    wait_for(port, "mute/state", "ON").await;

    drop(site);
    wait_for(port, "status", "offline").await;
}

/// Waits until a retained topic has this value.
async fn wait_for(port: u16, name: &str, value: &str) {
    for _ in 0..100 {
        if Listener::start(port, name, 1).heard().await == [value] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{name} is not {value}");
}
