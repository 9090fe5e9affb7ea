//! SQL that means the same in every store: small statements about the register, in the words that SQLite and PostgreSQL
//! share. Parameters are `$1`, `$2`, … and come first in that order, because SQLite counts them as they come.

use std::borrow::Cow;

/// What a column or a parameter holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// A number, or none.
    Number(Option<i64>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Value::Number(number)
    }
}

/// A statement with its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// The text, which never holds what somebody typed; at most a table's name out of the catalogue.
    pub sql: Cow<'static, str>,
    /// What stands for `$1`, `$2`, …
    pub values: Vec<Value>,
}

impl Statement {
    /// A statement as it stands in the program.
    pub fn new(sql: &'static str, values: Vec<Value>) -> Self {
        Statement { sql: sql.into(), values }
    }
}

/// A part of a change.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What to do.
    pub statement: Statement,
    /// Why the whole change is refused when this changes no row; `None` when that is no matter.
    pub or_refuse: Option<Refusal>,
}

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// What it is about is not there.
    Missing(String),
    /// It contradicts what is there.
    Conflict(String),
}

/// A row of an answer.
pub(crate) type Row = Vec<Value>;
