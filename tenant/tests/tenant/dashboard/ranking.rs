//! Zones in order of distraction.

use habitat_events::Measurement;
use serde_json::{Value, json};

use super::samples::{answer, assert_has, deliver, expected, measured, pages, two_floors};
use crate::support::{Place, Tenant, on_both_stores};

on_both_stores![zones_are_in_order_of_db_minutes_per_hour_that_was_measured];

/// Minutes of a zone from the first second on, each with this distraction.
fn distracted(zone: &str, count: u32, distraction_db_min: f64) -> (Vec<Measurement>, Vec<Value>) {
    (0..count)
        .map(|number| {
            let (mut measurement, mut event) = measured(number, zone, 60 * i64::from(number));
            measurement.distraction_db_min = distraction_db_min;
            event["data"]["distraction_db_min"] = json!(distraction_db_min);
            (measurement, event)
        })
        .unzip()
}

async fn zones_are_in_order_of_db_minutes_per_hour_that_was_measured(place: Place) {
    let tenant = Tenant::start(&place).await;
    // `south` has more in all, `quiet` more in the half hour that was measured there; `attic` is in no layout.
    let zones = [
        ("quiet", 30, 2.0, Some(("2", "Library", "focus"))),
        ("south", 120, 1.5, Some(("1", "=HYPERLINK(\"x\")", "collaboration"))),
        ("attic", 45, 1.0, None),
        ("north", 60, 0.0, Some(("1", "Product team", "focus"))),
    ];
    deliver(&tenant, &two_floors()).await;
    let minutes = zones.map(|(zone, count, distraction, _)| distracted(zone, count, distraction));
    for (_, events) in &minutes {
        deliver(&tenant, events).await;
    }
    let question = "ranking?since=2026-01-05T08:03:00Z&until=2026-01-05T09:58:00Z";
    let ranking = answer(&tenant, question).await;
    assert_eq!(
        (&ranking["since"], &ranking["until"]),
        (&json!("2026-01-05T08:00:00Z"), &json!("2026-01-05T10:00:00Z")),
        "whole quarters of an hour"
    );
    let ranked = ranking["zones"].as_array().expect("zones");
    assert_eq!(ranked.len(), 4);
    for (((place, rank), (zone, count, distraction, told)), (minutes, _)) in ranked.iter().zip(1..).zip(zones).zip(&minutes) {
        let told = told.map_or(
            json!({ "floor": null, "name": null, "kind": null }),
            |(floor, name, kind)| json!({ "floor": floor, "name": name, "kind": kind }),
        );
        assert_has(place, &told, zone);
        let figures = json!({ "rank": rank, "zone": zone, "distraction_db_min_per_h": 60.0 * distraction,
            "coverage": f64::from(count) / 120.0 });
        assert_has(place, &figures, zone);
        let mut levels = expected(minutes);
        for absent in ["lafmax_db", "sti_mean", "la10_db_median", "la50_db_median", "la90_db_median"] {
            levels.as_object_mut().expect("members").remove(absent);
        }
        assert_has(place, &levels, zone);
    }
    assert_eq!(&pages(&tenant, &format!("{question}&limit=3"), "zones").await, ranked);
    let first = answer(&tenant, &format!("{question}&floor=1")).await;
    let names: Vec<_> = first["zones"]
        .as_array()
        .expect("zones")
        .iter()
        .map(|zone| &zone["zone"])
        .collect();
    assert_eq!(names, ["south", "north"]);
    let before = answer(&tenant, "ranking?since=2026-01-04T08:00:00Z&until=2026-01-05T08:00:00Z").await;
    assert_eq!(before["zones"], json!([]));
}
