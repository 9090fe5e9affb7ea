//! What a run leaves behind: only fields that the privacy inventory lists, and the same in each format.

use std::collections::{BTreeMap, BTreeSet};

use habitat_events::Data;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    console::Console,
    habitatd::{Daemon, Site, free_port, habitatd},
    pipe::Pipe,
    room::{RATE_HZ, Room, layout},
    site::{BLOCK, ZONES, event_log, expect, habitat_toml, jsonl},
};

type Fields = BTreeMap<String, BTreeSet<String>>;

/// Between the zones, so that masking can help next door: without it a talker stays intelligible there, and no zone is raised for him.
const THIN_WALL: &str = "[[screen]]\nfloor = \"1\"\nfrom = [6, 0]\nto = [6, 6]\nheight_m = 2.8\nreduction_db = 8\n";

/// A run in which everything happens that makes an event; gives what the console says about privacy.
fn eventful_run(site: &Site, port: u16) -> Value {
    let mut daemon = Daemon::start(site.command("run"));
    let mut pipe = Pipe::of(&mut daemon, BLOCK * ZONES);
    let console = Console::of(&mut daemon, port);
    let mut room = Room::new(ZONES);
    let mut play = |seconds: usize, fault: Option<f32>| {
        for _ in 0..seconds * RATE_HZ / BLOCK {
            let mut heard = room.listen(BLOCK);
            fault.iter().for_each(|fault| heard[0] = *fault);
            pipe.exchange(&heard);
        }
    };
    play(130, None);
    console.change(
        Method::PATCH,
        "/api/v1/zones/zone-1",
        &json!({ "offset_db": 1.5, "for_minutes": 1, "id": "a" }),
    );
    play(20, None);
    console.change(Method::PUT, "/api/v1/mute", &json!({ "muted": true, "zone": "zone-2" }));
    console.change(Method::PUT, "/api/v1/mute", &json!({ "muted": true }));
    play(5, Some(f32::NAN));
    console.change(Method::PUT, "/api/v1/mute", &json!({ "muted": false }));
    play(20, None);
    let privacy = console.get("/api/v1/privacy");
    drop(pipe);
    assert!(daemon.wait().success(), "{}", daemon.log());
    privacy
}

/// Every field of every event type, nested ones as `outer.inner`, those of list entries as `list[].inner`.
fn fields_of(events: &[Value]) -> Fields {
    fn collect(value: &Value, prefix: &str, names: &mut BTreeSet<String>) {
        for (name, value) in value.as_object().unwrap() {
            let name = format!("{prefix}{name}");
            let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
            if value.is_object() {
                collect(value, &format!("{name}."), names);
            } else if entries.iter().any(Value::is_object) {
                entries.iter().for_each(|entry| collect(entry, &format!("{name}[]."), names));
            } else if *value != json!([]) {
                names.insert(name);
            }
        }
    }
    let mut fields = Fields::new();
    for event in events {
        let event_type = event["type"].as_str().unwrap().to_owned();
        collect(&event["data"], "", fields.entry(event_type).or_default());
    }
    fields
}

fn privacy() -> Value {
    let mut command = habitatd();
    command.args(["privacy", "--format", "json"]);
    serde_json::from_slice(&expect(0, command, b"").stdout).unwrap()
}

fn listed(inventory: &Value) -> Fields {
    let mut fields = Fields::new();
    for field in inventory["fields"].as_array().unwrap() {
        let text = |key: &str| field[key].as_str().unwrap().to_owned();
        fields.entry(text("event_type")).or_default().insert(text("name"));
    }
    fields
}

fn events(site: &Site, options: &[&str]) -> Vec<u8> {
    let mut command = site.command("events");
    command.args(options);
    expect(0, command, b"").stdout
}

/// The columns of a line of CSV (RFC 4180), of which none contains a line break here.
fn columns(line: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let (mut quoted, mut characters) = (false, line.chars().peekable());
    while let Some(character) = characters.next() {
        let column = columns.last_mut().unwrap();
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => column.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            other => column.push(other),
        }
    }
    assert!(!quoted, "a quote is open: {line}");
    columns
}

#[test]
fn every_field_of_a_run_is_in_the_privacy_inventory_and_every_format_tells_the_same() {
    let port = free_port();
    let site = Site::new(
        &habitat_toml(&format!("[console]\nlisten = \"127.0.0.1:{port}\"\n")),
        &(layout(ZONES) + THIN_WALL),
    );
    let told_by_console = eventful_run(&site, port);
    let (log, history) = (event_log(&site), jsonl(&events(&site, &["--format", "jsonl"])));
    println!("{} events in the log, {} in the history", log.len(), history.len());

    let listed = listed(&privacy());
    assert_eq!(told_by_console["fields"], privacy()["fields"]);
    for (name, record) in [("the event log", &log), ("the history", &history)] {
        let found = fields_of(record);
        let types: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(types, BTreeSet::from(Data::TYPES).into_iter().collect::<Vec<_>>(), "{name}");
        for (event_type, fields) in found {
            let hidden: Vec<_> = fields.difference(&listed[&event_type]).collect();
            assert!(
                hidden.is_empty(),
                "{name}: {event_type} has fields that the inventory does not list: {hidden:?}"
            );
        }
    }
    assert!(
        fields_of(&log)["habitat.zone.adaptation.v1"].contains("evidence.from_zone"),
        "nobody was heard"
    );

    let csv = String::from_utf8(events(&site, &["--format", "csv"])).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("time,type,subject,data"));
    let rows: Vec<Vec<String>> = lines.map(columns).collect();
    assert_eq!(rows.len(), history.len());
    for (row, event) in rows.iter().zip(&history) {
        let expected = ["time", "type", "subject"].map(|key| event[key].as_str().unwrap());
        assert_eq!(row[..3], expected);
        assert_eq!(serde_json::from_str::<Value>(&row[3]).unwrap(), event["data"]);
        assert_eq!(row.len(), 4);
    }

    let chosen = |choose: &dyn Fn(&Value) -> bool| history.iter().filter(|event| choose(event)).cloned().collect::<Vec<_>>();
    let of_zone = chosen(&|event| event["subject"] == "zone-2");
    assert!(!of_zone.is_empty() && of_zone.len() < history.len());
    assert_eq!(jsonl(&events(&site, &["--zone", "zone-2"])), of_zone);
    let since = "2026-01-05T06:02:00Z";
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let later = chosen(&|event| time(event["time"].as_str().unwrap()) >= time(since));
    assert!(!later.is_empty() && later.len() < history.len());
    assert_eq!(jsonl(&events(&site, &["--since", since])), later);
}
