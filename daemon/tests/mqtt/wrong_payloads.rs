//! What can be wrong with the payload of a command or a mute.

/// One payload, the id that comes back, and part of the first error.
pub struct Wrong {
    pub payload: Vec<u8>,
    pub id: Option<&'static str>,
    pub error: &'static str,
}

impl Wrong {
    fn new(payload: impl Into<Vec<u8>>, id: Option<&'static str>, error: &'static str) -> Self {
        let payload = payload.into();
        Wrong { payload, id, error }
    }

    /// Its beginning, for messages of the test.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.payload).chars().take(60).collect()
    }
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

/// What is no JSON object at all, whatever it was meant to say.
#[rustfmt::skip]
pub fn no_objects() -> Vec<Vec<u8>> {
    let text = [
        // Something else
        "", " ", "\0", "hello", "null", "true", "-1.5", "\"ON\"", r#"[{"offset_db":-1}]"#, "[]",
        "offset_db=-1", "offset_db: -1", "<offset_db>-1</offset_db>", "%7B%7D", "eyJvZmZzZXRfZGIiOi0xfQ==",
        // Nearly JSON
        "{", "}", "{}}", "{}{}", "{},", r#"{"offset_db":-1} x"#, "{\"offset_db\":-1}\0", r#"{"offset_db":-1,}"#,
        r#"{'offset_db':-1}"#, "{offset_db:-1}", r#"{"offset_db"-1}"#, r#"{"offset_db":}"#, r#"{"offset_db":-1"#,
        "{\"offset_db\":-1 /* lower */}", "// lower\n{}", r#"{"enabled":True}"#, r#"{"id":"a\x"}"#, "{\"id\":\"a\nb\"}",
        r#"{"id":"\ud800"}"#, r#"{"id":"a"#, r#"{"offset_db":undefined}"#,
        // Numbers that JSON does not have
        r#"{"offset_db":NaN}"#, r#"{"offset_db":Infinity}"#, r#"{"offset_db":-Infinity}"#, r#"{"offset_db":1e999}"#,
        r#"{"offset_db":-01}"#, r#"{"offset_db":+1}"#, r#"{"offset_db":.5}"#, r#"{"offset_db":1.}"#, r#"{"offset_db":0x1}"#,
        r#"{"offset_db":1,5}"#, r#"{"offset_db":--1}"#, r#"{"offset_db":1e}"#,
    ];
    let mut payloads: Vec<Vec<u8>> = text.iter().map(|text| text.as_bytes().to_vec()).collect();
    let right = r#"{"offset_db":-1}"#;
    payloads.extend([
        // Other encodings
        format!("\u{feff}{right}").into_bytes(),
        utf_16(right, true),
        utf_16(&format!("\u{feff}{right}"), false),
        b"\x00\xff\xfe\x01binary".to_vec(),
        b"{\"id\":\"\xff\"}".to_vec(),
        b"\xa1\x69offset_db\x20".to_vec(),
        b"\x81\xa9offset_db\xff".to_vec(),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xca\x4f".to_vec(),
        b"{\"offset_db\":-1}\xf0\x9f".to_vec(),
        // Depth
        "[".repeat(60_000).into_bytes(),
        "{\"a\":".repeat(10_000).into_bytes(),
        format!(r#"{{"offset_db":{}1{}}}"#, "[".repeat(500), "]".repeat(500)).into_bytes(),
        // Length of a number
        format!("{{\"offset_db\":{}}}", "9".repeat(400)).into_bytes(),
    ]);
    payloads
}

/// What is too large to be read.
pub fn too_large() -> Vec<Wrong> {
    vec![
        Wrong::new(vec![b' '; 65_537], None, "65537 bytes"),
        Wrong::new(vec![0; 1_000_000], None, "1000000 bytes"),
        Wrong::new(
            format!(r#"{{"id":"big","x":"{}"}}"#, "x".repeat(1_000_000)),
            None,
            "1000019 bytes",
        ),
    ]
}

/// Commands that are JSON objects and wrong all the same.
#[rustfmt::skip]
pub fn wrong_objects() -> Vec<Wrong> {
    let members = |count: usize| (0..count).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let nested = format!(r#"{{"id":"t0","offset_db":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    vec![
        // Keys
        Wrong::new(r#"{"id":"k1","offset":-1}"#, Some("k1"), "did you mean `offset_db`"),
        Wrong::new(r#"{"id":"k2","Offset_db":-1}"#, Some("k2"), "did you mean `offset_db`"),
        Wrong::new(r#"{"id":"k3","colour":"blue"}"#, Some("k3"), "is not a setting"),
        Wrong::new(r#"{"id":"k4","":1}"#, Some("k4"), "is not a setting"),
        Wrong::new(r#"{"id":"k5","offset_db":-1,"offset_db":-2}"#, Some("k5"), "stands twice"),
        Wrong::new(r#"{"id":"k6","id":"k7"}"#, None, "stands twice"),
        Wrong::new(r#"{"id":"k8","muted":true}"#, Some("k8"), "is not a setting"),
        Wrong::new(r#"{"id":"k9","offset_db":-1,"offset\u005fdb":-2}"#, Some("k9"), "stands twice"),
        Wrong::new(r#"{"id":"k10","offset_db ":-1}"#, Some("k10"), "did you mean `offset_db`"),
        Wrong::new("{\"id\":\"k11\",\"\u{43e}ffset_db\":-1}", Some("k11"), "did you mean `offset_db`"),
        Wrong::new(r#"{"id":"k12","__proto__":{"enabled":false}}"#, Some("k12"), "is not a setting"),
        Wrong::new(r#"{"id":"k13","zone":"south-west","offset_db":-1}"#, Some("k13"), "is not a setting"),
        Wrong::new(format!("{{{}}}", members(33)), None, "33 members"),
        Wrong::new(format!("{{{}}}", members(5000)), None, "5000 members"),
        Wrong::new(format!(r#"{{"id":"k14","{}":1}}"#, "x".repeat(10_000)), Some("k14"), "is not a setting"),
        // Types
        Wrong::new(nested, Some("t0"), "a list"),
        Wrong::new(r#"{"id":"t1","enabled":1}"#, Some("t1"), "`enabled` must be true or false"),
        Wrong::new(r#"{"id":"t2","enabled":"true"}"#, Some("t2"), "`enabled` must be true or false"),
        Wrong::new(r#"{"id":"t3","enabled":null}"#, Some("t3"), "null"),
        Wrong::new(r#"{"id":"t4","offset_db":"-1.5"}"#, Some("t4"), "`offset_db` must be a number"),
        Wrong::new(r#"{"id":"t5","offset_db":true}"#, Some("t5"), "`offset_db` must be a number"),
        Wrong::new(r#"{"id":"t6","offset_db":[-1]}"#, Some("t6"), "a list"),
        Wrong::new(r#"{"id":"t7","level_min_db":{"db":40}}"#, Some("t7"), "an object"),
        Wrong::new(r#"{"id":"t8","level_max_db":null}"#, Some("t8"), "null"),
        Wrong::new(r#"{"id":"t9","soundscape":1}"#, Some("t9"), "`soundscape` must be text"),
        Wrong::new(r#"{"id":"t10","for_minutes":"60"}"#, Some("t10"), "`for_minutes` must be a number"),
        Wrong::new(r#"{"id":7,"offset_db":-1}"#, None, "`id` must be text"),
        Wrong::new(r#"{"id":null}"#, None, "`id` must be text"),
        Wrong::new(r#"{"id":"t11","today":true}"#, Some("t11"), "`today` must be \"schedule\""),
        Wrong::new(r#"{"id":"t12","by":["bms"]}"#, Some("t12"), "`by` must be text"),
        Wrong::new(r#"{"id":"t13","scene":1}"#, Some("t13"), "`scene` must be text"),
        Wrong::new(r#"{"id":"t14","reset":1}"#, Some("t14"), "`reset` must be true"),
        Wrong::new(r#"{"id":"t15","reset":false}"#, Some("t15"), "can only be true"),
        // Ranges
        Wrong::new(r#"{"id":"r1","level_min_db":-1e300}"#, Some("r1"), "`level_min_db` must be from"),
        Wrong::new(r#"{"id":"r2","level_max_db":1000}"#, Some("r2"), "`level_max_db` must be from"),
        Wrong::new(r#"{"id":"r3","level_min_db":45,"level_max_db":41}"#, Some("r3"), "above"),
        Wrong::new(r#"{"id":"r4","for_minutes":0}"#, Some("r4"), "`for_minutes` must be above 0"),
        Wrong::new(r#"{"id":"r5","for_minutes":-5}"#, Some("r5"), "`for_minutes` must be above 0"),
        Wrong::new(r#"{"id":"r6","for_minutes":1e12}"#, Some("r6"), "at most"),
        Wrong::new(r#"{"id":"r7","for_minutes":-0.0}"#, Some("r7"), "`for_minutes` must be above 0"),
        Wrong::new(r#"{"id":"r8","for_minutes":1e-999}"#, Some("r8"), "`for_minutes` must be above 0"),
        Wrong::new(r#"{"id":"r9","level_min_db":99999999999999999999999999}"#, Some("r9"), "must be from 20 to 60 dB"),
        Wrong::new(r#"{"id":"r10","level_min_db":-0.0}"#, Some("r10"), "must be from 20 to 60 dB"),
        Wrong::new(r#"{"id":"r11","today":1e9}"#, Some("r11"), "must be from 20 to 60 dB"),
        Wrong::new(r#"{"id":"r12","today":"tomorrow"}"#, Some("r12"), "`today` cannot be `tomorrow`"),
        Wrong::new(r#"{"id":"r13","soundscape":"../../etc/passwd"}"#, Some("r13"), "not available"),
        Wrong::new(r#"{"id":"r14","by":"front-dsk"}"#, Some("r14"), "did you mean `front-desk`"),
        Wrong::new(r#"{"id":"r15","scene":"all-hand"}"#, Some("r15"), "there is no scene"),
        Wrong::new(format!(r#"{{"id":"{}"}}"#, "x".repeat(1000)), None, "1000 characters"),
        Wrong::new(r#"{"id":"two words"}"#, None, "`id` must be 1 to 128 of"),
        // What does not go together
        Wrong::new(r#"{"id":"m1","offset_db":-1,"enabled":false,"level_max":44}"#, Some("m1"), "did you mean `level_max_db`"),
        Wrong::new(r#"{"id":"m2","scene":"west-only","offset_db":1}"#, Some("m2"), "cannot be set with it"),
        Wrong::new(r#"{"id":"m3","scene":"west-only","reset":true}"#, Some("m3"), "cannot be set with it"),
    ]
}

/// Mutes that are JSON objects, or nearly a word, and wrong all the same.
#[rustfmt::skip]
pub fn wrong_mutes() -> Vec<Wrong> {
    vec![
        Wrong::new("ON!", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("O N", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("1", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("0", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("\u{feff}OFF", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("\u{ff2f}\u{ff26}\u{ff26}", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("OFF\0", None, "a mute is ON, OFF, or JSON"),
        Wrong::new("OFFOFF", None, "a mute is ON, OFF, or JSON"),
        Wrong::new(utf_16("OFF", true), None, "a mute is ON, OFF, or JSON"),
        Wrong::new("{}", None, "needs `state`"),
        Wrong::new(r#"{"id":"a1"}"#, Some("a1"), "needs `state`"),
        Wrong::new(r#"{"id":"a2","zone":"north-east"}"#, Some("a2"), "needs `state`"),
        Wrong::new(r#"{"id":"a3","state":"maybe"}"#, Some("a3"), "must be \"ON\" or \"OFF\""),
        Wrong::new(r#"{"id":"a4","state":""}"#, Some("a4"), "must be \"ON\" or \"OFF\""),
        Wrong::new(r#"{"id":"a5","state":true}"#, Some("a5"), "invalid type"),
        Wrong::new(r#"{"id":"a6","state":1}"#, Some("a6"), "invalid type"),
        Wrong::new(r#"{"id":"a7","muted":"ON"}"#, Some("a7"), "invalid type"),
        Wrong::new(r#"{"id":"a8","muted":0}"#, Some("a8"), "invalid type"),
        Wrong::new(r#"{"id":"a9","muted":null}"#, Some("a9"), "invalid type: null"),
        Wrong::new(r#"{"id":"b1","state":"OFF","muted":false}"#, Some("b1"), "not both"),
        Wrong::new(r#"{"id":"b2","state":"OFF","zone":null}"#, Some("b2"), "invalid type: null"),
        Wrong::new(r#"{"id":"b3","state":"OFF","zone":["north-east"]}"#, Some("b3"), "invalid type"),
        Wrong::new(r#"{"id":"b4","state":"OFF","zone":7}"#, Some("b4"), "invalid type"),
        Wrong::new(r#"{"id":"b5","state":"OFF","zone":"north-eats"}"#, Some("b5"), "nearest by name is `north-east`"),
        Wrong::new(r#"{"id":"b6","state":"ON","zone":"North-East"}"#, Some("b6"), "nearest by name is `north-east`"),
        Wrong::new(r#"{"id":"b7","state":"OFF","zone":""}"#, Some("b7"), "not one that a zone can have"),
        Wrong::new(format!(r#"{{"id":"b8","state":"OFF","zone":"{}"}}"#, "x".repeat(10_000)), Some("b8"), "not one that a zone can have"),
        Wrong::new(r#"{"id":"b9","state":"OFF","zon":"north-east"}"#, Some("b9"), "unknown field `zon`"),
        Wrong::new(format!(r#"{{"id":"c0","state":"OFF","{}":1}}"#, "x".repeat(60_000)), Some("c0"), "unknown field `xxx"),
        Wrong::new(r#"{"id":"c1","state":"ON","state":"OFF"}"#, Some("c1"), "duplicate field `state`"),
        Wrong::new(r#"{"id":"c2","muted":false,"by":"front-dsk"}"#, Some("c2"), "did you mean `front-desk`"),
        Wrong::new(r#"{"id":"c3","muted":false,"by":7}"#, Some("c3"), "invalid type"),
        Wrong::new(r#"{"id":"c4","muted":false,"for_minutes":5}"#, Some("c4"), "unknown field `for_minutes`"),
        Wrong::new(r#"{"id":7,"muted":false}"#, None, "invalid type"),
        Wrong::new(r#"{"id":"c5","id":"c6","muted":false}"#, None, "duplicate field `id`"),
    ]
}
