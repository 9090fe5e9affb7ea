//! Mutes and releases: `ON` or `OFF` for the site, or JSON that can name a zone.
//!
//! A retained `ON` is obeyed, also at every reconnect: silence is never refused. A retained `OFF` is refused, because it
//! would lift every mute at the next restart, and a mute has to survive that. So whoever hears the answer to a mute knows that it does.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use tokio::sync::mpsc;

use super::{
    answer::{Answers, Asker},
    message::Received,
    names,
};
use crate::control::{Channel, Control, Who};

/// Mutes on their way to the disk whose answers wait for that.
const MOST_UNANSWERED: usize = 1024;

/// The reason of a refusal repeats a name that is unknown, which somebody may have made very long.
const LONGEST_REASON: usize = 200;

/// What someone asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    muted: bool,
    zone: Option<String>,
    by: Option<String>,
}

/// The words that mute and release, as a pattern: what [`on_or_off`] takes.
pub(super) const ON_OR_OFF: &str = r"^[\s\u0085]*([oO][nN]|[oO][fF][fF])[\s\u0085]*$";

// A null is an error rather than "not given": a template without its zone must not release the site.
/// Mutes or releases the site, or one zone.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"state\": \"ON\", \"zone\": \"north-east\"}"
)]
#[schemars(rename = "MuteRequest", extend("oneOf" = [{"required": ["state"]}, {"required": ["muted"]}]))]
pub(super) struct Written {
    /// `ON` or `OFF`, in capitals or not.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String", extend("pattern" = ON_OR_OFF))]
    state: Option<String>,
    /// The same as true or false.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    muted: Option<bool>,
    /// Left out: the whole site.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    zone: Option<String>,
    /// Who asks: one of the `operators` of the configuration.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    by: Option<String>,
    /// Comes back in the answer, if it is such as a change of settings may have.
    #[serde(default, rename = "id", deserialize_with = "given")]
    #[schemars(with = "String")]
    _id: Option<String>,
}

fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A mute that was carried out and not answered yet.
struct Done {
    asker: Asker,
    zone: Option<String>,
    muted: bool,
    warning: Option<String>,
}

/// Works off mutes until nobody can send any more. None waits until the one before is on the disk; its answer does.
pub(super) async fn serve(mut mutes: mpsc::Receiver<Received>, control: Control, answers: Answers) {
    let (done, to_answer) = mpsc::channel(MOST_UNANSWERED);
    let muting = async {
        // It ends with this.
        let done = done;
        while let Some(message) = mutes.recv().await {
            let asker = Asker::of(&message);
            match carry_out(&message, &control) {
                Ok((request, warning)) => {
                    let Request { muted, zone, .. } = request;
                    let mute = Done {
                        asker,
                        zone,
                        muted,
                        warning,
                    };
                    // With so many on their way to the disk, one answer less is nothing to stop for.
                    let _ = done.try_send(mute);
                }
                Err(error) => answers.mute_refused(asker, &[error]),
            }
        }
    };
    tokio::join!(muting, answer(to_answer, &control, &answers));
}

/// Answers mutes once they outlive a restart, as many at once as there are.
async fn answer(mut to_answer: mpsc::Receiver<Done>, control: &Control, answers: &Answers) {
    let mut done = Vec::new();
    while to_answer.recv_many(&mut done, MOST_UNANSWERED).await > 0 {
        control.mutes_kept().await;
        for mute in done.drain(..) {
            answers.muted(mute.zone.as_deref(), mute.muted, mute.warning, mute.asker);
        }
    }
}

/// What was carried out, and what was wrong with it and did not hold it up.
fn carry_out(message: &Received, control: &Control) -> Result<(Request, Option<String>), String> {
    let request = understand(&message.payload)?;
    if message.retained && !request.muted {
        let error = "a retained OFF is refused, because it would lift every mute at the next restart; \
                     remove it with an empty retained message and send it without the retain flag";
        return Err(error.to_owned());
    }
    let zone = request.zone.as_deref().map(|zone| names::zone(control, zone)).transpose()?;
    let (by, warning) = control.who_mutes(request.muted, request.by.as_deref())?;
    let channel = Channel::Mqtt;
    control.mute(zone, request.muted, Who { channel, by });
    Ok((request, warning))
}

pub(super) fn understand(payload: &[u8]) -> Result<Request, String> {
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
