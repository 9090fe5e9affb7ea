//! Collects the problems of one file while it is read.

use std::{cell::RefCell, ops::Range, path::Path};

use super::{Place, Problem, Problems, Severity, line_index::LineIndex, secret_line};

/// The problems of one file so far.
///
/// Readers of nested tables all add to the same collection, hence the inner mutability.
pub(crate) struct Notes<'t> {
    path: &'t Path,
    text: &'t str,
    lines: LineIndex,
    problems: RefCell<Vec<Problem>>,
    lines_with_bad_syntax: RefCell<Vec<usize>>,
}

impl<'t> Notes<'t> {
    /// No problems yet.
    pub(crate) fn new(path: &'t Path, text: &'t str) -> Self {
        Self {
            path,
            text,
            lines: LineIndex::new(text),
            problems: RefCell::default(),
            lines_with_bad_syntax: RefCell::default(),
        }
    }

    /// The file's text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// What is written at a place.
    pub(crate) fn written(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// Whether parts of the file could not be read, so that something missing may only be unreadable.
    pub(crate) fn has_bad_syntax(&self) -> bool {
        !self.lines_with_bad_syntax.borrow().is_empty()
    }

    /// Whether anything is wrong so far, so that checks of what belongs together would complain twice.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems
            .borrow()
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Notes a syntax error; only the first of a line, since the others mostly follow from it.
    pub(crate) fn bad_syntax(&self, span: Range<usize>, message: String, help: &str) {
        let line = self.lines.line(span.start);
        if self.lines_with_bad_syntax.borrow().contains(&line) {
            return;
        }
        self.add(Some(&span), Severity::Error, message, help.to_owned());
        self.lines_with_bad_syntax.borrow_mut().push(line);
    }

    /// Notes an error.
    pub(crate) fn error(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Some(span), Severity::Error, message.into(), help.into());
    }

    /// Notes something that works, but perhaps not as meant.
    pub(crate) fn warning(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Some(span), Severity::Warning, message.into(), help.into());
    }

    /// Notes an error of the file as a whole.
    pub(crate) fn file_error(&self, message: impl Into<String>, help: impl Into<String>) {
        self.add(None, Severity::Error, message.into(), help.into());
    }

    /// Line of a byte, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.line(offset)
    }

    /// All of them by position.
    pub(crate) fn finish(self) -> Problems {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
        Problems(problems)
    }

    fn add(&self, span: Option<&Range<usize>>, severity: Severity, message: String, help: String) {
        let place = span.map(|span| self.place(span));
        if place
            .as_ref()
            .is_some_and(|place| self.lines_with_bad_syntax.borrow().contains(&place.line))
        {
            return;
        }
        self.problems.borrow_mut().push(Problem {
            file: self.path.to_owned(),
            place,
            message,
            help,
            severity,
        });
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end).max(start);
        let line = self.lines.line(start);
        let line_start = self.lines.start(line);
        let source_line = self.text[line_start..].lines().next().unwrap_or_default();
        Place {
            line,
            column: self.text[line_start..start].chars().count() + 1,
            span: start..end,
            source_line: secret_line::strike_out(source_line),
            line_start,
        }
    }
}
