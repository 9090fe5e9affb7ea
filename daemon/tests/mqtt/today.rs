//! What holds today instead of the schedules, set over MQTT.

use habitat_config::settings::Today;
use habitat_events::Data;
use serde_json::{Value, json};

use crate::{client::Client, site::Site};

async fn a_zone_a_group_and_the_site_are_set_for_today_and_follow_their_schedules_again(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    let mut events = site.dispatch.listen();
    let today = || (site.settings(0).today, site.settings(1).today);
    assert_eq!(today(), (Today::Schedule, Today::Schedule));

    client.send("zone/north-east/set", r#"{"today":"off"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["effective"]["today"], "off");
    assert_eq!(today(), (Today::Off, Today::Schedule));
    assert_eq!(
        (site.control.base_level_db(0), site.control.base_level_db(1)),
        (None, Some(40.0))
    );
    let Data::Preferences(change) = events.recv().await.unwrap().data.clone() else {
        panic!("a change of settings is told")
    };
    assert_eq!(
        (change.from.today, change.to.today),
        (habitat_events::Today::Schedule, habitat_events::Today::Off)
    );

    client.send("group/west/set", r#"{"today":50}"#).await;
    let answer = client.json_on("group/west/result").await;
    let zone = &answer["zones"]["south-west"];
    assert_eq!(
        (&zone["effective"]["today"], &zone["clamped"]),
        (&json!(46.0), &json!(["today"]))
    );
    assert_eq!(site.control.base_level_db(1), Some(46.0));

    client.send("set", r#"{"today":"on"}"#).await;
    assert_eq!(client.json_on("result").await["ok"], true);
    assert_eq!(today(), (Today::On, Today::On));
    assert_eq!(site.control.base_level_db(1), Some(40.0));
    site.measure([47.0, 45.0]);
    assert_eq!(client.json_on("zone/south-west/state").await["effective"]["today"], "on");

    for back in [r#"{"today":"schedule"}"#, r#"{"reset":true}"#] {
        client.send("zone/south-west/set", r#"{"today":41.5}"#).await;
        assert_eq!(client.json_on("zone/south-west/result").await["effective"]["today"], 41.5);
        client.send("zone/south-west/set", back).await;
        assert_eq!(
            client.json_on("zone/south-west/result").await["effective"]["today"],
            "schedule"
        );
    }
}

async fn what_cannot_hold_today_is_refused_with_a_sentence(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    for (command, part) in [
        (r#"{"today":"holiday"}"#, "write \"schedule\", \"on\", \"off\" or a level"),
        (r#"{"today":false}"#, "but is true or false"),
        (r#"{"today":null}"#, "leave the key out"),
        (r#"{"today":19.9}"#, "from 20 to 60 dB"),
        (r#"{"today":["off"]}"#, "a list"),
        (r#"{"todya":"off"}"#, "did you mean `today`"),
        (r#"{"scene":"all-hands","today":"off"}"#, "cannot be set with it"),
    ] {
        client.send("zone/north-east/set", command).await;
        let answer: Value = client.json_on("zone/north-east/result").await;
        assert!(answer["errors"][0].as_str().unwrap().contains(part), "{command}: {answer}");
        assert_eq!(site.settings(0).today, Today::Schedule);
    }
}

crate::on_every_broker![
    a_zone_a_group_and_the_site_are_set_for_today_and_follow_their_schedules_again,
    what_cannot_hold_today_is_refused_with_a_sentence,
    ;
];
