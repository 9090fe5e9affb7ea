//! Some thousand random payloads through a real broker, as fast as it takes them; a hundred thousand without one are in the library's own
//! test of robustness.

use std::time::Duration;

use serde_json::Value;

use crate::{
    client::Client,
    mosquitto::Mosquitto,
    mutations,
    site::{Site, ZONES},
};

const ROUNDS: usize = 60;
/// Fewer than the answers that wait for a broker at most.
const MESSAGES_A_ROUND: usize = 50;
const TOPICS: [&str; 6] = [
    "zone/north-east/set",
    "zone/south-west/set",
    "zone/nowhere/set",
    "group/west/set",
    "set",
    "mute/set",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_thousand_random_payloads_are_each_answered_and_the_connection_holds() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    let mut random = fastrand::Rng::with_seed(2);
    let mut carried_out = 0;
    for _ in 0..ROUNDS {
        for _ in 0..MESSAGES_A_ROUND {
            let name = TOPICS[random.usize(..TOPICS.len())];
            let (_, payload) = match name {
                "mute/set" => mutations::mute(&mut random),
                _ => mutations::command(&mut random),
            };
            client.send(name, payload).await;
        }
        let mut answers = 0;
        while answers < MESSAGES_A_ROUND {
            let message = client.next().await;
            if message.topic.ends_with(b"/result") {
                let answer: Value = serde_json::from_slice(&message.payload).unwrap();
                carried_out += usize::from(answer["ok"] == true);
                answers += 1;
            }
        }
    }
    println!("{carried_out} of {} were carried out", ROUNDS * MESSAGES_A_ROUND);
    assert!(carried_out > 100, "{carried_out}");
    for zone in 0..ZONES.len() {
        let settings = site.settings(zone);
        let levels = [settings.level_min_db, settings.level_max_db];
        assert!(
            levels.is_sorted() && levels.iter().all(|level_db| (40.0..=46.0).contains(level_db)),
            "{settings:?}"
        );
        assert!((-6.0..=6.0).contains(&settings.offset_db), "{settings:?}");
    }
    let connects = broker.log().matches("as habitat-hq ").count();
    assert_eq!((connects, site.problem().as_deref()), (1, Some("")));
    // Topics that were flooded are open again within a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.send("set", r#"{"reset":true,"id":"after"}"#).await;
    while client.json_on("result").await["id"] != "after" {}
    assert_eq!((site.settings(0).offset_db, site.settings(1).offset_db), (0.0, 0.0));
}
