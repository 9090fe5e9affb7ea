//! What stands behind the question mark: each parameter at most once, none that is unknown, and a sentence for each that is wrong.

use axum::{
    extract::{FromRequestParts, Query},
    http::{header, request::Parts},
};
use jiff::Timestamp;

use super::error::ApiError;
use crate::batch::NAME_MAX_BYTES;

/// Rows in a page when the caller does not say.
const LIMIT_DEFAULT: usize = 100;
/// Most rows in a page.
const LIMIT_MAX: usize = 1000;

/// In which form somebody wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

/// The parameters of a request, and the forms that it accepts.
#[derive(Debug)]
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
    accepts_csv: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|error| ApiError::bad_request(error.body_text()))?;
        let accepted = parts.headers.get_all(header::ACCEPT).iter();
        let accepts_csv = accepted
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("text/csv"));
        Ok(Parameters { pairs, accepts_csv })
    }
}

impl Parameters {
    /// Refuses what is unknown or given twice.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        for (index, (name, _)) in self.pairs.iter().enumerate() {
            if self.pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(format!("parameter {name:?} is given twice; once would be right"));
            }
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                return Err(format!("parameter {name:?} is unknown; known are {known}"));
            }
        }
        Ok(())
    }

    /// The text of a parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The id of a zone or floor.
    pub fn name(&self, name: &str) -> Result<Option<String>, String> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        if value.is_empty() || value.len() > NAME_MAX_BYTES {
            return Err(format!(
                "parameter {name} is empty or longer than {NAME_MAX_BYTES} bytes; right would be the id of a {name}"
            ));
        }
        if value.contains('\0') {
            return Err(format!(
                "parameter {name} has a NUL character; right would be the id of a {name}"
            ));
        }
        Ok(Some(value.to_owned()))
    }

    /// A word that stands for something.
    pub fn word<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<Option<T>, String> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let found = known.iter().find(|(word, _)| *word == value);
        let right = || known.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found
            .map(|(_, meant)| Some(*meant))
            .ok_or_else(|| format!("parameter {name} is {value:?}; right would be one of {}", right()))
    }

    /// A time, in microseconds since 1970.
    pub fn time_us(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let time: Result<Timestamp, _> = value.parse();
        time.map(|time| Some(time.as_microsecond())).map_err(|_| {
            format!(
                "parameter {name} is {value:?}; right would be an RFC 3339 time such as 2026-01-05T08:00:00Z (write + as %2B)"
            )
        })
    }

    /// Where to go on: a number that an earlier answer gave.
    pub fn after(&self) -> Result<Option<i64>, String> {
        let wrong = |value: &str| format!("parameter after is {value:?}; right would be the `next` of an earlier answer");
        let number = |value: &str| {
            let number: Option<i64> = value.parse().ok();
            number.filter(|number| *number >= 0).ok_or_else(|| wrong(value))
        };
        self.text("after").map(number).transpose()
    }

    /// The size of a page.
    pub fn limit(&self) -> Result<usize, String> {
        let Some(value) = self.text("limit") else {
            return Ok(LIMIT_DEFAULT);
        };
        let limit: Option<usize> = value.parse().ok();
        limit
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| format!("parameter limit is {value:?}; right would be a number from 1 to {LIMIT_MAX}"))
    }

    /// The form of the answer: what the parameter says, else what the Accept header asks for.
    pub fn format(&self) -> Result<Format, String> {
        let asked = self.word("format", &[("json", Format::Json), ("csv", Format::Csv)])?;
        let accepted = if self.accepts_csv { Format::Csv } else { Format::Json };
        Ok(asked.unwrap_or(accepted))
    }
}

/// Refuses a time that ends before it begins.
pub(super) fn in_order(since_us: Option<i64>, until_us: Option<i64>) -> Result<(), String> {
    match (since_us, until_us) {
        (Some(since), Some(until)) if since >= until => Err("parameter until must be later than parameter since".to_owned()),
        _ => Ok(()),
    }
}
