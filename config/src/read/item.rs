//! One value with its key and place.

use toml::de::DeValue;

use super::Span;
use crate::problem::Notes;

/// One value of a file.
pub(crate) struct Item<'a> {
    /// Takes what is wrong with it.
    pub(crate) notes: &'a Notes<'a>,
    /// The key that it belongs to.
    pub(crate) key: &'a str,
    /// The value.
    pub(crate) value: &'a DeValue<'a>,
    /// Where it stands.
    pub(crate) span: Span,
}

impl<'a> Item<'a> {
    /// Notes that the value is wrong; returns `None` so that readers can end with it.
    pub(crate) fn wrong<T>(&self, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.notes.error(&self.span, message, help);
        None
    }

    /// Notes that the value is of another kind; `help` says how it is written.
    pub(crate) fn wrong_kind<T>(&self, wanted: &str, help: impl Into<String>) -> Option<T> {
        self.wrong(format!("`{}` must be {wanted}, but this is {}", self.key, self.kind()), help)
    }

    /// The values of a list, each as an item of the same key; `None` when it is no list.
    pub(crate) fn elements(&self) -> Option<Vec<Item<'a>>> {
        let elements = self.value.as_array()?.iter();
        let item = |element: &'a toml::Spanned<DeValue<'a>>| Item {
            notes: self.notes,
            key: self.key,
            value: element.get_ref(),
            span: element.span(),
        };
        Some(elements.map(item).collect())
    }

    /// Kind of the value, in words.
    fn kind(&self) -> &'static str {
        match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a decimal point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }
}

/// Text from a file as it may stand in a message: quoted, without control characters, not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut escaped: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        escaped.push('…');
    }
    // `escape_debug` also escapes quotes, which are harmless here and read badly.
    format!("`{}`", escaped.replace("\\\"", "\"").replace("\\'", "'"))
}
