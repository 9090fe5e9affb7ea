//! The complete example loads, and every value arrives where it belongs.

mod common;

use std::fs;

use common::{GOOD_LAYOUT, GOOD_SITE, load_texts};
use habitat_config::{
    Severity, load,
    site::{Adaptation, Backend, OwnSound, RemovalMethod, Soundscape, ZoneLevels},
};
use habitat_layout::{Position, ZoneKind, spectrum};
use jiff::{civil::date, civil::time, tz::TimeZone};

#[test]
fn every_value_of_the_example_arrives() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("habitat.toml"), GOOD_SITE).expect("writes the site");
    fs::write(folder.path().join("layout.toml"), GOOD_LAYOUT).expect("writes the layout");
    let site = load(&folder.path().join("habitat.toml"))
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;

    assert_eq!((site.id.as_str(), site.name.as_str()), ("hq-3", "Head office, floor 3"));
    assert_eq!(site.time_zone, TimeZone::get("Europe/Helsinki").expect("a known zone"));
    assert_eq!(site.state_dir, folder.path().join("state"));
    let Backend::Pipe { start } = site.audio.backend else {
        panic!("the backend is pipe")
    };
    assert_eq!(start.to_string(), "2026-01-05T06:00:00Z");
    assert_eq!((site.audio.sample_rate_hz, site.audio.block_frames), (48_000, 1024));
    assert_eq!((site.audio.device_frames, site.audio.engine_cpu), (2048, Some(3)));
    assert_eq!(
        site.adaptation,
        Adaptation {
            slew_up_db_per_min: 0.2,
            slew_down_db_per_min: 0.1,
            neighbour_max_db: 2.0,
            startup_ramp_s: 300.0,
            speech_privacy: 0.75,
            place_memory: false,
            acclimatisation_days: 21,
            acclimatisation_from_db: -4.5,
            learned_profile: true,
        }
    );
    assert_eq!(site.masking.spectrum_db, spectrum::minus5_db());

    assert_eq!(
        site.own_sound,
        OwnSound {
            method: RemovalMethod::Power,
            references: 4,
            tail_s: 0.5,
        }
    );
    let mqtt = site.mqtt.expect("[mqtt]");
    assert_eq!((mqtt.host.as_str(), mqtt.port, mqtt.tls), ("broker.example", 8883, true));
    assert_eq!(mqtt.other_hosts, ["broker-2.example", "broker-3.example"]);
    assert_eq!(mqtt.ca_file, Some(folder.path().join("tls/ca.pem")));
    assert_eq!(mqtt.password_file, Some("/etc/habitat/mqtt-password".into()));
    assert_eq!(
        (mqtt.client_id.as_str(), mqtt.topic_prefix.as_str()),
        ("habitat-hq-3", "habitat")
    );
    assert_eq!(mqtt.home_assistant.as_deref(), Some("homeassistant"));
    let cloud = site.cloud.expect("[cloud]");
    assert_eq!(
        (cloud.url.as_str(), cloud.interval_s),
        ("https://tenant.example/habitat", 30.0)
    );
    assert_eq!(cloud.token_file, Some(folder.path().join("token")));
    assert_eq!(cloud.certificate_file, Some(folder.path().join("tls/own.pem")));
    assert_eq!(cloud.key_file, Some(folder.path().join("tls/own.key")));
    assert_eq!(cloud.proxy.as_deref(), Some("http://proxy.example:3128"));
    assert_eq!(site.console.expect("[console]").listen.to_string(), "127.0.0.1:8481");
    assert_eq!(site.event_log.expect("[event_log]").path, folder.path().join("events.jsonl"));

    let [day, night] = &site.schedules[..] else {
        panic!("two schedules")
    };
    assert_eq!((&day.zones[..], &day.days[..]), (&[0, 1][..], &[0, 1, 2, 3, 4][..]));
    assert_eq!(
        (day.from, day.to, day.level_db),
        (time(8, 0, 0, 0), time(18, 0, 0, 0), Some(42.0))
    );
    assert_eq!(day.holidays, [date(2026, 12, 25), date(2026, 12, 26)]);
    assert_eq!((&night.zones[..], night.level_db, night.days.len()), (&[1][..], None, 7));
}

