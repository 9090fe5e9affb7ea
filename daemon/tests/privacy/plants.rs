//! Leaks that are put in on purpose: what a mistake in the program could let out.

use serde_json::{Value, json};

use crate::{captured::Captured, office::ZONES};

/// A leak.
pub struct Plant {
    pub what: &'static str,
    /// How its finding begins.
    pub found_as: &'static str,
    pub put: Box<dyn Fn(&mut Captured)>,
}

fn plant(what: &'static str, found_as: &'static str, put: impl Fn(&mut Captured) + 'static) -> Plant {
    Plant {
        what,
        found_as,
        put: Box::new(put),
    }
}

/// All of them, for a run that heard this.
pub fn all(sound: &[f32]) -> Vec<Plant> {
    // A tenth of a second of the voice, where it is loudest, beginning anywhere.
    let heard: Vec<f32> = sound.iter().skip(ZONES * 3).step_by(ZONES).copied().collect();
    let loudest = heard
        .chunks_exact(1600)
        .max_by(|one, other| level_db(one).total_cmp(&level_db(other)));
    let voice = loudest.unwrap().to_vec();
    let whole = |sample: &f32| (sample * 32_768.0) as i16;
    let floats: Vec<u8> = voice.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let swapped: Vec<u8> = voice.iter().flat_map(|sample| sample.to_be_bytes()).collect();
    let short: Vec<u8> = voice.iter().flat_map(|sample| whole(sample).to_le_bytes()).collect();
    let levels: Vec<f64> = voice.chunks_exact(50).map(|frame| f64::from(level_db(frame))).collect();
    let rows = levels.iter().map(|level| format!("{level:.1}")).collect::<Vec<_>>().join(" ");
    vec![
        plant("sound in the database", "sound: as it is in state file", move |captured| {
            captured.put("state file", [b"page".as_slice(), &floats].concat());
        }),
        plant(
            "sound in the log, in hexadecimal",
            "sound: in hexadecimal in log",
            move |captured| {
                let digits: String = swapped.iter().map(|byte| format!("{byte:02x}")).collect();
                captured.put("log", format!("block={digits}"));
            },
        ),
        plant("sound in an event, in base64", "sound: in base64 in mqtt", move |captured| {
            captured.put("mqtt habitat/test/event", format!("{{\"data\":\"{}\"}}", base64(&short)));
        }),
        plant("levels of frames in the log", "numbers:", move |captured| {
            captured.put("log", format!("frame levels {rows}"));
        }),
        plant("a spectrum beside a measurement", "numbers:", {
            let levels = levels.clone();
            move |captured| change(captured, "mqtt", &|state| state["bands_db"] = json!(levels))
        }),
        plant("a spectrum as fields of an event", "fields:", {
            let levels = levels.clone();
            move |captured| {
                change(captured, "cloud", &|event| {
                    for (band, level) in levels.iter().enumerate() {
                        event["data"][format!("band_{band}_db")] = json!(level);
                    }
                });
            }
        }),
        plant("many numbers a second", "amount:", move |captured| {
            for _ in 0..2000 {
                captured.put(
                    "sse",
                    json!({"frame": {"a": levels[0], "b": levels[1], "c": [1, 2, 3, 4, 5, 6]}}).to_string(),
                );
            }
        }),
        plant("a measurement of an eighth of a second", "resolution:", |captured| {
            change(captured, "event log", &|event| event["data"]["period_s"] = json!(0.125));
        }),
        plant("measurements that come twice a second", "resolution:", |captured| {
            change(captured, "event log", &|event| {
                let time: jiff::Timestamp = event["time"].as_str().unwrap().parse().unwrap();
                event["time"] = json!(time + jiff::SignedDuration::from_millis(500));
            });
        }),
        plant("a second at the tenant", "resolution:", |captured| {
            change(captured, "cloud", &|event| event["data"]["period_s"] = json!(1.0));
        }),
        plant("a sentence in an event", "text:", |captured| {
            change(captured, "cloud", &|event| event["data"]["zone"] = json!("we meet at noon"));
        }),
        plant("a word of it in what the console says", "text:", |captured| {
            captured.put(
                "http /api/v1/health",
                json!({"parts": {"store": {"state": "noon"}}}).to_string(),
            );
        }),
        plant("a command in the log", "canary:", |captured| {
            captured.put("log", "payload=canary words that are no JSON");
        }),
        plant("the token in the log", "canary:", |captured| {
            captured.put("log", format!("authorization: Bearer {}", crate::tenant::TOKEN));
        }),
    ]
}

/// Adds the last measurement of a way out once more, changed.
fn change(captured: &mut Captured, way: &str, change: &dyn Fn(&mut Value)) {
    let is_measurement = |document: &Value| document["data"]["laeq_db"].is_number() || document["laeq_db"].is_number();
    let flat = captured.documents().flat_map(|(place, document)| match document {
        Value::Array(elements) => elements.into_iter().map(|element| (place.to_owned(), element)).collect(),
        other => vec![(place.to_owned(), other)],
    });
    let found = flat
        .filter(|(place, document)| place.starts_with(way) && is_measurement(document))
        .last();
    let (place, mut document) = found.expect("a measurement");
    change(&mut document);
    captured.put(place, document.to_string());
}

fn level_db(frame: &[f32]) -> f32 {
    let energy: f32 = frame.iter().map(|sample| sample * sample).sum();
    10.0 * (energy / frame.len() as f32 + 1e-12).log10() + 123.0
}

/// RFC 4648, without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let three = bytes.chunks_exact(3);
    let digits = three.flat_map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize] as char)
    });
    digits.collect()
}
