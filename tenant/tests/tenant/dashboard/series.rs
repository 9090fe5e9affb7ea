//! Series of a zone, a floor and a site, in minutes, hours and days.

use habitat_events::Measurement;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::samples::{answer, ask, assert_has, at, deliver, expected, measured, pages, two_floors};
use crate::support::{Place, Tenant, on_both_stores};

on_both_stores![
    minutes_hours_and_days_are_what_the_list_of_minutes_says,
    a_floor_and_a_site_are_their_zones_taken_together,
    days_of_23_and_25_hours_have_the_minutes_of_their_own,
    what_is_asked_wrongly_is_named,
];

const HOUR_S: i64 = 3600;

/// Four hours of a zone with a gap of ten minutes in the third, minutes beginning 37 s after the full one.
fn four_hours(zone: &str, first: u32) -> Vec<(i64, Measurement, Value)> {
    let minutes = (0..240).filter(|minute| !(150..160).contains(minute));
    minutes
        .map(|minute| {
            let begins_s = 60 * i64::from(minute) + 37;
            let (measurement, event) = measured(first + minute, zone, begins_s);
            (begins_s, measurement, event)
        })
        .collect()
}

fn events(minutes: &[(i64, Measurement, Value)]) -> Vec<Value> {
    minutes.iter().map(|(_, _, event)| event.clone()).collect()
}

/// The minutes that begin from one second to before another.
fn between(minutes: &[(i64, Measurement, Value)], from_s: i64, to_s: i64) -> Vec<Measurement> {
    let inside = minutes.iter().filter(|(begins_s, _, _)| (from_s..to_s).contains(begins_s));
    inside.map(|(_, measurement, _)| measurement.clone()).collect()
}

async fn minutes_hours_and_days_are_what_the_list_of_minutes_says(place: Place) {
    let tenant = Tenant::start(&place).await;
    let minutes = four_hours("north", 0);
    deliver(&tenant, &events(&minutes)).await;

    let question = "series?zone=north&since=2026-01-05T08:10:00Z&until=2026-01-05T12:00:00Z";
    let hours = answer(&tenant, question).await;
    assert_eq!((&hours["interval"], &hours["time_zone"]), (&json!("hour"), &json!("UTC")));
    assert_eq!((&hours["zone"], &hours["next"]), (&json!("north"), &Value::Null));
    let buckets = hours["buckets"].as_array().expect("buckets");
    assert_eq!(buckets.len(), 4, "steps are whole");
    for (bucket, hour) in buckets.iter().zip(0..) {
        let inside = between(&minutes, hour * HOUR_S, (hour + 1) * HOUR_S);
        assert_eq!(bucket["start"], format!("2026-01-05T{:02}:00:00+00:00", 8 + hour));
        assert_has(bucket, &expected(&inside), &format!("hour {hour}"));
        assert_has(bucket, &json!({ "coverage": inside.len() as f64 / 60.0 }), "coverage");
    }

    let day = answer(
        &tenant,
        "series?zone=north&interval=day&since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z",
    )
    .await;
    let whole: Vec<Measurement> = minutes.iter().map(|(_, measurement, _)| measurement.clone()).collect();
    assert_eq!(day["buckets"].as_array().map(Vec::len), Some(1));
    assert_has(&day["buckets"][0], &expected(&whole), "day");
    assert_has(&day["buckets"][0], &json!({ "coverage": 230.0 / 1440.0 }), "day");

    let paged = pages(
        &tenant,
        "series?zone=north&interval=minute&limit=100&since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z",
        "buckets",
    );
    let paged = paged.await;
    assert_eq!(paged.len(), 240, "minutes without a measurement are there, too");
    for (bucket, minute) in paged.iter().zip(0..) {
        assert_eq!(
            bucket["start"],
            json!(at(60 * minute).display_with_offset(jiff::tz::Offset::UTC).to_string())
        );
        let inside = between(&minutes, 60 * minute, 60 * minute + 60);
        assert_has(bucket, &expected(&inside), &format!("minute {minute}"));
        assert_has(bucket, &json!({ "coverage": inside.len() }), &format!("minute {minute}"));
    }
}