#[test]
fn the_layout_arrives_with_its_references_resolved() {
    let site = load_texts(GOOD_SITE, GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    let plan = site.plan;
    assert_eq!(
        (plan.floors.len(), plan.floors[0].height_m, plan.floors[0].reverberation_s),
        (1, 2.8, Some(0.5))
    );
    assert_eq!(
        (plan.zones[0].name.as_str(), plan.zones[1].name.as_str()),
        ("Product team", "south-east")
    );
    assert_eq!(
        (plan.zones[0].kind, plan.zones[1].kind),
        (ZoneKind::Focus, ZoneKind::Collaboration)
    );
    assert_eq!(
        plan.zones[0].listeners[1],
        Position {
            x_m: 22.0,
            y_m: 14.0,
            z_m: 1.2
        }
    );
    assert!(!plan.zones[1].listeners.is_empty(), "a zone without listeners gets a grid");
    let microphones: Vec<_> = plan.microphones.iter().map(|item| (item.zone, item.channel)).collect();
    let loudspeakers: Vec<_> = plan.loudspeakers.iter().map(|item| (item.zone, item.channel)).collect();
    assert_eq!((microphones, loudspeakers), (vec![(0, 1), (1, 2)], vec![(0, 1), (1, 2)]));
    assert_eq!((plan.screens[0].floor, plan.screens[0].to), (0, [12.0, 10.0]));
}

#[test]
fn a_zone_takes_from_the_site_what_it_does_not_set() {
    let site = load_texts(GOOD_SITE, GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    let inherited = ZoneLevels {
        level_min_db: 40.0,
        level_fixed_db: 43.0,
        level_max_db: 46.0,
        sti_target: 0.45,
        soundscape: Soundscape::Noise,
    };
    let own = ZoneLevels {
        level_fixed_db: 42.0,
        sti_target: 0.4,
        ..inherited.clone()
    };
    assert_eq!(site.zones, [own, inherited]);
}

#[test]
fn a_site_needs_no_more_than_an_id_and_a_layout() {
    let site = load_texts("[site]\nid = \"x\"\n", GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    assert_eq!((site.name.as_str(), site.time_zone), ("x", TimeZone::UTC));
    assert!(matches!(site.audio.backend, Backend::Cpal));
    assert_eq!((site.adaptation.speech_privacy, site.adaptation.place_memory), (0.5, true));
    assert_eq!(site.masking.spectrum_db, spectrum::minus5_db());
    assert_eq!(
        site.own_sound,
        OwnSound {
            method: RemovalMethod::Auto,
            references: 6,
            tail_s: 0.6,
        }
    );
    assert!(site.mqtt.is_none() && site.cloud.is_none() && site.console.is_none() && site.event_log.is_none());
}

#[test]
fn a_table_without_keys_switches_the_part_on_with_its_defaults() {
    let text = "[site]\nid = \"x\"\n[mqtt]\nhost = \"h\"\n[console]\n[cloud]\nurl = \"http://localhost:9000/\"\n";
    let site = load_texts(text, GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    let mqtt = site.mqtt.expect("[mqtt]");
    assert_eq!((mqtt.port, mqtt.home_assistant), (1883, None));
    assert_eq!(site.console.expect("[console]").listen.to_string(), "127.0.0.1:8480");
    let cloud = site.cloud.expect("[cloud]");
    assert_eq!((cloud.url.as_str(), cloud.interval_s), ("http://localhost:9000", 60.0));
}

#[test]
fn a_schedule_from_midnight_to_midnight_is_a_whole_day() {
    let schedule = "[[schedule]]\nzones = [\"north-east\"]\nfrom = \"00:00\"\nto = \"00:00\"\noff = true\n";
    let site = load_texts(format!("[site]\nid = \"x\"\n{schedule}"), GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    assert_eq!(
        (site.schedules[0].from, site.schedules[0].to),
        (time(0, 0, 0, 0), time(0, 0, 0, 0))
    );
}

#[test]
fn a_listed_spectrum_keeps_its_shape_and_gets_an_a_weighted_sum_of_zero() {
    let mut levels = [0.0; 20];
    levels[0] = 49.7;
    levels[10] = 33.1;
    let text = format!("[site]\nid = \"x\"\n[masking]\nspectrum = {levels:?}\n");
    let site = load_texts(text, GOOD_LAYOUT)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    let bands = site.masking.spectrum_db;
    // 100 Hz and 1 kHz are the 7th and 17th band from 25 Hz.
    assert!((bands[6] - bands[16] - (49.7 - 33.1)).abs() < 1e-9);
    assert!(bands[..6].iter().chain(&bands[26..]).all(|band| *band == f64::NEG_INFINITY));
    // The A-weighting of IEC 61672-1, table 3, for 100 Hz to 8 kHz.
    const A: [f64; 20] = [
        -19.1, -16.1, -13.4, -10.9, -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0.0, 0.6, 1.0, 1.2, 1.3, 1.2, 1.0, 0.5, -0.1, -1.1,
    ];
    let sum: f64 = bands[6..26]
        .iter()
        .zip(A)
        .map(|(band, a)| 10f64.powf((band + a) / 10.0))
        .sum();
    assert!((10.0 * sum.log10()).abs() < 0.1, "{sum}");
}

#[test]
fn what_works_but_perhaps_not_as_meant_is_warned_about() {
    let layout = GOOD_LAYOUT
        .replace("zone = \"south-east\"", "zone = \"north-east\"")
        .replace("position = [20.0, 4.0, 2.7]", "position = [20.0, 10.0, 2.7]");
    let layout = layout.replace("position = [19.0, 3.0, 2.75]", "position = [21.0, 11.0, 2.75]");
    let site = GOOD_SITE.replace("home_assistant = true", "home_assistant_prefix = \"ha\"");
    let warnings = load_texts(&site, layout)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .warnings;
    let messages: Vec<&str> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`home_assistant_prefix` has no effect, because discovery for Home Assistant is off",
            "this zone has neither microphone nor loudspeaker",
        ]
    );
    assert!(warnings.iter().all(|warning| warning.severity == Severity::Warning));
    assert!(warnings.to_string().ends_with("2 warnings in 2 files"), "{warnings}");
}

const REMOTE_ZONE: &str = "
[[remote_zone]]
site = \"hq-4\"
zone = \"south-west\"
floor = \"3\"
outline = [[8, 0], [16, 0], [16, 8], [8, 8]]
microphones = [[12.0, 4.0, 2.7]]
";

#[test]
fn a_zone_of_another_controller_arrives_with_its_seats_microphones_and_level() {
    let at_43_5_db = format!("{GOOD_LAYOUT}{REMOTE_ZONE}level_fixed_db = 43.5\nlisteners = [[9, 1], [10, 2]]\n");
    let site = load_texts(GOOD_SITE, at_43_5_db)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site;
    let [zone] = &site.plan.remote_zones[..] else {
        panic!("one remote zone")
    };
    assert_eq!(
        (zone.id(), zone.floor, zone.listeners.len()),
        ("hq-4/south-west".to_owned(), 0, 2)
    );
    let [x_m, y_m, z_m] = [12.0, 4.0, 2.7];
    assert_eq!(zone.microphones, [Position { x_m, y_m, z_m }]);
    assert_eq!(site.remote_levels, [43.5]);
    // Without them: a grid, and the level of this site.
    let site = load_texts(GOOD_SITE, format!("{GOOD_LAYOUT}{REMOTE_ZONE}")).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(site.warnings.is_empty() && site.site.plan.remote_zones[0].listeners.len() > 4);
    assert_eq!(site.site.remote_levels, [43.0]);
}

#[test]
fn a_zone_of_another_controller_is_warned_about_where_nothing_can_be_heard_of_it() {
    let site = "[site]\nid = \"hq-3\"\n[audio]\nbackend = \"virtual\"\n";
    let loaded = load_texts(site, format!("{GOOD_LAYOUT}{REMOTE_ZONE}")).unwrap_or_else(|problems| panic!("{problems}"));
    let warnings: Vec<String> = loaded.warnings.iter().map(|warning| warning.message.clone()).collect();
    assert_eq!(warnings, ["nothing can be heard of this zone, as habitat.toml has no [mqtt]"]);
}
