//! Exit codes, and what goes with them.

use std::fmt::Display;

/// Wrong arguments or files.
pub const EXIT_USAGE: u8 = 64;
const EXIT_UNAVAILABLE: u8 = 69;
const EXIT_INTERNAL: u8 = 70;

/// Why the program ends early: what to say and the exit code.
pub struct Failure(pub u8, pub String);

/// The caller can put it right.
pub fn usage(error: impl Display) -> Failure {
    Failure(EXIT_USAGE, error.to_string())
}

/// The database or the address cannot be had.
pub fn unavailable(error: impl Display) -> Failure {
    Failure(EXIT_UNAVAILABLE, error.to_string())
}

/// Ours.
pub fn internal(error: impl Display) -> Failure {
    Failure(EXIT_INTERNAL, error.to_string())
}
