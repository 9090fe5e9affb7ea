//! Minutes, changes of the masking and floors to send, and the arithmetic to compare with.

use habitat_events::{
    Adaptation, Cause, Data, Direction, Event, Evidence, Layout, LayoutDevice, LayoutScreen, LayoutZone, Measurement, Mute,
    OwnSoundRemoval, ZoneKind,
};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    ANY_TOKEN, Tenant,
    client::{Answer, send},
};

/// When the samples begin.
pub const START: &str = "2026-01-05T08:00:00Z";

/// So many seconds after the samples begin.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = START.parse().expect("a time");
    start + SignedDuration::from_secs(seconds)
}

/// An event of the site `hq`.
pub fn event(subject: &str, time: Timestamp, data: Data) -> Value {
    let event = Event {
        id: Uuid::new_v4(),
        source: "/sites/hq/controllers/main".to_owned(),
        subject: subject.to_owned(),
        time,
        data,
    };
    serde_json::to_value(event).expect("an event is JSON")
}

/// A minute whose levels follow from a number, so that no two are alike.
pub fn minute(zone: &str, number: u32) -> Measurement {
    let n = f64::from(number);
    let talks = number.is_multiple_of(3);
    Measurement {
        zone: zone.to_owned(),
        period_s: 60.0,
        laeq_db: (number % 7 != 5).then_some(40.0 + (n * 1.37) % 17.0),
        lafmax_db: Some(50.0 + (n * 2.11) % 23.0),
        ambient_laeq_db: Some(30.0 + (n * 0.73) % 11.0),
        ambient_resolved: number % 4 != 1,
        ambient_uncertainty_db: None,
        own_sound_removal: OwnSoundRemoval::Power,
        speech_laeq_db: talks.then_some(44.0 + (n * 0.91) % 9.0),
        speech_ratio: if talks { 0.6 + (n % 5.0) / 20.0 } else { (n % 4.0) / 10.0 },
        talker: talks,
        la10_db: Some(((4500.0 + (n * 137.0) % 900.0).round()) / 100.0),
        la50_db: Some(((4200.0 + (n * 91.0) % 700.0).round()) / 100.0),
        la90_db: Some(((3900.0 + (n * 53.0) % 500.0).round()) / 100.0),
        sti: (number % 2 == 1).then_some(0.3 + (n % 9.0) / 30.0),
        masking_db: 41.0 + (n * 0.31) % 4.0,
        distraction_db_min: (n * 0.17) % 3.0,
    }
}

/// What of a series must come out of some minutes: by the definitions, over the list.
pub fn expected(minutes: &[Measurement]) -> Value {
    let mean = |pairs: Vec<(f64, f64)>| -> Option<f64> {
        let weight: f64 = pairs.iter().map(|(_, weight)| weight).sum();
        let energy: f64 = pairs.iter().map(|(level, weight)| weight * 10f64.powf(level / 10.0)).sum();
        (weight > 0.0).then(|| 10.0 * (energy / weight).log10())
    };
    let even = |levels: &dyn Fn(&Measurement) -> Option<f64>| mean(minutes.iter().filter_map(levels).map(|l| (l, 1.0)).collect());
    let spoken = minutes
        .iter()
        .filter_map(|m| Some((m.speech_laeq_db?, m.speech_ratio)))
        .collect();
    let stis: Vec<f64> = minutes.iter().filter_map(|m| m.sti).collect();
    let median = |levels: &dyn Fn(&Measurement) -> Option<f64>| {
        let mut levels: Vec<f64> = minutes.iter().filter_map(levels).collect();
        levels.sort_by(f64::total_cmp);
        let middle = levels.len() / 2;
        match levels.len() {
            0 => None,
            even if even % 2 == 0 => Some((levels[middle - 1] + levels[middle]) / 2.0),
            _ => Some(levels[middle]),
        }
    };
    let count = minutes.len() as f64;
    let any = |value: f64| (count > 0.0).then_some(value);
    json!({
        "minutes": minutes.len(),
        "laeq_db": even(&|m| m.laeq_db),
        "lafmax_db": minutes.iter().filter_map(|m| m.lafmax_db).reduce(f64::max),
        "ambient_laeq_db": even(&|m| m.ambient_laeq_db.filter(|_| m.ambient_resolved)),
        "speech_laeq_db": mean(spoken),
        "speech_ratio": any(minutes.iter().map(|m| m.speech_ratio).sum::<f64>() / count),
        "masking_db": even(&|m| Some(m.masking_db)),
        "sti_max": stis.iter().copied().reduce(f64::max),
        "sti_mean": (!stis.is_empty()).then(|| stis.iter().sum::<f64>() / stis.len() as f64),
        "distraction_db_min": minutes.iter().map(|m| m.distraction_db_min).sum::<f64>(),
        "la10_db_median": median(&|m| m.la10_db),
        "la50_db_median": median(&|m| m.la50_db),
        "la90_db_median": median(&|m| m.la90_db),
    })
}

