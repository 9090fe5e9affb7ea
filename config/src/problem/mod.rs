//! What is wrong in a file, where, and what would be right.

mod collect;
mod line_index;
mod render;
mod secret_line;

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

pub(crate) use collect::Notes;
pub(crate) use secret_line::is_secret_key;

/// Whether the site can be used in spite of the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but probably not as its author expects.
    Warning,
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, counted from 1.
    pub line: usize,
    /// Character in the line, counted from 1.
    pub column: usize,
    /// Bytes of the file.
    pub span: Range<usize>,
    /// The line itself, secrets struck out.
    pub(crate) source_line: String,
    /// First byte of the line.
    pub(crate) line_start: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file that it is in.
    pub file: PathBuf,
    /// Where in the file; `None` when it concerns the file as a whole.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What would be right; empty when the message says it already.
    pub help: String,
    /// How bad it is.
    pub severity: Severity,
}

/// Everything that is wrong: files in the order in which they were read, within a file by position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// A file that cannot be read at all.
    pub(crate) fn unreadable(file: &Path, message: String, help: String) -> Self {
        Self(vec![Problem {
            file: file.to_owned(),
            place: None,
            message,
            help,
            severity: Severity::Error,
        }])
    }

    /// Appends those of the next file.
    pub(crate) fn append(&mut self, next: Problems) {
        self.0.extend(next.0);
    }

    /// Whether any of them keeps the site from being used.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Text for a person: each with its source line, and a summary at the end. `color` adds terminal colours.
    pub fn render(&self, color: bool) -> String {
        render::render(&self.0, color)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
