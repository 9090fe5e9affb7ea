//! Should this be tried again? From the tenant's answer to what it means for the events of the request.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::Deserialize;

use super::retry_after;

/// A tenant that asks for less is asked again after this, so that no answer makes the sender spin.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// A tenant that asks for more is asked again after this: a wrong number must not stop a site for days.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Reasons are kept with the events; more than this of one is not a reason.
const MAX_REASON_CHARS: usize = 300;

/// What a tenant answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header `Retry-After`.
    pub retry_after: Option<String>,
    /// Header `Date`.
    pub date: Option<String>,
    /// The body; cut off when it is too long to be an answer.
    pub body: Vec<u8>,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The tenant has all of them.
    Delivered,
    /// The tenant refuses these for good.
    RefusedEvents {
        /// Index in the batch, and why.
        refused: BTreeMap<usize, String>,
        /// Whether the tenant says that it has all the others.
        others_stored: bool,
    },
    /// The tenant refuses the request, and the reason may be a single event.
    RefusedBatch(String),
    /// The request is too large.
    TooLarge,
    /// Nothing has become of them.
    Hindered(Hindrance),
}

/// Why a request came to nothing, whatever it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// The tenant does not know us, or does not want us.
    Unauthorised,
    /// The tenant asks to wait.
    WaitFor(Duration),
    /// Anything else, in words: worth another try.
    Retry(String),
}

/// The body that the contract asks for, as far as it is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Receipt {
    accepted: usize,
    duplicates: usize,
    rejected: Vec<Rejection>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Rejection {
    index: usize,
    #[serde(default)]
    reason: Option<String>,
}

/// What an answer to a batch of so many events means.
pub(super) fn of(answer: &Answer, events: usize, now: Timestamp) -> Outcome {
    match answer.status {
        200..=299 => delivered(answer, events),
        400 | 422 => refused(answer, events),
        413 => Outcome::TooLarge,
        _ => Outcome::Hindered(hindrance(answer, now)),
    }
}

/// What an answer means that is neither success nor about the request itself.
pub(super) fn hindrance(answer: &Answer, now: Timestamp) -> Hindrance {
    match answer.status {
        401 | 403 => Hindrance::Unauthorised,
        429 | 503 => asked_to_wait(answer, now),
        status => Hindrance::Retry(format!("it answered with HTTP status {status}")),
    }
}

/// Success counts only with a receipt for every event: a gateway or a log-in page in between also says 200.
fn delivered(answer: &Answer, events: usize) -> Outcome {
    match serde_json::from_slice::<Receipt>(&answer.body) {
        Ok(receipt) if receipt.accepted.checked_add(receipt.duplicates) == Some(events) => Outcome::Delivered,
        _ => Outcome::Hindered(Hindrance::Retry(format!(
            "it answered with HTTP status {} but without confirming all {events} events; is `cloud.url` right?",
            answer.status
        ))),
    }
}

fn refused(answer: &Answer, events: usize) -> Outcome {
    let receipt: Receipt = serde_json::from_slice(&answer.body).unwrap_or_default();
    let understood = !receipt.rejected.is_empty() && receipt.rejected.iter().all(|rejection| rejection.index < events);
    if !understood {
        return Outcome::RefusedBatch(reason(receipt.error, answer.status));
    }
    let refused: BTreeMap<usize, String> = receipt
        .rejected
        .into_iter()
        .map(|rejection| (rejection.index, reason(rejection.reason, answer.status)))
        .collect();
    let others_stored = receipt.accepted.checked_add(receipt.duplicates) == Some(events - refused.len());
    Outcome::RefusedEvents { refused, others_stored }
}

fn asked_to_wait(answer: &Answer, now: Timestamp) -> Hindrance {
    let wait = answer
        .retry_after
        .as_deref()
        .and_then(|value| retry_after::parse(value, answer.date.as_deref(), now));
    match wait {
        Some(wait) => Hindrance::WaitFor(wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)),
        None => Hindrance::Retry(format!("it is busy (HTTP status {})", answer.status)),
    }
}

