//! Mutes and releases: `ON` or `OFF` for the site, or JSON that can name a zone.
//!
//! A retained `ON` is obeyed, also at every reconnect: silence is never refused. A retained `OFF` is refused, because it
//! would lift every mute at the next restart, and a mute has to survive that.

use serde::{Deserialize, Deserializer};
use tokio::sync::mpsc;

use super::{
    answer::{Answers, Asker},
    message::Received,
    names,
};
use crate::control::{Channel, Control, Who};

/// The reason of a refusal repeats a name that is unknown, which somebody may have made very long.
const LONGEST_REASON: usize = 200;

/// What someone asks for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    muted: bool,
    zone: Option<String>,
    by: Option<String>,
}

/// As it is written. A null is an error rather than "not given": a template without its zone must not release the site.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"state\": \"ON\", \"zone\": \"north-east\"}"
)]
struct Written {
    #[serde(default, deserialize_with = "given")]
    state: Option<String>,
    #[serde(default, deserialize_with = "given")]
    muted: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    zone: Option<String>,
    #[serde(default, deserialize_with = "given")]
    by: Option<String>,
    /// Repeated in the answer.
    #[serde(default, rename = "id", deserialize_with = "given")]
    _id: Option<String>,
}

fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Works off mutes until nobody can send any more.
pub(super) async fn serve(mut mutes: mpsc::Receiver<Received>, control: Control, answers: Answers) {
    while let Some(message) = mutes.recv().await {
        carry_out(message, &control, &answers);
    }
}

fn carry_out(message: Received, control: &Control, answers: &Answers) {
    let asker = Asker::of(&message);
    let request = match understand(&message.payload) {
        Ok(request) => request,
        Err(error) => return answers.mute_refused(asker, &[error]),
    };
    if message.retained && !request.muted {
        let error = "a retained OFF is refused, because it would lift every mute at the next restart; \
                     remove it with an empty retained message and send it without the retain flag";
        return answers.mute_refused(asker, &[error.to_owned()]);
    }
    let zone = request.zone.as_deref().map(|zone| names::zone(control, zone)).transpose();
    let who = control.who_mutes(request.muted, request.by.as_deref());
    match zone.and_then(|zone| Ok((zone, who?))) {
        Ok((zone, (by, warning))) => {
            let channel = Channel::Mqtt;
            control.mute(zone, request.muted, Who { channel, by });
            answers.muted(request.zone.as_deref(), request.muted, warning, asker);
        }
        Err(error) => answers.mute_refused(asker, &[error]),
    }
}

fn understand(payload: &[u8]) -> Result<Request, String> {
    if let Some(muted) = str::from_utf8(payload).ok().and_then(on_or_off) {
        return Ok(Request {
            muted,
            zone: None,
            by: None,
        });
    }
    let written: Written = serde_json::from_slice(payload).map_err(|error| {
        let reason: String = error.to_string().chars().take(LONGEST_REASON).collect();
        format!("a mute is ON, OFF, or JSON such as {{\"state\": \"ON\", \"zone\": \"north-east\"}}: {reason}")
    })?;
    let muted = match (written.state, written.muted) {
        (Some(state), None) => on_or_off(&state).ok_or("`state` must be \"ON\" or \"OFF\"")?,
        (None, Some(muted)) => muted,
        (Some(_), Some(_)) => return Err("a mute has either `state` or `muted`, not both".to_owned()),
        (None, None) => return Err("a mute needs `state` (\"ON\" or \"OFF\") or `muted` (true or false)".to_owned()),
    };
    Ok(Request {
        muted,
        zone: written.zone,
        by: written.by,
    })
}

fn on_or_off(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("on") {
        Some(true)
    } else if text.eq_ignore_ascii_case("off") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(muted: bool, zone: Option<&str>) -> Request {
        Request {
            muted,
            zone: zone.map(str::to_owned),
            by: None,
        }
    }

    #[test]
    fn words_and_json_are_understood() {
        for (text, expected) in [
            ("ON", request(true, None)),
            ("off", request(false, None)),
            (" On\n", request(true, None)),
            (r#"{"state":"ON"}"#, request(true, None)),
            (r#"{"state":"off","zone":"a"}"#, request(false, Some("a"))),
            (r#"{"zone":"a","muted":true}"#, request(true, Some("a"))),
        ] {
            assert_eq!(understand(text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert_eq!(understand(br#"{"muted":false,"id":"7"}"#).unwrap(), request(false, None));
    }

    #[test]
    fn everything_else_is_refused_with_a_sentence() {
        for wrong in [
            "",
            "true",
            "1",
            "ON!",
            "\"ON\"",
            "{}",
            r#"{"state":"maybe"}"#,
            r#"{"state":true}"#,
            r#"{"muted":"ON"}"#,
            r#"{"muted":1}"#,
            r#"{"state":"ON","muted":true}"#,
            r#"{"state":"OFF","zone":null}"#,
            r#"{"state":null,"muted":true}"#,
            r#"{"state":"OFF","zone":["a"]}"#,
            r#"{"state":"OFF","zon":"a"}"#,
            r#"{"state":"ON","state":"OFF"}"#,
            r#"{"state":"ON"} x"#,
            "[true]",
            "\u{feff}ON",
        ] {
            let error = understand(wrong.as_bytes()).unwrap_err();
            assert!(error.len() > 20, "{wrong}: {error}");
        }
        assert!(understand(&[0xff, 0xfe]).is_err());
        assert!(understand("[".repeat(60_000).as_bytes()).is_err());
    }
}