async fn a_floor_and_a_site_are_their_zones_taken_together(place: Place) {
    let tenant = Tenant::start(&place).await;
    let zones = [four_hours("north", 0), four_hours("south", 1000), four_hours("quiet", 2000)];
    deliver(&tenant, &two_floors()).await;
    deliver(&tenant, &zones.iter().flat_map(|minutes| events(minutes)).collect::<Vec<_>>()).await;
    let period = "since=2026-01-05T08:00:00Z&until=2026-01-05T10:00:00Z";
    for (part, zones) in [
        ("", &zones[..]),
        ("&floor=1", &zones[..2]),
        ("&floor=2", &zones[2..]),
        ("&floor=9", &[]),
    ] {
        let series = answer(&tenant, &format!("series?{period}{part}")).await;
        for (bucket, hour) in series["buckets"].as_array().expect("buckets").iter().zip(0..) {
            let inside: Vec<Measurement> = zones
                .iter()
                .flat_map(|minutes| between(minutes, hour * HOUR_S, (hour + 1) * HOUR_S))
                .collect();
            assert_has(bucket, &expected(&inside), &format!("{part:?}, hour {hour}"));
            assert_has(bucket, &json!({ "coverage": if zones.is_empty() { 0 } else { 1 } }), part);
        }
    }
}

async fn days_of_23_and_25_hours_have_the_minutes_of_their_own(place: Place) {
    let tenant = Tenant::start(&place).await;
    // From noon to noon around both changes of the clock in Helsinki, a minute every ten.
    for (noon, midnight_local, length_h) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T00:00:00+02:00", 23),
        ("2026-10-24T12:00:00Z", "2026-10-25T00:00:00+03:00", 25),
    ] {
        let noon: jiff::Timestamp = noon.parse().expect("a time");
        let midnight: jiff::Timestamp = midnight_local.parse().expect("a time");
        let offset = noon.as_second() - at(0).as_second();
        let minutes: Vec<_> = (0..288)
            .map(|number| {
                let begins_s = offset + 600 * i64::from(number);
                let (measurement, event) = measured(number, "north", begins_s);
                (begins_s, measurement, event)
            })
            .collect();
        deliver(&tenant, &events(&minutes)).await;
        let question = format!(
            "series?zone=north&interval=day&time_zone=Europe/Helsinki&since={midnight}&until={}",
            midnight + jiff::SignedDuration::from_hours(1)
        );
        let day = answer(&tenant, &question).await;
        assert_eq!(day["time_zone"], "Europe/Helsinki");
        let bucket = &day["buckets"][0];
        assert_eq!(bucket["start"], midnight_local);
        let from_s = midnight.as_second() - at(0).as_second();
        let inside = between(&minutes, from_s, from_s + length_h * HOUR_S);
        assert_eq!(inside.len() as i64, 6 * length_h);
        assert_has(bucket, &expected(&inside), midnight_local);
        assert_has(bucket, &json!({ "coverage": 0.1 }), "a minute in ten");
        let hours = answer(
            &tenant,
            &question.replace("=day", "=hour").replace(
                &(midnight + jiff::SignedDuration::from_hours(1)).to_string(),
                &(midnight + jiff::SignedDuration::from_hours(length_h)).to_string(),
            ),
        )
        .await;
        assert_eq!(hours["buckets"].as_array().map(|list| list.len() as i64), Some(length_h));
    }
}

async fn what_is_asked_wrongly_is_named(place: Place) {
    let tenant = Tenant::start(&place).await;
    let wrong = [
        ("series?interval=week", "interval"),
        ("series?time_zone=Helsinki", "time_zone"),
        ("series?zone=a&floor=b", "floor"),
        ("series?zone=", "zone"),
        ("series?floor=nul%00", "floor"),
        ("series?since=2026-01-05T08:00:00Z&until=2026-01-05T08:00:00Z", "until"),
        ("series?since=2999-01-01T00:00:00Z", "since"),
        (
            "series?interval=minute&since=2026-01-01T00:00:00Z&until=2026-01-09T00:00:00Z",
            "since",
        ),
        (
            "series?interval=hour&since=2026-01-01T00:00:00Z&until=2026-05-01T00:00:00Z",
            "since",
        ),
        (
            "series?interval=day&since=2023-01-01T00:00:00Z&until=2026-01-09T00:00:00Z",
            "since",
        ),
        ("series?limit=0", "limit"),
        ("series?after=x", "after"),
        ("series?format=xml", "format"),
        ("series?cause=speech", "cause"),
        ("ranking?zone=north", "zone"),
        ("ranking?since=2026-01-01T00:00:00Z&until=2026-05-01T00:00:00Z", "since"),
        ("adaptations?cause=boredom", "cause"),
        ("adaptations?direction=up", "direction"),
        ("adaptations?after=12", "after"),
        ("adaptations/sums?after=-1", "after"),
        ("layout.geojson?zone=north", "zone"),
        ("layout.geojson?floor=", "floor"),
    ];
    for (question, name) in wrong {
        let refusal = ask(&tenant, question).await;
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{question}");
        let named = refusal.error().replace('"', "").contains(&format!("parameter {name} "));
        assert!(
            named
                && (refusal.error().contains("would be right")
                    || refusal.error().contains("right would be")
                    || refusal.error().contains("known are")
                    || refusal.error().contains("must be")),
            "{question}: {refusal:?}"
        );
    }
}
