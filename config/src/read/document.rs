//! Parses TOML, past syntax errors.

use toml::de::DeTable;

use crate::problem::Notes;

/// The tables of a file; syntax errors are noted, and what could be read in spite of them is returned.
pub(crate) fn parse<'t>(notes: &Notes<'t>) -> DeTable<'t> {
    let (root, errors) = DeTable::parse_recoverable(notes.text());
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        notes.bad_syntax(span, format!("not valid TOML: {}", error.message()), advice(error.message()));
    }
    root.into_inner()
}

/// What to do about the commonest errors, which the parser states in its own terms.
fn advice(message: &str) -> &'static str {
    if message.starts_with("duplicate key") {
        "each key and each [table] stands once; lists of tables are written [[zone]]"
    } else if message.starts_with("string values must be quoted") {
        "write text in quotes"
    } else if message.contains("array") {
        "lists are written [1, 2, 3]"
    } else {
        "values are written: key = 1.5, key = \"text\", key = true, key = [1, 2]"
    }
}
