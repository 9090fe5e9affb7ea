//! Everything that can be wrong with a message: what comes back, and that nothing changes.

use serde_json::Value;

use crate::{client::Client, mosquitto::Mosquitto, site::Site};

/// Payload, id in the answer, part of the first error.
type Case = (Vec<u8>, Option<&'static str>, &'static str);

fn case(payload: &str, id: Option<&'static str>, error: &'static str) -> Case {
    (payload.as_bytes().to_vec(), id, error)
}

fn wrong_commands() -> Vec<Case> {
    vec![
        // Not JSON
        case("", None, "not a JSON object"),
        case("hello", None, "not a JSON object"),
        case("{", None, "not a JSON object"),
        case("{}}", None, "not a JSON object"),
        case(r#"{"offset_db":-1,}"#, None, "not a JSON object"),
        case(r#"{'offset_db':-1}"#, None, "not a JSON object"),
        case(r#"{"offset_db":NaN}"#, None, "not a JSON object"),
        case(r#"{"offset_db":Infinity}"#, None, "not a JSON object"),
        case(r#"{"offset_db":1e999}"#, None, "not a JSON object"),
        case(r#"{"offset_db":-01}"#, None, "not a JSON object"),
        case("\u{feff}{}", None, "not a JSON object"),
        (b"\x00\xff\xfe\x01binary".to_vec(), None, "not a JSON object"),
        (b"{\"id\":\"\xff\"}".to_vec(), None, "not a JSON object"),
        // Not an object
        case("null", None, "not a JSON object"),
        case("-1.5", None, "not a JSON object"),
        case("\"ON\"", None, "not a JSON object"),
        case(r#"[{"offset_db":-1}]"#, None, "not a JSON object"),
        // Depth and size
        case(&"[".repeat(60_000), None, "not a JSON object"),
        case(
            &format!(r#"{{"offset_db":{}1{}}}"#, "[".repeat(500), "]".repeat(500)),
            None,
            "not a JSON object",
        ),
        case(
            &format!(r#"{{"id":"big","x":"{}"}}"#, "x".repeat(1_000_000)),
            None,
            "1000019 bytes",
        ),
        (vec![b' '; 65_537], None, "65537 bytes"),
        (vec![0; 1_000_000], None, "1000000 bytes"),
        // Keys
        case(r#"{"id":"k1","offset":-1}"#, Some("k1"), "did you mean `offset_db`"),
        case(r#"{"id":"k2","Offset_db":-1}"#, Some("k2"), "did you mean `offset_db`"),
        case(r#"{"id":"k3","colour":"blue"}"#, Some("k3"), "is not a setting"),
        case(r#"{"id":"k4","":1}"#, Some("k4"), "is not a setting"),
        case(r#"{"id":"k5","offset_db":-1,"offset_db":-2}"#, Some("k5"), "stands twice"),
        case(r#"{"id":"k6","id":"k7"}"#, None, "stands twice"),
        case(r#"{"id":"k8","muted":true}"#, Some("k8"), "is not a setting"),
        // Types
        case(r#"{"id":"t1","enabled":1}"#, Some("t1"), "`enabled` must be true or false"),
        case(
            r#"{"id":"t2","enabled":"true"}"#,
            Some("t2"),
            "`enabled` must be true or false",
        ),
        case(r#"{"id":"t3","enabled":null}"#, Some("t3"), "null"),
        case(
            r#"{"id":"t4","offset_db":"-1.5"}"#,
            Some("t4"),
            "`offset_db` must be a number",
        ),
        case(r#"{"id":"t5","offset_db":true}"#, Some("t5"), "`offset_db` must be a number"),
        case(r#"{"id":"t6","offset_db":[-1]}"#, Some("t6"), "a list"),
        case(r#"{"id":"t7","level_min_db":{"db":40}}"#, Some("t7"), "an object"),
        case(r#"{"id":"t8","level_max_db":null}"#, Some("t8"), "null"),
        case(r#"{"id":"t9","soundscape":1}"#, Some("t9"), "`soundscape` must be text"),
        case(
            r#"{"id":"t10","for_minutes":"60"}"#,
            Some("t10"),
            "`for_minutes` must be a number",
        ),
        case(r#"{"id":7,"offset_db":-1}"#, None, "`id` must be text"),
        case(r#"{"id":null}"#, None, "`id` must be text"),
        // Ranges
        case(
            r#"{"id":"r1","level_min_db":-1e300}"#,
            Some("r1"),
            "`level_min_db` must be from",
        ),
        case(
            r#"{"id":"r2","level_max_db":1000}"#,
            Some("r2"),
            "`level_max_db` must be from",
        ),
        case(r#"{"id":"r3","level_min_db":45,"level_max_db":41}"#, Some("r3"), "above"),
        case(r#"{"id":"r4","for_minutes":0}"#, Some("r4"), "`for_minutes` must be above 0"),
        case(r#"{"id":"r5","for_minutes":-5}"#, Some("r5"), "`for_minutes` must be above 0"),
        case(r#"{"id":"r6","for_minutes":1e12}"#, Some("r6"), "at most"),
        case(r#"{"id":"r7","soundscape":"../../etc/passwd"}"#, Some("r7"), "not available"),
        case(&format!(r#"{{"id":"{}"}}"#, "x".repeat(1000)), None, "1000 characters"),
        // One wrong thing among right ones
        case(
            r#"{"id":"m1","offset_db":-1,"enabled":false,"level_max":44}"#,
            Some("m1"),
            "did you mean `level_max_db`",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_command_is_answered_with_what_is_wrong_and_changes_nothing() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    let before = [site.settings(0), site.settings(1)];
    let cases = wrong_commands();
    let count = cases.len() as u64;
    for (payload, id, part) in cases {
        let shown: String = String::from_utf8_lossy(&payload).chars().take(60).collect();
        client.send("zone/north-east/set", payload).await;
        let answer = client.json_on("zone/north-east/result").await;
        assert_eq!(
            (answer["ok"].as_bool(), answer["id"].as_str()),
            (Some(false), id),
            "{shown}: {answer}"
        );
        let error = answer["errors"][0].as_str().unwrap();
        assert!(error.contains(part), "{shown}: {error}");
        assert!(answer.to_string().len() < 1000, "{shown}: the answer is short");
        assert_eq!([site.settings(0), site.settings(1)], before, "{shown}");
    }
    assert_eq!(site.counters.counts().refused_commands, count);
    // After all that a right one works.
    client.send("zone/north-east/set", r#"{"offset_db":-1}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["ok"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_zone_is_answered_with_the_nearest_that_exists() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    for (zone, nearest) in [("north-eats", "north-east"), ("South-West", "south-west"), ("Ümläut", "")] {
        client.send(&format!("zone/{zone}/set"), r#"{"id":"z","offset_db":-1}"#).await;
        let answer = client.json_on(&format!("zone/{zone}/result")).await;
        assert_eq!((&answer["id"], &answer["ok"]), (&Value::from("z"), &Value::from(false)));
        let error = answer["errors"][0].as_str().unwrap();
        assert!(error.contains(zone) && error.contains(nearest), "{error}");
    }
    // Names that no zone can have are not repeated, neither as a topic nor in text.
    for zone in ["", &"x".repeat(2000)] {
        client.ask(&format!("zone/{zone}/set"), "{}", "answers", b"").await;
        let answer: Value = serde_json::from_slice(&client.next_at("answers").await.payload).unwrap();
        assert!(answer["errors"][0].as_str().unwrap().len() < 100, "{answer}");
    }
    assert_eq!(site.counters.counts().refused_commands, 5);
    assert_eq!(
        client
            .so_far()
            .iter()
            .filter(|message| message.topic.ends_with(b"/result"))
            .count(),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_mute_is_answered_and_changes_nothing() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    let wrong: [&[u8]; 8] = [
        b"",
        b"loud",
        b"1",
        b"{}",
        b"{\"state\":\"OFF\",\"zone\":null}",
        b"{\"state\":true}",
        b"\xff\x00",
        &[b'O'; 1_000_000],
    ];
    for payload in wrong {
        client.send("mute/set", payload).await;
        let answer = client.json_on("mute/result").await;
        assert!(
            answer["ok"] == false && !answer["errors"][0].as_str().unwrap().is_empty(),
            "{answer}"
        );
    }
    let muted = site.control.mutes().borrow().clone();
    assert!(!muted.site && !muted.zones.contains(&true));
    assert_eq!(site.counters.counts().refused_mutes, wrong.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_large_for_any_answer_does_not_end_the_connection() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    // Above the largest packet that we announce: the broker keeps it to itself. Retained, it would come at each connect.
    client.send_retained("zone/north-east/set", vec![b' '; 3 << 20]).await;
    client.send("zone/north-east/set", vec![b' '; 3 << 20]).await;
    client.send("zone/north-east/set", r#"{"id":"after"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "after");
    assert_eq!(site.problem().as_deref(), Some(""));
    drop(site);
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    client.send("zone/north-east/set", r#"{"id":"again"}"#).await;
    assert_eq!(client.json_on("zone/north-east/result").await["id"], "again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn response_topics_that_would_pass_for_our_own_are_not_used() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    for response_topic in ["habitat/hq/mute/set", "habitat/hq/status", "habitat/hq/zone/south-west/set"] {
        client
            .ask("zone/north-east/set", r#"{"offset_db":-1}"#, response_topic, b"x")
            .await;
        assert_eq!(client.json_on("zone/north-east/result").await["ok"], true);
    }
    client.send("zone/south-west/set", r#"{"id":"mark"}"#).await;
    assert_eq!(client.json_on("zone/south-west/result").await["id"], "mark");
    let counts = site.counters.counts();
    assert_eq!((counts.refused_commands, counts.refused_mutes), (0, 0));
}
