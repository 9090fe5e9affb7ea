//! What a command prints on standard output.

use std::io::{self, ErrorKind, Write};

use crate::exit_code::Failure;

/// Prints a line, or several; says whether somebody still reads. That nobody does is no failure: `habitatd events | head`.
///
/// # Errors
/// When standard output cannot be written for another reason, such as a full disk.
pub fn print_line(line: impl std::fmt::Display) -> Result<bool, Failure> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::unavailable("standard output cannot be written", error)),
    }
}
