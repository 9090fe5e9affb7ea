//! Changes at run time: what is understood, what is refused, and what is clamped.

use habitat_config::{
    settings::{LARGEST_REQUEST_BYTES, SettingsRequest, Today, ZoneSettings},
    site::{Soundscape, ZoneLevels},
};
use proptest::prelude::*;

const FILE: ZoneLevels = ZoneLevels {
    level_min_db: 40.0,
    level_fixed_db: 43.0,
    level_max_db: 46.0,
    sti_target: 0.45,
    soundscape: Soundscape::Noise,
};

fn errors(json: &str) -> Vec<String> {
    SettingsRequest::from_json(json.as_bytes()).expect_err("a wrong request")
}

fn understood(json: &str) -> SettingsRequest {
    SettingsRequest::from_json(json.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn every_member_is_understood() {
    let json = r#"{"enabled":true,"offset_db":-1.5,"level_min_db":40,"level_max_db":45,"soundscape":"noise","today":"off","for_minutes":60,"by":"bms","id":"abc"}"#;
    assert_eq!(
        understood(json),
        SettingsRequest {
            reset: false,
            scene: None,
            enabled: Some(true),
            offset_db: Some(-1.5),
            level_min_db: Some(40.0),
            level_max_db: Some(45.0),
            soundscape: Some(Soundscape::Noise),
            today: Some(Today::Off),
            for_minutes: Some(60.0),
            by: Some("bms".to_owned()),
            id: Some("abc".to_owned()),
        }
    );
    assert_eq!(understood("{}"), SettingsRequest::default());
    let scene = understood(r#"{"scene":"quiet","for_minutes":5,"id":"x"}"#);
    assert_eq!((scene.scene.as_deref(), scene.for_minutes), (Some("quiet"), Some(5.0)));
    assert!(understood(r#"{"reset":true,"offset_db":-1}"#).reset);
}

#[test]
fn each_mistake_is_a_sentence_that_names_it() {
    for (json, part) in [
        ("", "not a JSON object"),
        ("ON", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("{\"offset_db\":1} x", "not a JSON object"),
        ("{\"offset_db\":NaN}", "not a JSON object"),
        ("{\"offset_db\":1e999}", "not a JSON object"),
        ("{\"ofset_db\":1}", "did you mean `offset_db`?"),
        ("{\"colour\":1}", "the settings are reset, scene, enabled, offset_db"),
        ("{\"enabled\":\"yes\"}", "`enabled` must be true or false, but is text"),
        ("{\"offset_db\":\"1\"}", "`offset_db` must be a number, but is text"),
        ("{\"offset_db\":null}", "is null; leave the key out"),
        ("{\"offset_db\":{\"a\":1}}", "`offset_db` must be a number, but is an object"),
        ("{\"id\":[[1]]}", "`id` must be text, but is a list"),
        (
            "{\"level_max_db\":60.1}",
            "`level_max_db` must be from 20 to 60 dB, but is 60.1",
        ),
        ("{\"level_min_db\":-3}", "`level_min_db` must be from 20 to 60 dB, but is -3"),
        (
            "{\"level_min_db\":45,\"level_max_db\":44}",
            "`level_min_db` (45) is above `level_max_db` (44)",
        ),
        (
            "{\"soundscape\":\"stream\"}",
            "`stream` is not available in this version; use \"noise\"",
        ),
        (
            "{\"today\":\"Off\"}",
            "`today` cannot be `Off`; write \"schedule\", \"on\", \"off\"",
        ),
        ("{\"today\":\"holiday\"}", "write \"schedule\", \"on\", \"off\" or a level"),
        ("{\"today\":true}", "\"off\" or a level in dB(A), but is true or false"),
        ("{\"today\":null}", "leave the key out to keep what holds"),
        ("{\"today\":60.5}", "`today` must be from 20 to 60 dB, but is 60.5"),
        ("{\"scene\":\"a\",\"today\":\"off\"}", "`today` cannot be set with it"),
        ("{\"by\":7}", "`by` must be text, but is a number"),
        ("{\"for_minutes\":0}", "must be above 0 and at most 10080"),
        ("{\"for_minutes\":10080.5}", "must be above 0 and at most 10080"),
        ("{\"enabled\":true,\"enabled\":true}", "`enabled` stands twice"),
    ] {
        let errors = errors(json);
        assert!(errors.len() == 1 && errors[0].contains(part), "{json}: {errors:?}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    assert_eq!(errors(r#"{"enabled":1,"x":2,"offset_db":"a","for_minutes":-1}"#).len(), 4);
}

#[test]
fn requests_that_are_too_large_or_too_deep_are_refused() {
    assert!(errors(&" ".repeat(LARGEST_REQUEST_BYTES + 1))[0].contains("65537 bytes"));
    assert!(errors(&format!("{{\"id\":{}", "[".repeat(60_000)))[0].contains("not a JSON object"));
    let many: Vec<String> = (0..5000).map(|index| format!("\"k{index}\":1")).collect();
    assert_eq!(errors(&format!("{{{}}}", many.join(","))).len(), 1);
    let long_id = format!("{{\"id\":\"{}\"}}", "é".repeat(129));
    assert!(errors(&long_id)[0].contains("129 characters"));
}

#[test]
fn an_admin_narrows_the_limits_of_the_file_and_cannot_widen_them() {
    let before = ZoneSettings::default_for(&FILE);
    let narrower = understood(r#"{"level_min_db":41,"level_max_db":45.5,"enabled":false}"#);
    let (after, clamped) = before.apply(&narrower, &FILE).expect("applies");
    assert_eq!(
        after,
        ZoneSettings {
            enabled: false,
            offset_db: 0.0,
            level_min_db: 41.0,
            level_max_db: 45.5,
            soundscape: Soundscape::Noise,
            today: Today::Schedule,
        }
    );
    assert!(clamped.is_empty());
    let wider = understood(r#"{"level_min_db":30,"level_max_db":50,"offset_db":-9}"#);
    let (after, clamped) = before.apply(&wider, &FILE).expect("applies");
    assert_eq!((after.level_min_db, after.level_max_db, after.offset_db), (40.0, 46.0, -6.0));
    assert_eq!(clamped, ["offset_db", "level_min_db", "level_max_db"]);
}

#[test]
fn a_level_for_today_stays_within_the_levels_of_the_zone() {
    let before = ZoneSettings::default_for(&FILE);
    for (json, today, clamped) in [
        (r#"{"today":"off"}"#, Today::Off, [].as_slice()),
        (r#"{"today":42.5}"#, Today::Level(42.5), &[]),
        (r#"{"today":50}"#, Today::Level(46.0), &["today"]),
        (r#"{"today":20}"#, Today::Level(40.0), &["today"]),
        (r#"{"today":45,"level_max_db":44}"#, Today::Level(44.0), &["today"]),
        (r#"{"reset":true,"today":41}"#, Today::Level(41.0), &[]),
    ] {
        let (after, found) = before.apply(&understood(json), &FILE).expect("applies");
        assert_eq!((after.today, found.as_slice()), (today, clamped), "{json}");
        let written = serde_json::to_string(&after).expect("serialises");
        assert_eq!(serde_json::from_str::<ZoneSettings>(&written).expect("reads back"), after);
        let (back, _) = after.apply(&understood(r#"{"reset":true}"#), &FILE).expect("applies");
        assert_eq!(back, before);
        let (kept, _) = after.apply(&understood(r#"{"offset_db":1}"#), &FILE).expect("applies");
        assert_eq!(kept.today, today);
        assert_eq!(
            after
                .apply(&understood(r#"{"today":"schedule"}"#), &FILE)
                .expect("applies")
                .0
                .today,
            Today::Schedule
        );
    }
}

#[test]
fn limits_that_cross_what_holds_already_are_refused() {
    let before = ZoneSettings {
        level_max_db: 42.0,
        ..ZoneSettings::default_for(&FILE)
    };
    let errors = before
        .apply(&understood(r#"{"level_min_db":44}"#), &FILE)
        .expect_err("crossed");
    assert_eq!(
        errors,
        ["`level_min_db` (44) would be above `level_max_db` (42) of this zone"]
    );
}

#[test]
fn an_empty_request_brings_stored_settings_back_within_a_changed_file() {
    let stored = ZoneSettings {
        level_min_db: 45.0,
        ..ZoneSettings::default_for(&FILE)
    };
    let lower = ZoneLevels {
        level_max_db: 44.0,
        ..FILE
    };
    let (after, clamped) = stored.apply(&SettingsRequest::default(), &lower).expect("applies");
    assert_eq!((after.level_min_db, after.level_max_db), (44.0, 44.0));
    assert_eq!(clamped, ["level_min_db", "level_max_db"]);
}

#[test]
fn settings_are_stored_and_published_under_the_names_of_the_contract() {
    let settings = ZoneSettings::default_for(&FILE);
    let json = serde_json::to_value(&settings).expect("serialises");
    let expected = serde_json::json!({
        "enabled": true, "offset_db": 0.0, "level_min_db": 40.0, "level_max_db": 46.0, "soundscape": "noise",
        "today": "schedule",
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<ZoneSettings>(json).expect("reads back"), settings);
}

proptest! {
    #[test]
    fn whatever_is_asked_for_stays_within_the_file(
        offset in prop::option::of(any::<f64>().prop_filter("finite", |value| value.is_finite())),
        min in prop::option::of(20.0..60f64),
        max in prop::option::of(20.0..60f64),
    ) {
        let request = SettingsRequest { offset_db: offset, level_min_db: min, level_max_db: max, ..Default::default() };
        if let Ok((after, _)) = ZoneSettings::default_for(&FILE).apply(&request, &FILE) {
            prop_assert!(after.offset_db.abs() <= 6.0);
            prop_assert!(40.0 <= after.level_min_db && after.level_min_db <= after.level_max_db);
            prop_assert!(after.level_max_db <= 46.0);
        }
    }
}

/// Requests that are right, wrong, and nearly right.
fn any_member() -> impl Strategy<Value = (String, serde_json::Value)> {
    let key = prop::sample::select(vec![
        "reset",
        "scene",
        "enabled",
        "offset_db",
        "level_min_db",
        "level_max_db",
        "soundscape",
        "for_minutes",
        "id",
        "ID",
        "",
    ]);
    let value = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        prop::sample::select(vec![-1e300, -6.0, 0.0, 0.1, 19.9, 20.0, 41.5, 60.0, 60.1, 10_080.0, 10_080.5]).prop_map(Into::into),
        prop::sample::select(vec!["", "noise", "stream"]).prop_map(Into::into),
        (127usize..131).prop_map(|length| "é".repeat(length).into()),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
    ];
    (key.prop_map(str::to_owned), value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// What no schema can say, a lowest level above the highest, is the only difference.
    #[test]
    fn a_request_is_understood_exactly_if_its_schema_allows_it(members in prop::collection::btree_map(any_member().prop_map(|member| member.0), any_member().prop_map(|member| member.1), 0..4)) {
        let request = serde_json::Value::from_iter(members);
        let schema = schemars::schema_for!(SettingsRequest).to_value();
        let allowed = jsonschema::is_valid(&schema, &request);
        match SettingsRequest::from_json(request.to_string().as_bytes()) {
            Ok(_) => prop_assert!(allowed, "{request}"),
            Err(errors) => prop_assert!(!allowed || errors.iter().all(|error| error.contains("is above")), "{request}: {errors:?}"),
        }
    }
}
