//! Texts that people put in wherever they can, and where each of them may come out again.

use std::{net::SocketAddr, process::Command};

use serde_json::json;

use crate::{captured::Captured, office::Console, tenant::TOKEN};

/// The secret of the broker, which comes out nowhere.
pub const PASSWORD: &str = "canary-password";

/// A text, and the ways out by which it comes; a way is the beginning of a place.
pub struct Canary {
    pub text: &'static str,
    /// Where it was put in.
    pub put: &'static str,
    pub may_be_in: &'static [&'static str],
}

const fn canary(text: &'static str, put: &'static str, may_be_in: &'static [&'static str]) -> Canary {
    Canary { text, put, may_be_in }
}

/// What whoever asked gets back; over MQTT whoever may read the topic of results.
const RESULT: &str = "mqtt habitat/test/zone/zone-1/result";
const MUTE_RESULT: &str = "mqtt habitat/test/mute/result";
const ANSWER: &str = "answer";

/// Every place where a text can be put in.
pub const CANARIES: &[Canary] = &[
    // In files of the site.
    canary("canary-comment", "a comment of habitat.toml", &["export habitat.toml"]),
    canary(
        "canary site name",
        "`name` of the site",
        &[
            "export habitat.toml",
            "export site.json",
            "http /api/v1/site",
            "mqtt homeassistant/",
        ],
    ),
    canary(
        "canary zone name",
        // Dashboards show it: `habitat.layout.v1` has it, and no other event, which the search for texts sees to.
        "`name` of a zone",
        &[
            "cloud",
            "event log",
            "events",
            "export events.csv",
            "export events.jsonl",
            "export layout.toml",
            "http /api/v1/events",
            "http /api/v1/layout.svg",
            "http /api/v1/site",
            "http /api/v1/zones",
            "mqtt homeassistant/",
            "state",
            "state file",
        ],
    ),
    canary(
        "canary-operator",
        "`operators` of the site, one of whom changes a setting",
        &[
            ANSWER,
            "cloud",
            "event log",
            "events",
            "export",
            "http /api/v1/events",
            RESULT,
            "sse",
            "state",
        ],
    ),
    canary("canary-group", "`id` of a group", &["export habitat.toml", "log"]),
    canary("canary-scene", "`id` of a scene", &["export habitat.toml", RESULT]),
    // Secrets.
    canary("canary-user", "`mqtt.username`", &["export habitat.toml"]),
    canary(PASSWORD, "`mqtt.password_file`", &[]),
    canary(TOKEN, "`cloud.token_file`", &["cloud head"]),
    // In commands over MQTT.
    canary("canary-id", "`id` of a command", &[RESULT, "export settings.json", "state"]),
    canary("canary id with blanks", "an `id` that is none", &[]),
    canary("canary key", "a key that is none", &[RESULT]),
    canary("canary words", "a command that is no JSON", &[]),
    canary("canary somebody", "`by` of a command", &[RESULT]),
    canary("canary waves", "`soundscape` of a command", &[RESULT]),
    canary("canary feast", "`scene` of a command", &[RESULT]),
    canary(
        "canary-nowhere",
        "the zone in a topic",
        &["log", "mqtt habitat/test/zone/canary-nowhere/result"],
    ),
    canary("canary-mute-id", "`id` of a mute", &[MUTE_RESULT]),
    canary("canary mute id with blanks", "an `id` of a mute that is none", &[]),
    canary("canary elsewhere", "`zone` of a mute", &[MUTE_RESULT]),
    canary("canary silence", "a mute that is no JSON", &[]),
    // In requests over HTTP.
    canary(
        "canary-http-id",
        "`id` of a request",
        &[ANSWER, "export settings.json", "state"],
    ),
    canary("canary http key", "a key of a request", &[ANSWER]),
    canary("canary http somebody", "`by` of a request", &[ANSWER]),
    canary("canary http words", "a request that is no JSON", &[]),
    canary("canary http zone", "`zone` of a mute over HTTP", &[ANSWER]),
    canary("canary-path", "a path", &[ANSWER]),
    canary("canary-zone", "the zone in a path", &[ANSWER]),
    canary("canary-query", "a parameter", &[ANSWER]),
    canary("canary-since", "a parameter that is a time", &[ANSWER]),
    canary("canary-header", "a header", &[]),
    canary("canary-agent", "a browser's name", &[]),
];

