//! A layout file under way, and its text.

use std::fmt::Write;

use serde_json::Value;

/// Height of a usual office storey, metres; plans of other programs do not tell it.
pub(super) const USUAL_HEIGHT_M: f64 = 2.8;

/// One `[[table]]`.
pub(super) struct Table {
    /// `floor`, `zone` and so on.
    pub(super) kind: &'static str,
    /// Keys and values, in their order.
    pub(super) values: Vec<(String, Value)>,
    /// Keys whose values nobody stated.
    pub(super) assumed: Vec<&'static str>,
}

impl Table {
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            values: Vec::new(),
            assumed: Vec::new(),
        }
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.push((key.to_owned(), value.into()));
        self
    }

    /// A value that is only the usual one.
    pub(super) fn assuming(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.assumed.push(key);
        self.with(key, value)
    }
}

/// Tables in the order of the file, and what a person should know about them.
#[derive(Default)]
pub(super) struct Draft {
    /// The tables.
    pub(super) tables: Vec<Table>,
    /// What was left out or assumed.
    pub(super) remarks: Vec<String>,
}

impl Draft {
    /// The layout file.
    pub(super) fn text(&self, source: &str) -> String {
        let mut text = format!(
            "# Made from {}. Metres; x to the east, y to the north.\n",
            source.replace(['\n', '\r'], " ")
        );
        for table in &self.tables {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n[[{}]]", table.kind);
            for (key, value) in &table.values {
                let remark = if table.assumed.iter().any(|assumed| assumed == key) {
                    "  # assumed"
                } else {
                    ""
                };
                let _ = writeln!(text, "{key} = {}{remark}", written(value));
            }
        }
        text
    }
}

/// Corners or a position as a value, to the millimetre.
pub(super) fn coordinates<const N: usize>(points: &[[f64; N]]) -> Value {
    points.iter().map(|point| Value::from(point.to_vec())).collect()
}

/// A value as TOML; what TOML does not have is written as text.
fn written(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.as_i64().map_or_else(
            || {
                let rounded = (number.as_f64().unwrap_or_default() * 1000.0).round() / 1000.0;
                rounded.to_string()
            },
            |whole| whole.to_string(),
        ),
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            character if character.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted + "\""
}

/// Names that may stand in topics, each once.
#[derive(Default)]
pub(super) struct Ids(std::collections::HashSet<String>);

/// Longest id of a layout file.
const LONGEST_ID: usize = 64;

impl Ids {
    /// An id as near to a wish as may be: `Team Röntgen` becomes `Team-R-ntgen`; `otherwise` for one of which nothing is left.
    pub(super) fn make(&mut self, wish: &str, otherwise: &str) -> String {
        let is_id = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let words = wish
            .split(|character: char| !is_id(character))
            .filter(|word| !word.is_empty());
        let mut id = words.collect::<Vec<_>>().join("-");
        id.truncate(LONGEST_ID - 6);
        if id.is_empty() {
            id = otherwise.to_owned();
        }
        let mut unique = id.clone();
        let mut number = 2;
        while !self.0.insert(unique.clone()) {
            unique = format!("{id}-{number}");
            number += 1;
        }
        unique
    }
}
