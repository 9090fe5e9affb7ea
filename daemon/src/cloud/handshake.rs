//! Before anything is sent: is the tenant where the data may be kept, and is it the right one? What it states has to be what the
//! configuration says, else nothing goes out.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::Instant;

use super::outcome::{self, Answer, Hindrance};

/// A tenant is asked again after this time, because it may move.
const HOLDS_FOR: Duration = Duration::from_secs(3600);

/// What the configuration demands.
#[derive(Clone, Debug, Default)]
pub(super) struct Demands {
    /// Where the data may be kept.
    pub region: Option<String>,
    /// Whose they are.
    pub tenant: Option<String>,
}

/// What a tenant says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Statement {
    region: Option<String>,
    tenant: Option<String>,
}

/// Whether something may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may.
    Agreed,
    /// It must not, for this reason.
    Forbidden(String),
    /// The tenant has said nothing of itself.
    Unanswered(Hindrance),
}

/// Remembers what was agreed on, for a while.
#[derive(Debug)]
pub(super) struct Handshake {
    demands: Demands,
    agreed: Option<Instant>,
}

impl Handshake {
    /// Nothing is agreed on yet.
    pub fn new(demands: Demands) -> Self {
        Handshake { demands, agreed: None }
    }

    /// Whether the tenant has to be asked before something is sent. Without demands it never has.
    pub fn is_due(&self) -> bool {
        let has_demands = self.demands.region.is_some() || self.demands.tenant.is_some();
        has_demands && self.agreed.is_none_or(|agreed| agreed.elapsed() >= HOLDS_FOR)
    }

    /// Somebody else may answer next time.
    pub fn forget(&mut self) {
        self.agreed = None;
    }

    /// What an answer means.
    pub fn judge(&mut self, answer: &Answer, now: Timestamp) -> Verdict {
        let statement = match answer.status {
            200..=299 => match serde_json::from_slice(&answer.body) {
                Ok(statement) => statement,
                Err(_) => {
                    let problem = "it does not say what it is; is `cloud.url` right?".to_owned();
                    return Verdict::Unanswered(Hindrance::Retry(problem));
                }
            },
            // A tenant that knows no handshake states nothing.
            404 | 405 => Statement::default(),
            _ => return Verdict::Unanswered(outcome::hindrance(answer, now)),
        };
        match self.demands.objection(&statement) {
            Some(objection) => Verdict::Forbidden(objection),
            None => {
                self.agreed = Some(Instant::now());
                Verdict::Agreed
            }
        }
    }
}

impl Demands {
    /// Why nothing may be sent to whoever states this.
    fn objection(&self, statement: &Statement) -> Option<String> {
        let Statement { region, tenant } = statement;
        if let Some(demanded) = &self.region
            && region.as_ref() != Some(demanded)
        {
            let stated = match region {
                Some(region) => format!("it keeps its data in {:?}", cut(region)),
                None => "it does not say where it keeps its data".to_owned(),
            };
            return Some(format!(
                "{stated}, and `cloud.region` allows only {demanded:?}; ask the tenant's operator, or correct `cloud.region`"
            ));
        }
        match (&self.tenant, tenant) {
            (Some(demanded), Some(stated)) if stated != demanded => Some(format!(
                "the token belongs to the tenant {:?}, and `cloud.tenant` is {demanded:?}; correct the one or the other",
                cut(stated)
            )),
            _ => None,
        }
    }
}

/// As much of what others say as a person reads.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(demands: (Option<&str>, Option<&str>), status: u16, body: &str) -> Verdict {
        let answer = Answer {
            status,
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        };
        let demands = Demands {
            region: demands.0.map(str::to_owned),
            tenant: demands.1.map(str::to_owned),
        };
        Handshake::new(demands).judge(&answer, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_region_has_to_be_stated_and_the_same_to_the_letter() {
        let eu = (Some("eu-north"), None);
        assert_eq!(verdict(eu, 200, r#"{"region":"eu-north","more":1}"#), Verdict::Agreed);
        for (status, body, named) in [
            (200, r#"{"region":"eu-north-2"}"#, "\"eu-north-2\""),
            (200, r#"{"region":"EU-NORTH"}"#, "\"EU-NORTH\""),
            (200, r#"{"region":null}"#, "does not say where"),
            (200, r#"{"tenant":"acme"}"#, "does not say where"),
            (404, "", "does not say where"),
        ] {
            let Verdict::Forbidden(why) = verdict(eu, status, body) else {
                panic!("{body}")
            };
            assert!(why.contains(named) && why.contains("`cloud.region`"), "{why}");
        }
    }

    #[test]
    fn another_tenant_gets_nothing_and_one_that_does_not_say_who_it_is_does() {
        let acme = (None, Some("acme"));
        assert_eq!(verdict(acme, 200, r#"{"tenant":"acme"}"#), Verdict::Agreed);
        assert_eq!(verdict(acme, 200, r#"{"tenant":null}"#), Verdict::Agreed);
        assert_eq!(verdict(acme, 404, "not found"), Verdict::Agreed);
        let Verdict::Forbidden(why) = verdict(acme, 200, r#"{"tenant":"globex"}"#) else {
            panic!("another tenant")
        };
        assert!(why.contains("\"globex\"") && why.contains("`cloud.tenant`"), "{why}");
    }

    #[test]
    fn what_is_no_statement_decides_nothing() {
        let eu = (Some("eu-north"), None);
        for (status, body) in [(200, "<html>Please log in</html>"), (200, r#"{"region":7}"#), (500, "")] {
            let verdict = verdict(eu, status, body);
            assert!(matches!(verdict, Verdict::Unanswered(Hindrance::Retry(_))), "{verdict:?}");
        }
        assert_eq!(verdict(eu, 401, ""), Verdict::Unanswered(Hindrance::Unauthorised));
    }
}