/// Compares every member that is expected, numbers to what they are rounded to.
pub fn assert_has(found: &Value, expected: &Value, context: &str) {
    for (name, expected) in expected.as_object().expect("members") {
        let same = match (&found[name], expected) {
            (Value::Number(found), Value::Number(expected)) => {
                let (found, expected) = (found.as_f64().expect("a number"), expected.as_f64().expect("a number"));
                (found - expected).abs() <= 0.0051
            }
            (found, expected) => found == expected,
        };
        assert!(same, "{context}: {name} is {}, not {expected}; {found}", found[name]);
    }
}

/// A measurement as an event whose minute begins so many seconds after the start.
pub fn measured(number: u32, zone: &str, begins_s: i64) -> (Measurement, Value) {
    let measurement = minute(zone, number);
    let event = event(zone, at(begins_s + 60), Data::Measurement(measurement.clone()));
    (measurement, event)
}

pub fn adaptation(zone: &str, seconds: i64, from_db: f64, to_db: f64, cause: Cause) -> Value {
    let direction = if to_db > from_db {
        Direction::Increase
    } else {
        Direction::Decrease
    };
    let data = Adaptation {
        zone: zone.to_owned(),
        direction,
        from_db,
        to_db,
        duration_s: 60.0,
        cause,
        evidence: Evidence {
            sti: (cause == Cause::Speech).then_some(0.46),
            from_zone: (cause == Cause::Speech).then(|| "south".to_owned()),
        },
    };
    event(zone, at(seconds), Data::Adaptation(data))
}

pub fn mute(seconds: i64, muted: bool) -> Value {
    let data = Mute {
        zone: None,
        muted,
        channel: "mqtt".to_owned(),
        by: None,
    };
    event("hq", at(seconds), Data::Mute(data))
}

/// A floor of zones of 6 m by 6 m in a row, whose outlines go round clockwise, told so many seconds after the samples begin.
pub fn floor(id: &str, told_s: i64, floors: &[&str], zones: &[(&str, &str, ZoneKind)]) -> Value {
    let width = 6.0 * zones.len() as f64;
    let of_zone = |(index, (zone, name, kind)): (usize, &(&str, &str, ZoneKind))| {
        let west = 6.0 * index as f64;
        LayoutZone {
            zone: (*zone).to_owned(),
            name: (*name).to_owned(),
            kind: *kind,
            outline_m: vec![[west, 0.0], [west, 6.0], [west + 6.0, 6.0], [west + 6.0, 0.0]],
            level_min_db: 40.0,
            level_fixed_db: 43.0,
            level_max_db: 46.0,
            listeners: 4,
            microphones: vec![LayoutDevice {
                id: format!("m-{zone}"),
                position_m: [west + 3.0, 3.0, 2.7],
            }],
            loudspeakers: Vec::new(),
        }
    };
    let layout = Layout {
        floor: id.to_owned(),
        floors: floors.iter().map(|floor| (*floor).to_owned()).collect(),
        outline_m: vec![[0.0, 0.0], [width, 0.0], [width, 6.0], [0.0, 6.0]],
        height_m: 2.8,
        zones: zones.iter().enumerate().map(of_zone).collect(),
        screens: vec![LayoutScreen {
            from_m: [6.0, 0.0],
            to_m: [6.0, 3.0],
            height_m: 1.6,
        }],
    };
    event(id, at(told_s), Data::Layout(layout))
}

/// Two floors: `north` and `south` on the first, `quiet` on the second.
pub fn two_floors() -> Vec<Value> {
    let first = [
        ("north", "Product team", ZoneKind::Focus),
        ("south", "=HYPERLINK(\"x\")", ZoneKind::Collaboration),
    ];
    vec![
        floor("1", 0, &["1", "2"], &first),
        floor("2", 0, &["1", "2"], &[("quiet", "Library", ZoneKind::Focus)]),
    ]
}

/// Delivers events in batches of the size that is allowed.
pub async fn deliver(tenant: &Tenant, events: &[Value]) {
    for batch in events.chunks(1000) {
        tenant.client().deliver(batch).await;
    }
}

/// Asks something of the site `hq`.
pub async fn ask(tenant: &Tenant, question: &str) -> Answer {
    let request = tenant.client().request(Method::GET, &format!("/v1/sites/hq/{question}"));
    send(request.bearer_auth(ANY_TOKEN)).await
}

/// Asks something that must be answered.
pub async fn answer(tenant: &Tenant, question: &str) -> Value {
    let answer = ask(tenant, question).await;
    assert_eq!(answer.status, StatusCode::OK, "{question}: {answer:?}");
    answer.json
}

/// All rows of a list in an answer, page by page.
pub async fn pages(tenant: &Tenant, question: &str, list: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = answer(tenant, &format!("{question}{after}")).await;
        all.extend(page[list].as_array().expect("rows").iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}
