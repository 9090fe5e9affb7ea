//! What holds on any broker.

use habitat_events::{
    Adaptation, Cause, Controller, ControllerState, Data, Device, DeviceKind, DeviceState, Direction, Evidence, FaultReason,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    client::{Client, topic},
    site::{Site, Sound, wait},
};

async fn the_controller_is_online_and_after_shutdown_offline(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    client.wait_for("status", "online").await;
    site.shutdown.cancel();
    client.wait_for("status", "offline").await;
    site.task.await.unwrap();
    // Somebody who comes later sees it too.
    let mut late = Client::connect(port).await;
    let status = late.next_on("status").await;
    assert!(status.retain && &status.payload[..] == b"offline");
}

async fn a_controller_that_crashes_is_offline(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    client.wait_for("status", "online").await;
    drop(site);
    client.wait_for("status", "offline").await;
}

async fn zone_state_is_retained_and_has_no_percentiles(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.measure([47.0, 45.0]);
    client.next_on("zone/north-east/state").await;
    let mut late = Client::connect(port).await;
    let state = late.next_on("zone/north-east/state").await;
    assert!(state.retain);
    // The table of contract: measurement without percentiles, effective settings.
    let expected = json!({
        "zone": "north-east", "period_s": 1.0, "laeq_db": 47.0, "lafmax_db": 48.0, "ambient_laeq_db": 38.0,
        "ambient_resolved": true, "ambient_uncertainty_db": 0.4, "own_sound_removal": "waveform", "speech_laeq_db": null, "speech_ratio": 0.0, "talker": false, "sti": null,
        "masking_db": 43.0, "distraction_db_min": 0.0, "base_level_db": 40.0, "muted": false, "masking_benefit": "not_maskable", "schema": "habitat.zone.state.v1",
        "effective": {"enabled": true, "offset_db": 0.0, "level_min_db": 40.0, "level_max_db": 46.0, "soundscape": "noise",
            "today": "schedule"},
    });
    let mut state: Value = serde_json::from_slice(&state.payload).unwrap();
    // To the millisecond.
    let time = state.as_object_mut().unwrap().remove("time").unwrap();
    let time = time.as_str().unwrap();
    assert!(
        time.len() <= "2026-01-05T08:00:00.000Z".len() && time.parse::<Timestamp>().is_ok(),
        "{time}"
    );
    assert_eq!(state, expected);
}

async fn of_many_changes_within_a_second_the_last_is_published(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    client.wait_for("status", "online").await;
    for n in 0..50 {
        site.measure([f64::from(n), 45.0]);
    }
    let mut states = Vec::new();
    while states.last() != Some(&json!(49.0)) {
        states.push(client.json_on("zone/north-east/state").await["laeq_db"].clone());
    }
    // The first at once, and the last a second later; fifty would be the broken promise.
    assert!(states.len() <= 2, "{states:?}");
    // The other zone has not changed, so it spoke once.
    site.measure([50.0, 45.0]);
    client.next_on("zone/north-east/state").await;
    let others = client
        .so_far()
        .iter()
        .filter(|message| message.topic == topic("zone/south-west/state"))
        .count();
    assert_eq!(others, 0);
}

