//! One table of a file and the keys that it may have.

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{Item, Reading, Span, nearest, shown};
use crate::{
    keys,
    keys::Section,
    problem::{Notes, is_secret_key},
};

/// One table; keys that it must not have were noted when it was made.
pub(crate) struct Table<'a> {
    notes: &'a Notes<'a>,
    table: &'a DeTable<'a>,
    span: Span,
    section: &'static Section,
}

impl<'a> Table<'a> {
    /// The file itself.
    pub(crate) fn root(notes: &'a Notes<'a>, table: &'a DeTable<'a>, section: &'static Section) -> Self {
        Self::new(notes, table, 0..0, section)
    }

    fn new(notes: &'a Notes<'a>, table: &'a DeTable<'a>, span: Span, section: &'static Section) -> Self {
        let new = Self {
            notes,
            table,
            span,
            section,
        };
        new.note_unknown_keys();
        new
    }

    /// Takes what is wrong in this table.
    pub(crate) fn notes(&self) -> &'a Notes<'a> {
        self.notes
    }

    /// Where its `[header]` stands.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Where the values stand, by key, with the elements of those that are lists.
    pub(crate) fn value_spans(&self) -> Vec<(String, Span, Vec<Span>)> {
        let elements = |value: &DeValue| {
            value
                .as_array()
                .into_iter()
                .flat_map(|list| list.iter())
                .map(Spanned::span)
                .collect()
        };
        self.table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), value.span(), elements(value.get_ref())))
            .collect()
    }

    /// Reads a key that may be left out.
    pub(crate) fn read<T>(&self, key: &'static str, parse: impl FnOnce(&Item<'a>) -> Option<T>) -> Reading<T> {
        let Some(value) = self.value(key) else {
            return Reading::Absent;
        };
        let item = Item {
            notes: self.notes,
            key,
            value: value.get_ref(),
            span: value.span(),
        };
        match parse(&item) {
            Some(parsed) => Reading::Written {
                value: parsed,
                span: item.span,
            },
            None => Reading::Wrong,
        }
    }

    /// Reads a key that must be there; `example` is a value to write.
    pub(crate) fn require<T>(&self, key: &'static str, example: &str, parse: impl FnOnce(&Item<'a>) -> Option<T>) -> Reading<T> {
        match self.read(key, parse) {
            Reading::Absent => {
                self.note_missing(key, example);
                Reading::Wrong
            }
            reading => reading,
        }
    }

    /// A table in this one, `[key]`.
    pub(crate) fn section(&self, key: &'static str, section: &'static Section) -> Option<Table<'a>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Table::new(self.notes, table, value.span(), section)),
            _ => {
                let message = format!("`{key}` must be a table, written {}", section.heading);
                self.notes.error(
                    &value.span(),
                    message,
                    format!("write {} and its keys below it", section.heading),
                );
                None
            }
        }
    }

    /// A table in this one that must be there.
    pub(crate) fn require_section(&self, key: &'static str, section: &'static Section) -> Option<Table<'a>> {
        if !self.has(key) && !self.notes.has_bad_syntax() {
            self.notes.error(
                &self.span,
                format!("{} is missing", section.heading),
                "add it; docs/configuration.md has a complete example",
            );
        }
        self.section(key, section)
    }

    /// Whether the key is there at all.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Whether the key is left out or an empty list.
    pub(crate) fn lists_nothing(&self, key: &'static str) -> bool {
        self.value(key)
            .is_none_or(|value| value.get_ref().as_array().is_some_and(|list| list.is_empty()))
    }

    /// Whether the key is there but not a list of tables, so that what it should list is unknown.
    pub(crate) fn is_no_list(&self, key: &'static str) -> bool {
        let is_list = |list: &DeArray| list.iter().all(|element| element.get_ref().is_table());
        self.value(key)
            .is_some_and(|value| !value.get_ref().as_array().is_some_and(is_list))
    }

    /// A list of tables in this one, `[[key]]`.
    pub(crate) fn list(&self, key: &'static str, section: &'static Section) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let elements = value.get_ref().as_array();
        let Some(elements) = elements else {
            let message = format!("`{key}` must be a list of tables, each written {}", section.heading);
            self.notes
                .error(&value.span(), message, format!("write {} with two brackets", section.heading));
            return Vec::new();
        };
        let table = |element: &'a Spanned<DeValue<'a>>| match element.get_ref() {
            DeValue::Table(table) => Some(Table::new(self.notes, table, element.span(), section)),
            _ => {
                let message = format!("`{key}` must be a list of tables, each written {}", section.heading);
                self.notes.error(
                    &element.span(),
                    message,
                    format!("write {} and its keys below it", section.heading),
                );
                None
            }
        };
        elements.iter().filter_map(table).collect()
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.section.keys.contains(&key), "{key} is not listed in keys.rs");
        self.table.get(key)
    }

    fn note_missing(&self, key: &str, example: &str) {
        if !self.notes.has_bad_syntax() {
            let message = format!("{} needs the key `{key}`", self.section.heading);
            self.notes.error(&self.span, message, format!("add {key} = {example}"));
        }
    }

    fn note_unknown_keys(&self) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !self.section.keys.contains(&name) {
                self.note_unknown_key(name, &key.span());
            }
        }
    }

    fn note_unknown_key(&self, name: &str, span: &Span) {
        if is_secret_key(name) {
            let message = format!("{} is a secret, and secrets never stand in this file", shown(name));
            return self.notes.error(span, message, self.where_secrets_go(name));
        }
        let message = format!("{} is not a key of {}", shown(name), self.section.heading);
        let help = if let Some(near) = nearest(name, self.section.keys.iter().copied()) {
            format!("did you mean `{near}`?")
        } else if let Some(home) = keys::home_of(self.section, name) {
            format!("`{name}` belongs to {home}")
        } else {
            format!("its keys are {}", self.section.keys.join(", "))
        };
        self.notes.error(span, message, help);
    }

    fn where_secrets_go(&self, written: &str) -> String {
        let files = || {
            let keys = self.section.keys.iter();
            keys.filter(|key| is_secret_key(key.strip_suffix("_file").unwrap_or_default()))
        };
        let same = files().find(|key| key.strip_suffix("_file") == Some(written));
        let own = same.or_else(|| files().next());
        let key = own.copied().unwrap_or("password_file` or `token_file");
        format!("put it on the first line of a file that only the daemon can read, and name that file with `{key}`")
    }
}
