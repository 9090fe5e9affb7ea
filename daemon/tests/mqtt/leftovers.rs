//! Zones that are no longer in the layout: what the controller once retained of them goes from the broker.

use crate::{
    client::{Client, topic},
    commands::{text, tool},
    mosquitto::Mosquitto,
    nats::Nats,
    site::{Site, ZONES, wait},
};

/// Publishes as the controller itself would, with its client id; it must not be connected.
async fn retain(port: u16, version: &str, name: &str) {
    let (port, topic) = (port.to_string(), topic(name));
    let arguments = ["-V", version, "-i", "habitat-hq", "-q", "1", "-r", "-t", &topic, "-m", "{}"];
    text(&tool("mosquitto_pub", port.parse().unwrap(), &arguments).await);
}

/// The retained topics below the site's, as a client that comes now gets them.
async fn retained(port: u16, version: &str) -> Vec<String> {
    let filter = topic("zone/+/state");
    let arguments = [
        "-V",
        version,
        "-q",
        "1",
        "-F",
        "%t",
        "-W",
        "1",
        "-t",
        &filter,
        "--retained-only",
    ];
    let output = tool("mosquitto_sub", port, &arguments).await;
    let mut topics: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    topics.sort();
    topics
}

/// Starts a controller where an earlier one had further zones, and waits until only its own are there.
async fn start(port: u16, version: &str) -> Site {
    for zone in ["gone", "gone-too", ZONES[0]] {
        retain(port, version, &format!("zone/{zone}/state")).await;
    }
    let site = Site::start(port);
    site.wait_until_up().await;
    site.measure([47.0, 45.0]);
    let expected = ZONES.map(|zone| topic(&format!("zone/{zone}/state")));
    let begun = tokio::time::Instant::now();
    loop {
        let found = retained(port, version).await;
        if found == expected {
            return site;
        }
        assert!(begun.elapsed() < crate::line::PATIENCE, "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_of_zones_that_are_gone_are_removed_from_the_broker() {
    let broker = Mosquitto::start();
    let site = start(broker.port(), "mqttv5").await;
    assert_eq!(site.counters.counts().lost_messages, 0);
    // After that the controller no longer listens to what it publishes itself.
    wait(|| broker.log().contains("Received UNSUBSCRIBE from habitat-hq").then_some(())).await;
    let mut client = Client::connect(broker.port()).await;
    let state = client.next_on("zone/north-east/state").await.payload;
    client.send_retained("zone/gone/state", state).await;
    client.send("zone/north-east/set", r#"{"id":"mark"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "mark");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_removed_from_a_broker_of_the_older_version_too() {
    let broker = Nats::start();
    start(broker.port(), "mqttv311").await;
}