async fn a_command_is_answered_with_what_holds_and_what_was_clamped(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    client
        .send(
            "zone/north-east/set",
            r#"{"offset_db":-1.5,"level_max_db":60,"for_minutes":60,"id":"abc"}"#,
        )
        .await;
    let answer = client.json_on("zone/north-east/result").await;
    let effective = json!({"enabled": true, "offset_db": -1.5, "level_min_db": 40.0, "level_max_db": 46.0, "soundscape": "noise", "today": "schedule"});
    assert_eq!(
        answer,
        json!({"id": "abc", "ok": true, "effective": effective, "clamped": ["level_max_db"]})
    );
    assert_eq!(serde_json::to_value(site.settings(0)).unwrap(), effective);
    assert_eq!(site.settings(1).offset_db, 0.0);
    client.send("zone/south-west/set", r#"{"enabled":false}"#).await;
    let answer = client.json_on("zone/south-west/result").await;
    assert_eq!((&answer["ok"], &answer["clamped"]), (&json!(true), &json!([])));
    assert!(answer.get("id").is_none() && !site.settings(1).enabled);
}

async fn the_answer_also_goes_to_the_response_topic_with_its_correlation_data(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    client
        .ask("zone/north-east/set", r#"{"offset_db":-1}"#, "answers/17", b"\x00\xff17")
        .await;
    let result = client.next_on("zone/north-east/result").await;
    let response = client.next_at("answers/17").await;
    assert_eq!(response.payload, result.payload);
    assert!(!response.retain);
    assert_eq!(response.properties.unwrap().correlation_data.unwrap(), &b"\x00\xff17"[..]);
    // A mute and a refusal are answered in the same way.
    client.ask("mute/set", "loud", "answers/18", b"a").await;
    let refusal: Value = serde_json::from_slice(&client.next_at("answers/18").await.payload).unwrap();
    assert_eq!(refusal["ok"], false);
}

async fn a_mute_silences_the_loudspeakers_and_a_release_lets_them_play(port: u16) {
    let mut client = Client::connect(port).await;
    let mut site = Site::start(port);
    client.wait_for("mute/state", "OFF").await;
    assert_eq!(
        site.sound.silent_frames_after(2000),
        [0, 0],
        "after 20 s both loudspeakers play"
    );
    client.send("mute/set", "ON").await;
    assert_eq!(
        client.json_on("mute/result").await,
        json!({"ok": true, "zone": null, "muted": true})
    );
    // The state and the answer come in either order; the state stays for whoever asks later.
    Client::connect(port).await.wait_for("mute/state", "ON").await;
    site.sound.silent_frames_after(Sound::TENTH_OF_A_SECOND);
    let silent = site.sound.silent_frames_after(10);
    assert_eq!(silent, [4800, 4800], "100 ms of sound after the mute there is none any more");
    client.send("mute/set", r#"{"state":"OFF","id":"r"}"#).await;
    assert_eq!(
        client.json_on("mute/result").await,
        json!({"id": "r", "ok": true, "zone": null, "muted": false})
    );
    assert_eq!(site.sound.silent_frames_after(2000), [0, 0]);
}

async fn a_mute_of_one_zone_leaves_the_others(port: u16) {
    let mut client = Client::connect(port).await;
    let mut site = Site::start(port);
    client.wait_for("mute/state", "OFF").await;
    site.sound.silent_frames_after(2000);
    client.send("mute/set", r#"{"zone":"south-west","muted":true}"#).await;
    assert_eq!(
        client.json_on("mute/result").await,
        json!({"ok": true, "zone": "south-west", "muted": true})
    );
    site.sound.silent_frames_after(Sound::TENTH_OF_A_SECOND);
    assert_eq!(site.sound.silent_frames_after(10), [0, 4800]);
    let muted = site.control.mutes().borrow().clone();
    assert_eq!((muted.site, &muted.zones[..]), (false, &[false, true][..]));
    client.send("mute/set", r#"{"zone":"south-wets","muted":true}"#).await;
    let refusal = client.json_on("mute/result").await;
    assert!(refusal["errors"][0].as_str().unwrap().contains("`south-west`"), "{refusal}");
    assert_eq!(*site.control.mutes().borrow(), muted);
}

async fn adaptation_device_and_mute_events_are_published_and_others_not(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    client.wait_for("status", "online").await;
    let now = Timestamp::now();
    let controller = Controller {
        dropped: None,
        state: ControllerState::Started,
        version: "0".into(),
    };
    site.dispatch.emit("hq", now, Data::Controller(controller));
    let adaptation = Adaptation {
        zone: "north-east".into(),
        direction: Direction::Increase,
        from_db: 43.0,
        to_db: 43.2,
        duration_s: 60.0,
        cause: Cause::Speech,
        evidence: Evidence::default(),
    };
    site.dispatch.emit("north-east", now, Data::Adaptation(adaptation));
    let device = Device {
        device: "m3".into(),
        kind: DeviceKind::Microphone,
        state: DeviceState::Fault,
        reason: FaultReason::Dead,
    };
    site.dispatch.emit("m3", now, Data::Device(device));
    client.send("mute/set", "ON").await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = client.next_on("event").await;
        assert!(!event.retain);
        let event: Value = serde_json::from_slice(&event.payload).unwrap();
        assert_eq!(
            (&event["specversion"], &event["source"]),
            (&json!("1.0"), &json!("/sites/hq/controllers/test"))
        );
        seen.push((event["type"].clone(), event["subject"].clone()));
    }
    let expected = [("zone.adaptation", "north-east"), ("device", "m3"), ("mute", "hq")];
    assert_eq!(
        seen,
        expected.map(|(kind, subject)| (json!(format!("habitat.{kind}.v1")), json!(subject)))
    );
}

async fn a_command_that_was_retained_before_the_start_is_refused(port: u16) {
    let mut client = Client::connect(port).await;
    client
        .send_retained("zone/north-east/set", r#"{"offset_db":-1,"id":"old"}"#)
        .await;
    client.send_retained("mute/set", "OFF").await;
    // The broker has both before the controller comes.
    client.next_on("mute/set").await;
    let site = Site::start(port);
    let refusal = client.json_on("zone/north-east/result").await;
    assert_eq!((&refusal["id"], &refusal["ok"]), (&json!("old"), &json!(false)));
    assert!(refusal["errors"][0].as_str().unwrap().contains("retained"), "{refusal}");
    assert_eq!(site.settings(0).offset_db, 0.0);
    // To take it away is no command. In MQTT 3.1.1 that cannot be seen while it is done, so it is refused as an empty one.
    client.send_retained("zone/north-east/set", "").await;
    client.send("zone/north-east/set", r#"{"id":"next"}"#).await;
    while client.json_on("zone/north-east/result").await["id"] != "next" {}
    wait(|| (site.counters.counts().refused_mutes == 1).then_some(())).await;
    assert!(site.counters.counts().refused_commands <= 2);
    assert_eq!(site.settings(0).offset_db, 0.0);
}

async fn a_command_that_is_retained_while_it_runs_is_refused(port: u16) {
    let mut client = Client::connect(port).await;
    let site = Site::start(port);
    site.wait_until_up().await;
    client
        .send_retained("zone/north-east/set", r#"{"offset_db":-2,"id":"new"}"#)
        .await;
    let refusal = client.json_on("zone/north-east/result").await;
    assert_eq!((&refusal["id"], &refusal["ok"]), (&json!("new"), &json!(false)));
    assert_eq!(
        (site.settings(0).offset_db, site.counters.counts().refused_commands),
        (0.0, 1)
    );
}

async fn another_client_with_the_same_id_is_named(port: u16) {
    let site = Site::start(port);
    site.wait_until_up().await;
    let _twin = Client::connect_as("habitat-hq", port).await;
    let problem = site.wait_for_problem("client id").await;
    assert!(
        problem.contains("habitat-hq") && problem.contains("mqtt.client_id"),
        "{problem}"
    );
}

crate::on_every_broker![
    the_controller_is_online_and_after_shutdown_offline,
    a_controller_that_crashes_is_offline,
    zone_state_is_retained_and_has_no_percentiles,
    of_many_changes_within_a_second_the_last_is_published,
    a_command_is_answered_with_what_holds_and_what_was_clamped,
    a_mute_silences_the_loudspeakers_and_a_release_lets_them_play,
    a_mute_of_one_zone_leaves_the_others,
    adaptation_device_and_mute_events_are_published_and_others_not,
    a_command_that_was_retained_before_the_start_is_refused,
    another_client_with_the_same_id_is_named,
    ;
    the_answer_also_goes_to_the_response_topic_with_its_correlation_data: "MQTT 3.1.1 has no response topic",
    a_command_that_is_retained_while_it_runs_is_refused: "MQTT 3.1.1 does not say that a message has just been retained",
];
