//! The live stream, and the end of the server.

use std::time::Duration;

use habitat_events::{Data, Device, DeviceKind, DeviceState, FaultReason};
use habitatd::{control::Channel, health::Part};
use serde_json::Value;
use tokio::time::timeout;

use crate::office::{Office, ZONES, measurement};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(office: &Office, query: &str) -> Self {
        let request = reqwest::Client::new().get(office.url(&format!("/api/v1/events{query}")));
        let response = request.header("Accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream {
            response,
            text: String::new(),
        }
    }

    /// The next message, or `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
                let found = field("event: ").zip(field("data: "));
                self.text = rest.to_owned();
                if let Some((name, data)) = found {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.response.chunk())
                .await
                .expect("something happens")
                .unwrap()?;
            self.text.push_str(core::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next message of this name.
    async fn next_of(&mut self, name: &str) -> Value {
        loop {
            let (other, data) = self.next().await.expect("the stream goes on");
            if other == name {
                return data;
            }
        }
    }
}

fn fault(office: &Office, zone: &str) {
    let device = Device {
        device: "m3".into(),
        kind: DeviceKind::Microphone,
        state: DeviceState::Fault,
        reason: FaultReason::Dead,
    };
    office
        .console
        .dispatch
        .emit(zone, "2026-01-05T08:00:00Z".parse().unwrap(), Data::Device(device));
}

#[tokio::test]
async fn the_stream_begins_with_how_everything_is_and_goes_on_with_every_change() {
    let office = Office::without_store().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    office.console.health.ok(Part::Audio);
    let mut stream = Stream::open(&office, "").await;
    let status = stream.next_of("status").await;
    assert_eq!(status["time"], "2026-01-05T08:00:01Z");
    assert_eq!(status["zones"][1]["zone"], ZONES[1]);
    assert_eq!(status["zones"][1]["laeq_db"], 48.0);
    assert_eq!(status["zones"][1]["effective"]["level_max_db"], 46.0);
    assert_eq!(stream.next_of("health").await["parts"]["audio"]["state"], "ok");

    office.publish("2026-01-05T08:00:02Z", 50.0, 43.1);
    assert_eq!(stream.next_of("status").await["zones"][1]["laeq_db"], 51.0);
    office.console.health.degraded(Part::Audio, "the device has gone");
    assert_eq!(
        stream.next_of("health").await["parts"]["audio"]["problem"],
        "the device has gone"
    );
    fault(&office, "m3");
    let event = stream.next_of("event").await;
    assert_eq!(
        (event["type"].as_str(), event["data"]["device"].as_str()),
        (Some("habitat.device.v1"), Some("m3"))
    );
    office.console.control.mute(Some(1), true, Channel::Signal);
    assert_eq!(stream.next_of("mute").await["zones"][ZONES[1]], true);
    assert_eq!(stream.next_of("event").await["data"]["muted"], true);
}

#[tokio::test]
async fn a_stream_of_one_zone_has_its_events_only_and_no_stream_has_single_measurements() {
    let office = Office::without_store().await;
    let mut stream = Stream::open(&office, "?zone=north").await;
    stream.next_of("status").await;
    office
        .console
        .dispatch
        .measurement(1, "2026-01-05T08:00:00Z".parse().unwrap(), measurement(1, 47.0, 43.0));
    fault(&office, "south");
    fault(&office, "north");
    let event = stream.next_of("event").await;
    assert_eq!(
        (event["subject"].as_str(), event["type"].as_str()),
        (Some("north"), Some("habitat.device.v1"))
    );
}

#[tokio::test]
async fn a_listener_that_lags_behind_is_told_how_much_it_lost() {
    let office = Office::without_store().await;
    let mut stream = Stream::open(&office, "").await;
    stream.next_of("status").await;
    // On this single thread the stream has no turn meanwhile.
    for _ in 0..3000 {
        fault(&office, "m3");
    }
    assert!(stream.next_of("lost").await["events"].as_u64().unwrap() >= 1000);
    stream.next_of("event").await;
}

#[tokio::test]
async fn a_stream_cannot_begin_in_the_past() {
    let office = Office::without_store().await;
    let request = reqwest::Client::new()
        .get(office.url("/api/v1/events?limit=5"))
        .header("Accept", "text/event-stream");
    assert_eq!(request.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn there_is_an_end_to_the_number_of_streams_and_closed_ones_give_their_place_back() {
    let office = Office::without_store().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(Stream::open(&office, "").await);
    }
    let another = || {
        reqwest::Client::new()
            .get(office.url("/api/v1/events"))
            .header("Accept", "text/event-stream")
            .send()
    };
    assert_eq!(another().await.unwrap().status(), 503);
    streams.clear();
    // The server sees the end of a connection a little later than it happens.
    while another().await.unwrap().status() != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn at_shutdown_streams_end_and_neither_they_nor_half_a_request_hold_it_up() {
    use std::io::Write;
    let mut office = Office::without_store().await;
    let mut stream = Stream::open(&office, "").await;
    stream.next_of("status").await;
    let mut half = std::net::TcpStream::connect(office.address).unwrap();
    half.write_all(
        b"PUT /api/v1/mute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    )
    .unwrap();
    office.shutdown.cancel();
    while stream.next().await.is_some() {}
    // The half request could take ten seconds more; the server must not wait for it.
    let end = timeout(Duration::from_secs(8), &mut office.server).await;
    end.expect("the server ends").unwrap();
    assert!(reqwest::get(office.url("/healthz")).await.is_err());
}
