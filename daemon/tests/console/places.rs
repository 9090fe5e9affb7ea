//! What zones have learnt of their places: shown, and erased.

use habitat_dsp::adaptation::PlaceMemory;
use habitatd::{health::Health, store::Store};
use reqwest::Method;
use serde_json::{Value, json};

use crate::office::Office;

const PATH: &str = "/api/v1/zones/north/place";

/// Twelve hours; 60 % at 30 dB(A), and 2.5 % less at each of the levels above.
pub fn taught() -> PlaceMemory {
    PlaceMemory {
        known_s: 12.0 * 3600.0,
        shares: core::array::from_fn(|index| 0.6 - 0.025 * index as f32),
    }
}

fn nothing_known() -> Value {
    json!({"zone": "north", "remembered": true, "known_hours": 0.0, "updated": null, "curve": []})
}

#[tokio::test]
async fn what_a_zone_has_learnt_is_shown_by_level() {
    let office = Office::without_store().await;
    assert_eq!(office.json(PATH).await, nothing_known());
    office.console.control.place_learnt(1, taught(), 0);
    let place = office.json(PATH).await;
    assert_eq!(place["known_hours"], 12.0);
    assert!(place["updated"].as_str().unwrap().ends_with('Z'), "{place}");
    let curve = place["curve"].as_array().unwrap();
    assert_eq!(curve.len(), 16);
    assert_eq!(curve[0], json!({"level_db": 30.0, "distracted_share": 0.6}));
    assert_eq!(curve[15]["level_db"], 60.0);
    assert_eq!(office.json("/api/v1/zones/south/place").await["curve"], json!([]));

    let response = office.get("/api/v1/zones/nort/place").await;
    assert_eq!(response.status(), 404);
    let (status, answer) = office.send(Method::DELETE, "/api/v1/zones/nort/place", "").await;
    assert_eq!(status, 404, "{answer}");
}

#[tokio::test]
async fn an_erasure_is_on_the_disk_and_what_was_learnt_before_it_does_not_come_back() {
    let office = Office::open().await;
    let control = &office.console.control;
    control.place_learnt(1, taught(), 0);
    control.place_learnt(4, taught(), 0);
    let (status, answer) = office.send(Method::DELETE, PATH, "").await;
    assert_eq!((status, &answer), (200, &nothing_known()));
    assert_eq!(office.json(PATH).await, nothing_known());
    // A report that was on its way, from before.
    control.place_learnt(1, taught(), 0);
    assert_eq!(office.json(PATH).await, nothing_known());
    let known = |saved: &[habitatd::store::PlaceRecord]| saved.iter().map(|place| place.zone.clone()).collect::<Vec<_>>();
    assert_eq!(known(&office.stored().places), ["south"]);
    // What it learns from now on is known again.
    let afresh = PlaceMemory {
        known_s: 900.0,
        ..taught()
    };
    control.place_learnt(1, afresh, 1);
    assert_eq!(office.json(PATH).await["known_hours"], 0.25);
    office.flush().await;
    assert_eq!(known(&office.stored().places), ["north", "south"]);
}

#[tokio::test]
async fn an_erasure_is_guarded_as_every_change() {
    let office = Office::without_store().await;
    office.console.control.place_learnt(1, taught(), 0);
    let client = reqwest::Client::new();
    let plain = client.delete(office.url(PATH)).send().await.unwrap();
    assert_eq!(plain.status(), 415);
    let elsewhere = client
        .delete(office.url(PATH))
        .header("Content-Type", "application/json")
        .header("Origin", "http://evil.example");
    assert_eq!(elsewhere.send().await.unwrap().status(), 403);
    assert_eq!(office.json(PATH).await["known_hours"], 12.0);
}

impl Office {
    /// What a restart would find, from a copy of the state folder.
    fn stored(&self) -> habitatd::store::Saved {
        let copy = tempfile::tempdir().unwrap();
        let state_dir = self.console.state_dir.as_ref().unwrap();
        for entry in std::fs::read_dir(state_dir).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        Store::open(copy.path(), Health::default()).unwrap().1
    }
}
