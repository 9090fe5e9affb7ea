//! What can be read.

use habitat_events::{Adaptation, Cause, Data, Direction, Evidence, FaultReason, inventory};
use habitatd::{control::Channel, health::Part, status::STATE_FIELDS};
use reqwest::StatusCode;
use serde_json::json;

use crate::office::{Office, WICKED_NAME, ZONES, measurement};

#[tokio::test]
async fn the_process_says_that_it_lives_and_is_ready_only_while_the_engine_moves() {
    let office = Office::without_store().await;
    assert_eq!(office.json("/healthz").await["status"], "ok");
    let response = office.get("/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let answer: serde_json::Value = response.json().await.unwrap();
    assert!(
        answer["errors"][0]
            .as_str()
            .unwrap()
            .contains("has not processed a block yet"),
        "{answer}"
    );

    // Moves until it is seen.
    loop {
        office.console.counters.blocks.add(1);
        if office.get("/readyz").await.status() == StatusCode::OK {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // Stands still until that is seen.
    while office.get("/readyz").await.status() == StatusCode::OK {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(office.json("/healthz").await["status"], "ok");
}

#[tokio::test]
async fn the_site_is_described_with_its_floors_zones_and_limits() {
    let office = Office::without_store().await;
    let site = office.json("/api/v1/site").await;
    assert_eq!(site["id"], "hq");
    assert_eq!(site["name"], "Head office, floor 3");
    assert_eq!(site["time_zone"], "Europe/Helsinki");
    assert!(site["acclimatisation"].is_null());
    assert_eq!(site["floors"][1]["id"], "4");
    let zone = &site["zones"][4];
    assert_eq!(
        (zone["id"].as_str(), zone["name"].as_str()),
        (Some("south"), Some(WICKED_NAME))
    );
    assert_eq!((zone["floor"].as_str(), zone["kind"].as_str()), (Some("3"), Some("focus")));
    assert_eq!(
        (zone["level_min_db"].as_f64(), zone["level_max_db"].as_f64()),
        (Some(40.0), Some(46.0))
    );
    assert_eq!(
        (zone["microphones"].as_u64(), zone["loudspeakers"].as_u64()),
        (Some(1), Some(1))
    );
}

#[tokio::test]
async fn zones_are_there_before_the_first_measurement_and_have_it_afterwards() {
    let office = Office::without_store().await;
    let before = office.json("/api/v1/zones").await;
    assert_eq!(before["zones"].as_array().unwrap().len(), ZONES.len());
    assert!(before["time"].is_null() && before["zones"][0]["measurement"].is_null());
    assert!(before["zones"][0]["masking_benefit"].is_null());
    assert_eq!(before["zones"][0]["base_level_db"], 40.0);

    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    let after = office.json("/api/v1/zones").await;
    assert_eq!(after["time"], "2026-01-05T08:00:01Z");
    for (index, id) in ZONES.iter().enumerate() {
        let expected = serde_json::to_value(measurement(index, 47.0, 43.0)).unwrap();
        assert_eq!(after["zones"][index]["measurement"], expected);
        let one = office.json(&format!("/api/v1/zones/{id}")).await;
        assert_eq!(one["time"], "2026-01-05T08:00:01Z");
        assert_eq!((&one["id"], &one["measurement"]), (&after["zones"][index]["id"], &expected));
        assert_eq!(one["effective"]["level_max_db"], 46.0);
        let benefit = if index == 1 { "not_maskable" } else { "quiet" };
        assert_eq!(
            (&one["masking_benefit"], &after["zones"][index]["masking_benefit"]),
            (&json!(benefit), &json!(benefit))
        );
    }
}

#[tokio::test]
async fn the_layout_is_drawn_floor_by_floor() {
    let office = Office::without_store().await;
    let response = office.get("/api/v1/layout.svg").await;
    assert_eq!(response.headers()["content-type"], "image/svg+xml");
    let first = response.text().await.unwrap();
    for zone in ZONES {
        assert!(first.contains(&format!("data-zone=\"{zone}\"")), "{zone}");
    }
    assert_eq!(office.get("/api/v1/layout.svg?floor=3").await.text().await.unwrap(), first);
    let second = office.get("/api/v1/layout.svg?floor=4").await;
    assert_eq!(second.status(), StatusCode::OK);
    assert!(!second.text().await.unwrap().contains("data-zone"));
}

#[tokio::test]
async fn the_history_has_what_happened_by_zone_time_and_number() {
    let office = Office::open().await;
    for (minute, zone) in [(1, "north"), (2, "south"), (3, "north"), (4, "north")] {
        let data = Data::Adaptation(Adaptation {
            zone: zone.into(),
            direction: Direction::Increase,
            from_db: 43.0,
            to_db: 43.0 + f64::from(minute),
            duration_s: 60.0,
            cause: Cause::Speech,
            evidence: Evidence {
                sti: Some(0.46),
                from_zone: Some("north-east".into()),
            },
        });
        office
            .console
            .dispatch
            .emit(zone, format!("2026-01-05T08:0{minute}:00Z").parse().unwrap(), data);
    }
    office.flush().await;
    let levels = async |query: &str| -> Vec<f64> {
        let answer = office.json(&format!("/api/v1/events{query}")).await;
        answer["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["data"]["to_db"].as_f64().unwrap())
            .collect()
    };
    assert_eq!(levels("").await, [44.0, 45.0, 46.0, 47.0]);
    assert_eq!(levels("?zone=north").await, [44.0, 46.0, 47.0]);
    assert_eq!(levels("?since=2026-01-05T10:03:00%2B02:00").await, [46.0, 47.0]);
    assert_eq!(levels("?limit=1&zone=north").await, [47.0]);
    let event = &office.json("/api/v1/events?limit=1").await["events"][0];
    assert_eq!(event["type"], "habitat.zone.adaptation.v1");
    assert_eq!(event["data"]["evidence"]["from_zone"], "north-east");
}

#[tokio::test]
async fn without_a_state_folder_the_history_says_so() {
    let office = Office::without_store().await;
    let response = office.get("/api/v1/events").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(response.text().await.unwrap().contains("no history is kept"));
}

#[tokio::test]
async fn health_tells_what_is_wrong_and_what_was_lost() {
    let office = Office::without_store().await;
    office.console.health.ok(Part::Audio);
    office
        .console
        .health
        .degraded(Part::Mqtt, "the broker at 127.0.0.1:1883 refuses the password");
    office.console.health.microphone("m3", Some(FaultReason::WrongLoudspeakers));
    office.console.counters.input_frames_lost.add(7);
    let health = office.json("/api/v1/health").await;
    assert_eq!(health["ready"], false);
    assert_eq!(health["parts"]["audio"]["state"], "ok");
    assert_eq!(
        health["parts"]["mqtt"]["problem"],
        "the broker at 127.0.0.1:1883 refuses the password"
    );
    assert_eq!(health["microphones"]["m3"]["reason"], "wrong_loudspeakers");
    let problem = health["microphones"]["m3"]["problem"].as_str().unwrap();
    assert!(problem.contains("compare `channel` and `position`"), "{problem}");
    assert_eq!(health["parts"]["microphones"]["problem"], format!("m3 {problem}"));
    assert_eq!(health["counters"]["input_frames_lost"], 7);
}

#[tokio::test]
async fn the_privacy_inventory_has_every_field() {
    let office = Office::without_store().await;
    let privacy = office.json("/api/v1/privacy").await;
    assert_eq!(privacy["events"].as_array().unwrap().len(), Data::TYPES.len());
    assert_eq!(privacy["fields"].as_array().unwrap().len(), inventory::fields().len());
    assert_eq!(privacy["zone_state"][0]["name"], "time");
    assert_eq!(privacy["zone_state"].as_array().unwrap().len(), STATE_FIELDS.len());
}

#[tokio::test]
async fn metrics_have_what_is_known_and_leave_out_what_is_not() {
    let office = Office::without_store().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    office.console.counters.blocks.add(12);
    office.console.health.degraded(Part::EventLog, "the disk is full");
    office.console.health.microphone("m3", Some(FaultReason::TooQuiet));
    office.console.health.microphone("m4", Some(FaultReason::Dead));
    office.console.health.microphone("m4", None);
    office.console.control.mute(None, true, Channel::Http);
    let response = office.get("/metrics").await;
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let text = response.text().await.unwrap();
    for line in [
        "habitat_zone_laeq_db{zone=\"north\"} 48.0",
        "habitat_zone_ambient_laeq_db{zone=\"north\"} 43.0",
        "habitat_zone_ambient_uncertainty_db{zone=\"north\"} 0.4",
        "habitat_zone_own_sound_waveform{zone=\"north\"} 1.0",
        "habitat_zone_own_sound_waveform{zone=\"south\"} 0.0",
        "habitat_microphone_fault{microphone=\"m3\",reason=\"too_quiet\"} 1",
        "habitat_part_ok{part=\"microphones\"} 0",
        "habitat_zone_masking_db{zone=\"south\"} 43.4",
        "habitat_zone_speech_ratio{zone=\"north-east\"} 0.9",
        "habitat_zone_sti{zone=\"north\"} 0.47",
        "habitat_engine_blocks_total 12",
        "habitat_part_ok{part=\"event_log\"} 0",
        "habitat_muted 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is missing in\n{text}");
    }
    assert!(
        !text.contains("habitat_zone_laeq_db{zone=\"south-east\"}"),
        "a level that is not known\n{text}"
    );
    assert!(!text.contains("microphone=\"m4\""), "it has recovered\n{text}");
    assert!(
        !text.contains(&format!("habitat_zone_ambient_uncertainty_db{{zone=\"{}\"}}", ZONES[3])),
        "an uncertainty that is not known\n{text}"
    );
    assert!(
        !text.contains("habitat_zone_sti{zone=\"south\"}"),
        "nobody talks there\n{text}"
    );
}

#[tokio::test]
async fn block_times_are_a_histogram_in_seconds_and_shares_of_the_period() {
    use std::time::Duration;
    let office = Office::without_store().await;
    let health = office.json("/api/v1/health").await;
    assert!(health["block_time"].is_null() && health["real_time"].is_null());
    let times = &office.console.counters.block_times;
    times.set_block_period(Duration::from_millis(20));
    times.record(Duration::from_micros(500));
    times.record(Duration::from_micros(500));
    times.record(Duration::from_millis(25));
    times.record(Duration::from_secs(8));
    let text = office.get("/metrics").await.text().await.unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("habitat_engine_block_")).collect();
    assert_eq!(
        lines[..9],
        [
            "# HELP habitat_engine_block_period_seconds How long a block lasts.",
            "# TYPE habitat_engine_block_period_seconds gauge",
            "# UNIT habitat_engine_block_period_seconds seconds",
            "habitat_engine_block_period_seconds 0.02",
            "# HELP habitat_engine_block_seconds What the engine took for each block.",
            "# TYPE habitat_engine_block_seconds histogram",
            "# UNIT habitat_engine_block_seconds seconds",
            "habitat_engine_block_seconds_sum 8.026",
            "habitat_engine_block_seconds_count 4",
        ]
    );
    let buckets: Vec<(f64, u64)> = lines[9..]
        .iter()
        .map(|line| {
            let (bound, count) = line.split_once("_bucket{le=\"").unwrap().1.split_once("\"} ").unwrap();
            (bound.parse().unwrap(), count.parse().unwrap())
        })
        .collect();
    assert!(buckets.is_sorted() && buckets.len() > 40, "{buckets:?}");
    for (bound, count) in &buckets {
        let below = [0.0005, 0.0005, 0.025, 8.0].into_iter().filter(|time| time <= bound).count();
        assert_eq!(*count, below as u64, "up to {bound} s");
    }
    assert_eq!(buckets.last(), Some(&(f64::INFINITY, 4)));
    let health = office.json("/api/v1/health").await;
    assert_eq!(health["block_time"]["block_period_ms"], 20.0);
    assert_eq!(health["block_time"]["whole_run"]["max_share_of_period"], 400.0);
    assert_eq!(health["block_time"]["last_minute"], health["block_time"]["whole_run"]);
}

#[tokio::test]
async fn wrong_questions_are_answered_with_sentences_and_the_right_status() {
    let office = Office::open().await;
    for (path, status, part) in [
        ("/nowhere", 404, "nothing at \\\"/nowhere\\\""),
        ("/assets/none.js", 404, "nothing at"),
        ("/assets/%ff", 404, "nothing at"),
        (
            "/api/v1/zones/nort",
            404,
            "there is no zone \\\"nort\\\"; the zones are north-west, north",
        ),
        ("/api/v1/zones/%ff", 404, "nothing at"),
        (
            "/api/v1/layout.svg?floor=9",
            404,
            "there is no floor \\\"9\\\"; the floors are 3, 4",
        ),
        ("/api/v1/layout.svg?story=3", 400, "the only parameter is `floor`"),
        ("/api/v1/events?zone=nort", 400, "there is no zone"),
        ("/api/v1/events?since=yesterday", 400, "`since` is \\\"yesterday\\\""),
        ("/api/v1/events?limit=0", 400, "from 1 to 1000"),
        ("/api/v1/events?limit=1&limit=2", 400, "stands twice"),
        ("/api/v1/events?kind=x", 400, "the parameters are zone, since, limit"),
    ] {
        let response = office.get(path).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/json", "{path}");
        let text = response.text().await.unwrap();
        assert!(text.starts_with("{\"errors\":[") && text.contains(part), "{path}: {text}");
    }
}

#[tokio::test]
async fn every_answer_keeps_a_browser_careful() {
    let office = Office::without_store().await;
    for path in [
        "/",
        "/assets/app.js",
        "/api/v1/zones",
        "/api/v1/layout.svg",
        "/nowhere",
        "/metrics",
    ] {
        let response = office.get(path).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'self'") || policy.contains("sandbox"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src"), "{path}: {policy}");
    }
    let page = office.get("/").await.text().await.unwrap();
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "the page needs nothing from outside"
    );
}
