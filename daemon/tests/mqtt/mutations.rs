//! Random payloads from a seed: right ones, right ones that something was done to, and noise.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// What is known of a payload beforehand, by how it was made and not by how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has to be carried out.
    Right,
    /// It has to be refused.
    Wrong,
    /// It may be either.
    Nothing,
}

/// Levels up to here are lowest levels and from here on highest ones, so that no two right requests contradict each other.
const MIDDLE_DB: f64 = 43.0;

/// One payload for a command.
pub fn command(random: &mut Rng) -> (Known, Vec<u8>) {
    let right = Value::Object(right_command(random));
    mutated(random, &right)
}

/// One payload for a mute.
pub fn mute(random: &mut Rng) -> (Known, Vec<u8>) {
    if random.u8(..4) == 0 {
        return (Known::Right, ["ON", "OFF", "on", " Off\n"][random.usize(..4)].into());
    }
    let mut right = Map::new();
    match random.bool() {
        true => right.insert("state".into(), ["ON", "OFF", "off"][random.usize(..3)].into()),
        false => right.insert("muted".into(), random.bool().into()),
    };
    if random.bool() {
        right.insert("zone".into(), ["north-east", "south-west"][random.usize(..2)].into());
    }
    if random.bool() {
        right.insert("id".into(), random.u32(..).to_string().into());
    }
    mutated(random, &Value::Object(right))
}

fn right_command(random: &mut Rng) -> Map<String, Value> {
    let level = |random: &mut Rng, from: f64, to: f64| json!((from + (to - from) * random.f64()).clamp(from, to));
    let today_db = level(random, 20.0, 60.0);
    let members = [
        ("enabled", json!(random.bool())),
        ("offset_db", level(random, -20.0, 20.0)),
        ("level_min_db", level(random, 20.0, MIDDLE_DB)),
        ("level_max_db", level(random, MIDDLE_DB, 60.0)),
        ("soundscape", json!("noise")),
        (
            "today",
            [json!("schedule"), json!("on"), json!("off"), today_db][random.usize(..4)].clone(),
        ),
        // Too long for it to end in a test.
        ("for_minutes", json!(random.u32(1000..=10_080))),
        ("by", json!(["front-desk", "bms"][random.usize(..2)])),
        ("id", json!(random.u32(..).to_string())),
        ("reset", json!(true)),
    ];
    let some = members.into_iter().filter(|_| random.u8(..3) == 0);
    some.map(|(key, value)| (key.to_owned(), value)).collect()
}

fn mutated(random: &mut Rng, right: &Value) -> (Known, Vec<u8>) {
    let bytes = right.to_string().into_bytes();
    match random.u8(..10) {
        0 => (Known::Right, bytes),
        1..=3 => (Known::Wrong, broken_text(random, bytes)),
        4..=5 => (Known::Wrong, broken_members(random, right)),
        6..=8 => (Known::Nothing, damaged(random, bytes)),
        _ => (Known::Nothing, noise(random)),
    }
}

/// What is no JSON object any more, whatever the object was.
fn broken_text(random: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    match random.u8(..8) {
        0 => bytes.truncate(random.usize(..bytes.len())),
        1 => bytes.push(*random.choice(b"x0]}\0,").unwrap_or(&0)),
        2 => bytes.extend(bytes.clone()),
        3 => bytes.insert(random.usize(..=bytes.len()), 0xff),
        4 => bytes.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
        5 => bytes = bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
        6 => {
            bytes.insert(0, b'[');
            bytes.push(b']');
        }
        _ => {
            let depth = random.usize(200..5000);
            bytes = [b"{\"offset_db\":".repeat(depth), bytes, b"}".repeat(depth)].concat();
        }
    }
    bytes
}

/// An object with one member that it must not have.
fn broken_members(random: &mut Rng, right: &Value) -> Vec<u8> {
    let mut members = right.as_object().cloned().unwrap_or_default();
    let bad = match random.u8(..7) {
        0 => (format!("key-{}", random.u8(..)), json!(1)),
        1 => ("id".to_owned(), json!(null)),
        2 => ("id".to_owned(), json!([random.u8(..)])),
        3 => ("x".repeat(random.usize(1..60_000)), json!({"a": [{}]})),
        4 => ("by".to_owned(), json!({"name": random.u8(..)})),
        5 => ("by".to_owned(), json!(7.5)),
        // The same twice.
        _ => {
            let text = Value::Object(members).to_string();
            let inside = text.trim_start_matches('{');
            return format!("{{\"id\":\"a\",\"id\":\"b\"{}{inside}", if inside == "}" { "" } else { "," }).into_bytes();
        }
    };
    members.insert(bad.0, bad.1);
    Value::Object(members).to_string().into_bytes()
}

/// A few bytes are other ones, gone, or new, or a part stands elsewhere.
fn damaged(random: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..bytes.len().max(1));
        match random.u8(..5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at.min(bytes.len()), random.u8(..)),
            3 => bytes.insert(
                at.min(bytes.len()),
                *random.choice(b"{}[]\",:0123456789.eE+- \\").unwrap_or(&0),
            ),
            _ => {
                let part = bytes[at.min(bytes.len())..].to_vec();
                let to = random.usize(..=bytes.len());
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

/// Random bytes, or random pieces of JSON.
fn noise(random: &mut Rng) -> Vec<u8> {
    if random.bool() {
        return (0..random.usize(..300)).map(|_| random.u8(..)).collect();
    }
    const PIECES: [&str; 20] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"offset_db\"",
        "\"today\"",
        "\"level_min_db\"",
        "\"state\"",
        "\"ON\"",
        "\"\\u0000\"",
        "null",
        "true",
        "-1",
        "1e9",
        "-0.0",
        "45",
        "1e-320",
        " ",
    ];
    (0..random.usize(..30))
        .map(|_| PIECES[random.usize(..PIECES.len())])
        .collect::<String>()
        .into()
}
