//! What reading one key gave.

use super::Span;

/// A key that was written well, was not there, or was written wrong.
///
/// Wrong is kept apart from absent so that checks between keys do not complain about a value that nobody wrote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading<T> {
    /// There, and well.
    Written {
        /// What it says.
        value: T,
        /// Where the value stands.
        span: Span,
    },
    /// Not there.
    Absent,
    /// There, but wrong, or missing although it must not; this has been noted.
    Wrong,
}

impl<T> Reading<T> {
    /// What is written, or the default.
    pub(crate) fn or(self, default: T) -> T {
        self.written().unwrap_or(default)
    }

    /// What is written.
    pub(crate) fn written(self) -> Option<T> {
        match self {
            Self::Written { value, .. } => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// What is written, and where.
    pub(crate) fn as_written(&self) -> Option<(&T, &Span)> {
        match self {
            Self::Written { value, span } => Some((value, span)),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Where it is written.
    pub(crate) fn span(&self) -> Option<&Span> {
        self.as_written().map(|(_, span)| span)
    }

    /// Whether something was noted about it.
    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }

    /// What holds: written, or the default; `None` when it is wrong.
    pub(crate) fn effective(&self, default: T) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Written { value, .. } => Some(value.clone()),
            Self::Absent => Some(default),
            Self::Wrong => None,
        }
    }
}
