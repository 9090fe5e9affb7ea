//! What a controller believes of another one.

use habitatd::health::{Condition, Part};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    client::Client,
    mosquitto::Mosquitto,
    site::{Site, wait},
};

const STATE: &str = "habitat/next/zone/door/state";
const STATUS: &str = "habitat/next/status";

/// What health says of the other controller; empty while it is heard.
fn problem(site: &Site) -> Option<String> {
    site.health
        .snapshot()
        .remove(&Part::RemoteZones)
        .map(|condition| match condition {
            Condition::Ok => String::new(),
            Condition::Degraded(problem) => problem,
        })
}

async fn wait_for(site: &Site, part: &str) {
    let told = |problem: &String| {
        if part.is_empty() {
            problem.is_empty()
        } else {
            problem.contains(part)
        }
    };
    wait(|| problem(site).filter(told)).await;
}

/// The state of the other one's zone, measured so many seconds ago.
async fn tell(client: &Client, ago_s: i64, retain: bool) {
    let state = json!({
        "zone": "door", "masking_db": 43.0, "speech_laeq_db": null, "base_level_db": 40.0, "muted": false,
        "time": (Timestamp::now() - SignedDuration::from_secs(ago_s)).to_string(),
    });
    client.send_to(STATE, retain, state.to_string()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_another_controller_says_now_counts_and_health_says_why_the_rest_does_not() {
    let broker = Mosquitto::start();
    let client = Client::connect(broker.port()).await;
    // A controller that is long gone has left its last state behind.
    tell(&client, 86_400, true).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    wait_for(&site, "next/door is not heard; zones beside it stay near their fixed levels").await;
    tell(&client, 0, false).await;
    wait_for(&site, "").await;

    let publish = async |topic: &str, payload: &str| client.send_to(topic, false, payload).await;
    publish(STATUS, "offline").await;
    wait_for(&site, "next/door is not heard: its controller is offline").await;
    tell(&client, -3600, false).await;
    wait_for(&site, "its clock is 3600 s ahead of ours").await;
    publish(STATE, "{}").await;
    wait_for(&site, "what it says cannot be read: missing field").await;
    publish(STATUS, "online").await;
    tell(&client, 1, false).await;
    wait_for(&site, "").await;
}