/// A site with everything.
pub fn habitat_toml(rate_hz: usize, block: usize, port: u16, broker: u16, tenant: SocketAddr) -> String {
    format!(
        r#"# canary-comment
state_dir = "state"
[site]
id = "test"
name = "canary site name"
time_zone = "Europe/Helsinki"
operators = ["canary-operator"]
[audio]
backend = "pipe"
sample_rate_hz = {rate_hz}
block_frames = {block}
[audio.pipe]
start = "2026-01-05T08:00:00+02:00"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
[mqtt]
host = "127.0.0.1"
port = {broker}
username = "canary-user"
password_file = "password"
home_assistant = true
[console]
listen = "127.0.0.1:{port}"
[event_log]
path = "events.jsonl"
[cloud]
url = "http://{tenant}"
token_file = "token"
interval_s = 1
[[group]]
id = "canary-group"
zones = ["zone-1", "zone-2"]
[[scene]]
id = "canary-scene"
offset_db = -1.0
"#
    )
}

/// Commands of all kinds, right and wrong.
pub fn type_into_mqtt(port: u16) {
    let texts = [
        (
            "zone/zone-1/set",
            r#"{"offset_db":-1.0,"id":"canary-id","by":"canary-operator"}"#,
        ),
        ("zone/zone-1/set", r#"{"offset_db":-1.0,"id":"canary id with blanks"}"#),
        ("zone/zone-1/set", r#"{"canary key":1}"#),
        ("zone/zone-1/set", "canary words that are no JSON"),
        ("zone/zone-1/set", r#"{"offset_db":-1,"by":"canary somebody"}"#),
        ("zone/zone-1/set", r#"{"soundscape":"canary waves"}"#),
        ("zone/zone-1/set", r#"{"scene":"canary feast"}"#),
        ("zone/zone-1/set", r#"{"scene":"canary-scene"}"#),
        ("zone/canary-nowhere/set", r#"{"offset_db":-1}"#),
        ("group/canary-group/set", r#"{"offset_db":-0.5}"#),
        ("mute/set", r#"{"state":"ON","zone":"zone-2","id":"canary-mute-id"}"#),
        (
            "mute/set",
            r#"{"state":"OFF","zone":"zone-2","id":"canary mute id with blanks"}"#,
        ),
        ("mute/set", r#"{"state":"ON","zone":"canary elsewhere"}"#),
        ("mute/set", "canary silence"),
    ];
    for (topic, payload) in texts {
        let topic = format!("habitat/test/{topic}");
        let sent = Command::new("mosquitto_pub")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-q",
                "1",
                "-t",
                &topic,
                "-m",
                payload,
            ])
            .status();
        assert!(sent.expect("mosquitto_pub runs").success());
    }
}

/// Requests of all kinds, right and wrong. What comes back goes to whoever asked.
pub fn type_into_console(console: &Console, captured: &mut Captured) {
    let patch = |body: serde_json::Value| console.http.patch(console.url("/api/v1/zones/zone-1")).json(&body);
    let get = |path: &str| console.http.get(console.url(path));
    let requests = [
        patch(json!({"offset_db": -0.5, "id": "canary-http-id", "by": "canary-operator"})),
        patch(json!({"canary http key": 1})),
        patch(json!({"offset_db": -0.5, "by": "canary http somebody"})),
        console
            .http
            .patch(console.url("/api/v1/zones/zone-1"))
            .header("content-type", "application/json")
            .body("canary http words"),
        console
            .http
            .put(console.url("/api/v1/mute"))
            .json(&json!({"muted": true, "zone": "canary http zone"})),
        get("/canary-path"),
        get("/api/v1/zones/canary-zone"),
        get("/api/v1/events?zone=canary-query"),
        get("/api/v1/events?since=canary-since"),
        get("/healthz")
            .header("x-canary", "canary-header")
            .header("user-agent", "canary-agent"),
    ];
    for request in requests {
        let (head, body) = console.send(request);
        captured.put("answer head", head);
        captured.put("answer", body);
    }
}

/// Texts that came out where they may not, or did not where the list says that they do.
pub fn astray(captured: &Captured) -> Vec<String> {
    let mut found = Vec::new();
    for Canary { text, put, may_be_in } in CANARIES {
        let places = captured.places_of(text);
        for place in &places {
            if !may_be_in.iter().any(|way| place.starts_with(way)) {
                found.push(format!("canary: {text:?} of {put} in {place}"));
            }
        }
        for way in *may_be_in {
            if !places.iter().any(|place| place.starts_with(way)) {
                found.push(format!(
                    "canary: {text:?} of {put} is not in {way} any more; take it off the list"
                ));
            }
        }
    }
    found
}
