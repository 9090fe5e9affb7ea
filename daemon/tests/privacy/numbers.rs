//! Looks for what is finer than the limits: rows of numbers, many numbers a second, and measurements that come too often.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::captured::Captured;

/// A row of so many numbers with nothing between them could be a spectrum or a course of levels.
const ROW: usize = 8;
/// Numbers that a way out may carry for a zone and a second: the state of a zone with its settings has 25.
const NUMBERS_PER_ZONE_AND_SECOND: usize = 40;
/// Measurements come a second apart on the local network, and a minute apart at the tenant.
const LOCAL_S: f64 = 1.0;
const CLOUD_S: f64 = 60.0;

/// Rows of numbers that a run without speech does not have as well.
pub fn rows(captured: &Captured, reference: &Captured) -> Vec<String> {
    let known: BTreeSet<String> = rows_of(reference).map(|(_, row)| row).collect();
    let unknown = rows_of(captured).filter(|(_, row)| !known.contains(row) && !is_of_a_place(row));
    unknown
        .map(|(place, row)| format!("numbers: a row of them in {place}: {row}"))
        .collect()
}

fn rows_of(captured: &Captured) -> impl Iterator<Item = (&str, String)> {
    let text = captured.0.iter().filter(|piece| piece.place != "state file");
    text.flat_map(|piece| {
        let text = String::from_utf8_lossy(&piece.bytes).into_owned();
        let is_of_row = |c: char| c.is_ascii_digit() || " ,;[]+-.eE\t".contains(c);
        let rows = text.split(|c| !is_of_row(c));
        let rows = rows.filter(|row| row.split([' ', ',', ';', '[', ']']).filter(|word| is_number(word)).count() >= ROW);
        let rows: Vec<String> = rows.map(|row| row.trim().to_owned()).collect();
        rows.into_iter().map(|row| (piece.place.as_str(), row))
    })
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok_and(f64::is_finite)
}

/// What a place has taught: for 31 masking levels the share of listeners whom speech would distract, over hours. It only falls.
fn is_of_a_place(row: &str) -> bool {
    let shares = serde_json::from_str::<Vec<f64>>(row.trim_matches([',', ' '])).unwrap_or_default();
    !shares.is_empty() && shares.is_sorted_by(|one, next| one >= next) && shares.iter().all(|share| (0.0..=1.0).contains(share))
}

/// Ways out that carry more numbers than so many seconds of so many zones have.
pub fn amounts(captured: &Captured, seconds: usize, zones: usize) -> Vec<String> {
    let mut amounts = BTreeMap::<&str, usize>::new();
    for (place, document) in captured.documents() {
        *amounts.entry(place).or_default() += count(&document);
    }
    let most = NUMBERS_PER_ZONE_AND_SECOND * seconds * zones;
    let too_many = amounts.into_iter().filter(|(_, amount)| *amount > most);
    too_many
        .map(|(place, amount)| format!("amount: {amount} numbers in {place}"))
        .collect()
}

fn count(value: &Value) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Measurements that are of too short a time, or follow one another too soon.
pub fn resolution(captured: &Captured) -> Vec<String> {
    let mut latest = BTreeMap::<(&str, String), Timestamp>::new();
    let mut found = Vec::new();
    for (place, document) in captured.documents() {
        each_measurement(&document, &mut |zone, period_s, time| {
            let finest_s = if is_of_cloud(place) { CLOUD_S } else { LOCAL_S };
            if period_s < finest_s {
                found.push(format!("resolution: {period_s} s of {zone} in {place}"));
            }
            let Some(time) = time else { return };
            let before = latest.insert((place, zone.to_owned()), time);
            let apart_s = before.map_or(f64::MAX, |before| time.duration_since(before).as_secs_f64());
            // What is asked for again says the same again.
            if apart_s.abs() > 0.0 && apart_s.abs() < finest_s {
                found.push(format!("resolution: two of {zone} {apart_s} s apart in {place}"));
            }
        });
    }
    found
}

/// What the tenant has, or waits for it.
fn is_of_cloud(place: &str) -> bool {
    ["cloud", "state", "events", "outbox", "export"]
        .iter()
        .any(|way| place.starts_with(way))
}

fn each_measurement(value: &Value, tell: &mut impl FnMut(&str, f64, Option<Timestamp>)) {
    match value {
        Value::Object(members) => {
            let data = members.get("data").unwrap_or(value);
            if let (Some(zone), Some(period_s)) = (data["zone"].as_str(), data["period_s"].as_f64()) {
                let time = members.get("time").and_then(|time| time.as_str()?.parse().ok());
                tell(zone, period_s, time);
            } else {
                members.values().for_each(|member| each_measurement(member, tell));
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| each_measurement(element, tell)),
        _ => {}
    }
}
