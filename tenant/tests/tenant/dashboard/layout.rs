//! The layout with its levels, as GeoJSON.

use geojson::{FeatureCollection, GeometryValue};
use habitat_events::{Data, ZoneKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::samples::{answer, assert_has, deliver, event, floor, minute, two_floors};
use crate::support::{Place, Tenant, on_both_stores};

on_both_stores![
    every_zone_has_its_last_minute_and_says_when_that_is_too_old,
    rings_are_closed_and_go_round_to_the_left,
    a_floor_or_zone_that_is_gone_is_not_there_any_more,
];

fn zone_of<'a>(layout: &'a Value, zone: &str) -> &'a Value {
    let features = layout["features"].as_array().expect("features").iter();
    let mut zones = features.map(|feature| &feature["properties"]);
    zones
        .find(|properties| properties["feature_type"] == "zone" && properties["zone"] == zone)
        .unwrap_or_else(|| panic!("no zone {zone}"))
}

fn ids(layout: &Value) -> Vec<String> {
    let features = layout["features"].as_array().expect("features").iter();
    let id = |feature: &Value| {
        let of = &feature["properties"];
        let id = [&of["id"], &of["zone"], &of["floor"]].into_iter().find_map(Value::as_str);
        format!(
            "{} {}",
            of["feature_type"].as_str().unwrap_or_default(),
            id.unwrap_or_default()
        )
    };
    features.map(id).collect()
}

async fn every_zone_has_its_last_minute_and_says_when_that_is_too_old(place: Place) {
    let tenant = Tenant::start(&place).await;
    assert_eq!(answer(&tenant, "layout.geojson").await["features"], json!([]));
    deliver(&tenant, &two_floors()).await;
    let now = Timestamp::from_second(Timestamp::now().as_second()).expect("a time");
    let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
    let at = |zone: &str, number: u32, time: Timestamp| event(zone, time, Data::Measurement(minute(zone, number)));
    // The newest comes first: the backlog of an outage arrives behind what is live.
    let events = [
        at("north", 3, ago(1)),
        at("north", 4, ago(2)),
        at("south", 6, ago(45)),
        at("south", 7, ago(90)),
    ];
    deliver(&tenant, &events).await;
    let layout = answer(&tenant, "layout.geojson").await;
    assert!(
        layout["coordinates"].as_str().is_some_and(|text| text.contains("not WGS 84")),
        "{layout}"
    );

    let (north, newest) = (zone_of(&layout, "north"), minute("north", 3));
    assert_eq!((&north["stale"], &north["time"]), (&json!(false), &json!(ago(1))));
    let told = json!({ "name": "Product team", "kind": "focus", "floor": "1", "listeners": 4, "level_max_db": 46.0 });
    assert_has(north, &told, "north");
    let levels = json!({
        "laeq_db": newest.laeq_db, "ambient_laeq_db": newest.ambient_laeq_db, "speech_laeq_db": newest.speech_laeq_db,
        "speech_ratio": newest.speech_ratio, "masking_db": newest.masking_db, "sti": newest.sti,
        "distraction_db_min": newest.distraction_db_min,
    });
    assert_has(north, &levels, "north");

    let nothing = json!({ "laeq_db": null, "ambient_laeq_db": null, "masking_db": null, "sti": null, "stale": true });
    assert_has(zone_of(&layout, "south"), &nothing, "south");
    assert_eq!(zone_of(&layout, "south")["time"], json!(ago(45)));
    assert_has(zone_of(&layout, "quiet"), &nothing, "quiet");
    assert_eq!(zone_of(&layout, "quiet")["time"], Value::Null);

    let second = answer(&tenant, "layout.geojson?floor=2").await;
    assert_eq!(ids(&second), ["floor 2", "zone quiet", "microphone m-quiet", "screen 2"]);
}

async fn rings_are_closed_and_go_round_to_the_left(place: Place) {
    let tenant = Tenant::start(&place).await;
    deliver(&tenant, &two_floors()).await;
    let layout = answer(&tenant, "layout.geojson").await;
    let collection: FeatureCollection = serde_json::from_value(layout).expect("GeoJSON");
    let mut rings = 0;
    for feature in &collection.features {
        match &feature.geometry.as_ref().expect("a geometry").value {
            GeometryValue::Polygon { coordinates } => {
                let ring: Vec<[f64; 2]> = coordinates[0].iter().map(|at| [at[0], at[1]]).collect();
                assert_eq!((ring.first(), ring.len()), (ring.last(), 5));
                let twice_the_area: f64 = ring
                    .windows(2)
                    .map(|side| side[0][0] * side[1][1] - side[1][0] * side[0][1])
                    .sum();
                assert!(twice_the_area > 0.0, "{ring:?} is clockwise");
                rings += 1;
            }
            GeometryValue::LineString { coordinates } => assert_eq!(coordinates.len(), 2),
            GeometryValue::Point { coordinates } => assert_eq!(coordinates[1], 3.0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rings, 5);
}

async fn a_floor_or_zone_that_is_gone_is_not_there_any_more(place: Place) {
    let tenant = Tenant::start(&place).await;
    deliver(&tenant, &two_floors()).await;
    assert_eq!(ids(&answer(&tenant, "layout.geojson").await).len(), 10);
    let north = floor("1", 60, &["1"], &[("north", "Renamed", ZoneKind::Social)]);
    deliver(&tenant, &[north]).await;
    let layout = answer(&tenant, "layout.geojson").await;
    assert_eq!(ids(&layout), ["floor 1", "zone north", "microphone m-north", "screen 1"]);
    assert_has(
        zone_of(&layout, "north"),
        &json!({ "name": "Renamed", "kind": "social" }),
        "north",
    );
    // What a backlog tells late is history.
    deliver(
        &tenant,
        &[floor("2", 30, &["1", "2"], &[("attic", "Attic", ZoneKind::Focus)])],
    )
    .await;
    assert_eq!(answer(&tenant, "layout.geojson").await["features"], layout["features"]);
    // A zone moves upstairs with the floor that it is on now.
    let moved = floor("2", 90, &["1", "2"], &[("north", "Upstairs", ZoneKind::Focus)]);
    let emptied = floor("1", 90, &["1", "2"], &[("south", "South", ZoneKind::Focus)]);
    deliver(&tenant, &[emptied, moved]).await;
    assert_eq!(zone_of(&answer(&tenant, "layout.geojson").await, "north")["floor"], "2");
    let ranked = answer(
        &tenant,
        "series?floor=2&since=2026-01-05T08:00:00Z&until=2026-01-05T09:00:00Z",
    )
    .await;
    assert_eq!(ranked["buckets"][0]["coverage"], 0.0);
}
