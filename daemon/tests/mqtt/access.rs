//! The access list of the documentation lets everybody do what it says, and nothing else.

use std::{path::Path, process::Command, time::Duration};

use habitat_config::site::Mqtt;

use crate::{
    commands::{text, tool},
    mosquitto::Mosquitto,
    site::{Site, plain, wait},
};

/// Everybody in the file; their passwords are their names.
const USERS: [&str; 6] = [
    "habitat-hq",
    "facilities",
    "team-north-east",
    "fire-alarm",
    "dashboard",
    "home-assistant",
];

fn broker() -> Mosquitto {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/mosquitto.acl");
    let list = std::fs::read_to_string(example).unwrap().replace("hq-3", "hq");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("acl"), &list).unwrap();
    std::fs::write(file("users"), "").unwrap();
    for user in USERS {
        assert!(list.contains(&format!("user {user}\n")), "the list has no {user}");
        let arguments = ["-b", &file("users"), user, user];
        assert!(Command::new("mosquitto_passwd").args(arguments).status().unwrap().success());
    }
    assert_eq!(list.matches("\nuser ").count(), USERS.len());
    let lines = format!(
        "allow_anonymous false\npassword_file {}\nacl_file {}",
        file("users"),
        file("acl")
    );
    Mosquitto::with(folder, &lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_access_list_of_the_documentation_does_what_it_says() {
    let broker = broker();
    let port = broker.port();
    let password = broker.path("password");
    std::fs::write(&password, "habitat-hq\n").unwrap();
    let site = Site::with(Mqtt {
        username: Some("habitat-hq".into()),
        password_file: Some(password),
        home_assistant: Some("homeassistant".into()),
        ..plain(port)
    });
    site.wait_until_up().await;
    site.measure([47.0, 45.0]);

    let publish = async |user: &str, topic: &str, payload: &str| {
        let topic = format!("habitat/hq/{topic}");
        let arguments = ["-u", user, "-P", user, "-q", "1", "-t", &topic, "-m", payload];
        tool("mosquitto_pub", port, &arguments).await;
    };
    let offsets = || [0, 1].map(|zone| site.settings(zone).offset_db);
    // Who may set the first and the second zone, and who may mute.
    let rights = [
        ("facilities", [true, true], true),
        ("team-north-east", [true, false], false),
        ("fire-alarm", [false, false], true),
        ("dashboard", [false, false], false),
        ("home-assistant", [true, true], true),
        ("habitat-hq", [false, false], false),
    ];
    for (number, (user, may_set, may_mute)) in rights.into_iter().enumerate() {
        let offset_db = -0.5 - 0.5 * number as f64;
        let before = offsets();
        let command = format!(r#"{{"offset_db":{offset_db}}}"#);
        publish(user, "zone/north-east/set", &command).await;
        publish(user, "zone/south-west/set", &command).await;
        publish(user, "mute/set", "ON").await;
        let expected = [0, 1].map(|zone| if may_set[zone] { offset_db } else { before[zone] });
        wait(|| (offsets() == expected && site.control.mutes().borrow().site == may_mute).then_some(())).await;
        // What is forbidden does not come later, either.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(
            (offsets(), site.control.mutes().borrow().site),
            (expected, may_mute),
            "{user}"
        );
        publish("facilities", "mute/set", "OFF").await;
        wait(|| (!site.control.mutes().borrow().site).then_some(())).await;
    }
    // Only facilities command the whole site.
    for user in USERS {
        let before = offsets();
        publish(user, "set", r#"{"offset_db":2.0}"#).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(offsets() != before, user == "facilities", "{user}");
        publish("facilities", "set", r#"{"reset":true}"#).await;
        wait(|| (offsets() == [0.0, 0.0]).then_some(())).await;
    }

    let hears = async |user: &str, topic: &str| {
        let arguments = ["-u", user, "-P", user, "-C", "1", "-W", "2", "-t", topic];
        let output = tool("mosquitto_sub", port, &arguments).await;
        output.status.success() && !text(&output).is_empty()
    };
    for (user, topic, expected) in [
        ("dashboard", "habitat/hq/zone/south-west/state", true),
        ("team-north-east", "habitat/hq/zone/north-east/state", true),
        ("team-north-east", "habitat/hq/zone/south-west/state", false),
        ("fire-alarm", "habitat/hq/mute/state", true),
        ("fire-alarm", "habitat/hq/zone/north-east/state", false),
        ("home-assistant", "homeassistant/#", true),
        ("dashboard", "homeassistant/#", false),
    ] {
        assert_eq!(hears(user, topic).await, expected, "{user} {topic}");
    }
    assert_eq!(
        site.counters.counts().refused_by_broker,
        0,
        "the controller may publish all that it has to"
    );
}
