//! Commands for several zones, scenes, the way back to the file, and commands that come twice.

use habitat_events::Data;
use serde_json::{Value, json};

use crate::{client::Client, site::Site};

async fn begin(port: u16) -> (Client, Site) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    client.wait_for("status", "online").await;
    (client, site)
}

async fn a_command_for_the_site_or_a_group_is_answered_for_each_of_its_zones(port: u16) {
    let (mut client, site) = begin(port).await;
    client.send("set", r#"{"offset_db":-1,"level_max_db":60,"id":"all"}"#).await;
    let answer = client.json_on("result").await;
    assert_eq!((&answer["id"], &answer["ok"]), (&json!("all"), &json!(true)));
    for (index, zone) in ["north-east", "south-west"].into_iter().enumerate() {
        assert_eq!(answer["zones"][zone]["effective"]["offset_db"], -1.0, "{answer}");
        assert_eq!(answer["zones"][zone]["clamped"], json!(["level_max_db"]), "{answer}");
        assert_eq!(site.settings(index).offset_db, -1.0);
    }
    client.send("group/west/set", r#"{"offset_db":-2}"#).await;
    let answer = client.json_on("group/west/result").await;
    assert_eq!(
        answer["zones"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["south-west"],
        "{answer}"
    );
    assert_eq!((site.settings(0).offset_db, site.settings(1).offset_db), (-1.0, -2.0));
    client.send("group/wets/set", r#"{"offset_db":-3}"#).await;
    let answer = client.json_on("group/wets/result").await;
    assert_eq!(answer["ok"], false);
    assert!(
        answer["errors"][0].as_str().unwrap().contains("nearest by name is `west`"),
        "{answer}"
    );
    client.send("set", r#"{"offset":-3}"#).await;
    let answer = client.json_on("result").await;
    assert!(
        answer["errors"][0].as_str().unwrap().contains("did you mean `offset_db`"),
        "{answer}"
    );
    assert_eq!((site.settings(0).offset_db, site.settings(1).offset_db), (-1.0, -2.0));
}

async fn a_scene_sets_what_the_file_says_and_reset_takes_everything_back(port: u16) {
    let (mut client, site) = begin(port).await;
    let file = [site.settings(0), site.settings(1)];
    client.send("set", r#"{"scene":"all-hands"}"#).await;
    assert_eq!(client.json_on("result").await["ok"], true);
    assert!(!site.settings(0).enabled && site.settings(1).offset_db == -3.0);
    // In a group only its zones.
    client.send("set", r#"{"reset":true}"#).await;
    client.next_on("result").await;
    assert_eq!([site.settings(0), site.settings(1)], file);
    client.send("group/west/set", r#"{"scene":"all-hands"}"#).await;
    client.next_on("group/west/result").await;
    assert_eq!((site.settings(0), site.settings(1).offset_db), (file[0].clone(), -3.0));
    for (command, part) in [
        (r#"{"scene":"all-hand"}"#, "there is no scene"),
        (r#"{"scene":"all-hands","offset_db":1}"#, "cannot be set with it"),
        (r#"{"scene":7}"#, "must be text"),
        (r#"{"scene":"west-only"}"#, "sets nothing in this zone"),
        (r#"{"reset":false}"#, "can only be true"),
        (r#"{"reset":"yes"}"#, "must be true"),
    ] {
        client.send("zone/north-east/set", command).await;
        let answer = client.json_on("zone/north-east/result").await;
        assert!(answer["errors"][0].as_str().unwrap().contains(part), "{command}: {answer}");
    }
    client.send("zone/south-west/set", r#"{"reset":true,"offset_db":1}"#).await;
    assert_eq!(client.json_on("zone/south-west/result").await["effective"]["offset_db"], 1.0);
}

async fn a_command_that_comes_twice_is_carried_out_once_and_answered_twice(port: u16) {
    let (mut client, site) = begin(port).await;
    let mut events = site.dispatch.listen();
    let command = r#"{"offset_db":-1.5,"for_minutes":60,"id":"abc"}"#;
    for repeated in [Value::Null, json!(true)] {
        client.send("zone/north-east/set", command).await;
        let answer = client.json_on("zone/north-east/result").await;
        assert_eq!((&answer["ok"], &answer["repeated"]), (&json!(true), &repeated));
        assert_eq!(answer["effective"]["offset_db"], -1.5);
    }
    // Another command with the same id is another command.
    client.send("zone/north-east/set", r#"{"offset_db":-2,"id":"abc"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["effective"]["offset_db"], -2.0);
    let changes = std::iter::from_fn(|| events.try_recv().ok());
    let changes = changes.filter(|event| matches!(event.data, Data::Preferences(_))).count();
    assert_eq!(changes, 2);
}

crate::on_every_broker![
    a_command_for_the_site_or_a_group_is_answered_for_each_of_its_zones,
    a_scene_sets_what_the_file_says_and_reset_takes_everything_back,
    a_command_that_comes_twice_is_carried_out_once_and_answered_twice,
    ;
];
