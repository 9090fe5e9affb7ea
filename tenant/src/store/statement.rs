//! SQL that means the same in every store: small statements about the register, in the words that SQLite and PostgreSQL
//! share. Parameters are `$1`, `$2`, … and come first in that order, because SQLite counts them as they come.

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
    /// The text, which never holds what somebody typed.
    pub sql: &'static str,
    /// What stands for `$1`, `$2`, …
    pub values: Vec<Value>,
}

/// A part of a change.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What to do.
    pub statement: Statement,
    /// Why the whole change is refused when this changes no row; `None` when that is no matter.
    pub or_refuse: Option<String>,
}

/// A row of an answer.
pub(crate) type Row = Vec<Value>;
