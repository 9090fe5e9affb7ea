//! Home Assistant: what it would see on a real broker, and what its commands do.

use habitat_config::site::Mqtt;
use serde_json::{Value, json};

use crate::{
    client::Client,
    mosquitto::Mosquitto,
    site::{Site, ZONES, plain, wait},
};

fn announcing(port: u16) -> Mqtt {
    Mqtt {
        home_assistant: Some("homeassistant".into()),
        ..plain(port)
    }
}

fn document_topic(object: &str) -> String {
    format!("homeassistant/device/habitat_hq/{object}/config")
}

/// A document as Home Assistant gets it when it starts.
async fn document(port: u16, object: &str) -> Value {
    let message = Client::connect(port).await.next_at(&document_topic(object)).await;
    assert!(message.retain);
    serde_json::from_slice(&message.payload).unwrap()
}

/// Presses a key of an entity: what is sent is as it stands in the document.
async fn press(client: &Client, component: &Value, payload: String) {
    let topic = component["command_topic"].as_str().unwrap();
    client.send(topic.strip_prefix("habitat/hq/").unwrap(), payload).await;
}

/// The payload of an entity's key.
fn payload(component: &Value, key: &str) -> String {
    component[key].as_str().unwrap().to_owned()
}

/// What Home Assistant makes of the simple templates: the value of a command, or a member of a state as Python writes it.
fn render(template: &Value, value: &Value) -> String {
    let template = template.as_str().unwrap();
    let Some(path) = template
        .strip_prefix("{{ value_json.")
        .and_then(|rest| rest.strip_suffix(" }}"))
    else {
        return template.replace("{{ value }}", &value.to_string());
    };
    match value.pointer(&format!("/{}", path.replace('.', "/"))).unwrap() {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        other => other.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_assistant_that_comes_later_finds_every_zone_and_the_site() {
    let mut broker = Mosquitto::start();
    let site = Site::with(announcing(broker.port()));
    site.wait_until_up().await;
    let of_site = document(broker.port(), "site").await;
    for zone in ZONES {
        let of_zone = document(broker.port(), &format!("zone_{zone}")).await;
        assert_eq!(of_zone["device"], of_site["device"]);
        assert_eq!(of_zone["state_topic"], format!("habitat/hq/zone/{zone}/state"));
    }
    // A broker that has forgotten everything hears it again.
    broker.kill();
    site.wait_for_problem("broker").await;
    broker.restart();
    site.wait_until_up().await;
    // "Online" comes last.
    Client::connect(broker.port()).await.wait_for("status", "online").await;
    assert_eq!(document(broker.port(), "site").await, of_site);
}

async fn its_commands_change_the_zone_and_its_templates_read_the_state(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::with(announcing(port));
    site.wait_until_up().await;
    let components = &document(port, "zone_north-east").await["components"];
    let offset = &components["offset"];
    press(&client, offset, render(&offset["command_template"], &json!(-1.5))).await;
    assert_eq!(client.json_on("zone/north-east/result").await["clamped"], json!([]));
    let enabled = &components["enabled"];
    press(&client, enabled, payload(enabled, "payload_off")).await;
    assert_eq!(client.json_on("zone/north-east/result").await["ok"], true);
    assert_eq!((site.settings(0).offset_db, site.settings(0).enabled), (-1.5, false));
    assert_eq!((site.settings(1).offset_db, site.settings(1).enabled), (0.0, true));

    site.measure([47.0, 45.0]);
    let state = client.json_on("zone/north-east/state").await;
    let shown = |key: &str| render(&components[key]["value_template"], &state);
    assert_eq!(shown("offset"), "-1.5");
    assert_eq!(shown("enabled"), enabled["state_off"].as_str().unwrap());
    assert_eq!(shown("mute"), components["mute"]["state_off"].as_str().unwrap());
    assert_eq!((shown("ambient"), shown("masking")), ("38.0".into(), "43.0".into()));
    // Home Assistant shows "None" as unknown.
    assert_eq!((shown("sti"), shown("speech")), ("None".into(), "None".into()));
}

async fn its_switches_mute_a_zone_and_the_site(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::with(announcing(port));
    site.wait_until_up().await;
    let of_zone = &document(port, "zone_south-west").await["components"]["mute"];
    let of_site = &document(port, "site").await["components"]["mute"];
    for (key, muted) in [("payload_on", true), ("payload_off", false)] {
        press(&client, of_zone, payload(of_zone, key)).await;
        assert_eq!(client.json_on("mute/result").await["zone"], "south-west");
        assert_eq!(site.control.mutes().borrow().zones, [false, muted]);
    }
    press(&client, of_site, payload(of_site, "payload_on")).await;
    client.wait_for("mute/state", of_site["state_on"].as_str().unwrap()).await;
    assert!(site.control.mutes().borrow().site);
}

async fn when_the_controller_is_killed_everything_is_unavailable(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::with(announcing(port));
    site.wait_until_up().await;
    let of_zone = document(port, "zone_north-east").await;
    let topic = of_zone["availability_topic"].as_str().unwrap();
    // Home Assistant takes these two words unless a document names others.
    assert_eq!(&client.next_at(topic).await.payload[..], b"online");
    drop(site);
    assert_eq!(&client.next_at(topic).await.payload[..], b"offline");
    // Whoever comes later still finds the documents.
    assert_eq!(document(port, "zone_north-east").await, of_zone);
}

async fn a_zone_that_is_no_longer_in_the_layout_is_removed_and_what_is_not_ours_stays(port: u16) {
    let mut client = Client::connect(port).await;
    let retain = async |object: &str, status: &str| {
        let payload = json!({"availability_topic": status, "components": {}}).to_string();
        let topic = document_topic(object);
        client.send_to(&topic, true, payload).await;
    };
    retain("zone_gone", "habitat/hq/status").await;
    retain("zone_else", "elsewhere/hq/status").await;
    client.next_at(&document_topic("zone_else")).await;
    let site = Site::with(announcing(port));
    site.wait_until_up().await;
    assert!(client.next_at(&document_topic("zone_gone")).await.payload.is_empty());
    // What is retained comes to a new client before anything else.
    let mut late = Client::connect(port).await;
    late.send("mark", "x").await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|topic| topic != "habitat/hq/mark") {
        seen.push(String::from_utf8(late.next().await.topic.to_vec()).unwrap());
    }
    let left = [("zone_gone", false), ("zone_else", true), ("zone_north-east", true)];
    for (object, is_left) in left {
        assert_eq!(seen.contains(&document_topic(object)), is_left, "{object}: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_it_nothing_of_home_assistant_is_published_or_listened_to() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    client.wait_for("status", "online").await;
    site.measure([47.0, 45.0]);
    client.next_on("zone/south-west/state").await;
    site.shutdown.cancel();
    client.wait_for("status", "offline").await;
    let log = wait(|| Some(broker.log()).filter(|log| log.contains("Received DISCONNECT from habitat-hq"))).await;
    assert!(!log.contains("homeassistant"), "{log}");
}

crate::on_every_broker![
    its_commands_change_the_zone_and_its_templates_read_the_state,
    its_switches_mute_a_zone_and_the_site,
    when_the_controller_is_killed_everything_is_unavailable,
    a_zone_that_is_no_longer_in_the_layout_is_removed_and_what_is_not_ours_stays,
    ;
];