fn reason(given: Option<String>, status: u16) -> String {
    match given {
        Some(given) => given
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_REASON_CHARS)
            .collect(),
        None => format!("refused with HTTP status {status} and without a reason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        }
    }

    fn of_three(answer: &Answer) -> Outcome {
        of(answer, 3, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn events_are_delivered_when_each_is_accepted_or_known() {
        for more in ["", r#","discarded":1"#] {
            let body = format!(r#"{{"accepted":1,"duplicates":2{more}}}"#);
            assert_eq!(of_three(&answer(200, &body)), Outcome::Delivered, "{body}");
        }
    }

    #[test]
    fn a_success_that_does_not_confirm_every_event_delivers_none() {
        let max = usize::MAX;
        for body in [
            "",
            "<html>Please log in</html>",
            "{}",
            r#"{"accepted":2,"duplicates":0}"#,
            r#"{"accepted":4,"duplicates":0}"#,
            &format!(r#"{{"accepted":{max},"duplicates":4}}"#),
        ] {
            assert!(
                matches!(of_three(&answer(200, body)), Outcome::Hindered(Hindrance::Retry(_))),
                "{body}"
            );
        }
    }

    #[test]
    fn events_that_are_named_are_refused_alone() {
        for status in [400, 422] {
            let body = r#"{"error":"see rejected","accepted":2,"duplicates":0,"rejected":[{"index":1,"id":"x","reason":"unknown type"}]}"#;
            let refused = BTreeMap::from([(1, "unknown type".to_owned())]);
            assert_eq!(
                of_three(&answer(status, body)),
                Outcome::RefusedEvents {
                    refused,
                    others_stored: true
                }
            );
        }
    }

    #[test]
    fn the_others_count_as_stored_only_when_the_tenant_says_so() {
        for counts in ["", r#""accepted":1,"duplicates":0,"#, r#""accepted":3,"duplicates":0,"#] {
            let body = format!(r#"{{{counts}"rejected":[{{"index":0,"reason":"r"}},{{"index":0,"reason":"r"}}]}}"#);
            let refused = BTreeMap::from([(0, "r".to_owned())]);
            assert_eq!(
                of_three(&answer(422, &body)),
                Outcome::RefusedEvents {
                    refused,
                    others_stored: false
                },
                "{body}"
            );
        }
    }

    #[test]
    fn a_refusal_that_names_no_event_or_none_of_ours_refuses_the_batch() {
        for body in [
            "",
            "not JSON",
            r#"{"error":"bad"}"#,
            r#"{"rejected":[]}"#,
            r#"{"rejected":[{"index":3,"reason":"r"}]}"#,
        ] {
            assert!(matches!(of_three(&answer(400, body)), Outcome::RefusedBatch(_)), "{body}");
        }
        assert_eq!(
            of_three(&answer(422, r#"{"error":"bad"}"#)),
            Outcome::RefusedBatch("bad".into())
        );
    }

    #[test]
    fn a_reason_is_cut_to_what_a_person_reads() {
        let body = serde_json::json!({ "rejected": [{ "index": 0, "reason": format!("\u{1b}[31m\n{}", "x".repeat(9999)) }] });
        let Outcome::RefusedEvents { refused, .. } = of_three(&answer(422, &body.to_string())) else {
            panic!("refused events")
        };
        assert_eq!(refused[&0].chars().count(), 300);
        assert!(refused[&0].starts_with("[31mx"));
    }

    #[test]
    fn a_busy_tenant_is_left_alone_for_as_long_as_it_asks_within_reason() {
        for status in [429, 503] {
            for (value, wait_s) in [("7", 7), ("0", 1), ("4000000000", 3600)] {
                let answer = Answer {
                    retry_after: Some(value.into()),
                    ..answer(status, "")
                };
                assert_eq!(
                    of_three(&answer),
                    Outcome::Hindered(Hindrance::WaitFor(Duration::from_secs(wait_s))),
                    "{value}"
                );
            }
            assert!(matches!(
                of_three(&answer(status, "")),
                Outcome::Hindered(Hindrance::Retry(_))
            ));
        }
    }

    #[test]
    fn every_other_status_has_the_meaning_of_the_contract() {
        assert_eq!(of_three(&answer(401, "")), Outcome::Hindered(Hindrance::Unauthorised));
        assert_eq!(of_three(&answer(403, "")), Outcome::Hindered(Hindrance::Unauthorised));
        assert_eq!(of_three(&answer(413, "")), Outcome::TooLarge);
        for status in [100, 301, 302, 404, 405, 408, 409, 418, 500, 502, 504, 599] {
            assert!(
                matches!(of_three(&answer(status, "{}")), Outcome::Hindered(Hindrance::Retry(_))),
                "{status}"
            );
        }
    }
}
