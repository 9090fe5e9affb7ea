//! `habitatd devices`

use crate::{audio::cpal_host, exit_code::Failure, print::print_line};

/// Prints the devices of the default host, as lines to paste into a layout.
pub fn devices() -> Result<(), Failure> {
    for line in cpal_host::describe() {
        if !print_line(line)? {
            break;
        }
    }
    Ok(())
}
