//! `habitatd devices`

use habitat_devices::lookup::list;
use habitat_layout::AudioHost;

use crate::{exit_code::Failure, print::print_line};

/// Prints the hosts and their devices, as lines to paste into a layout.
pub fn devices() -> Result<(), Failure> {
    for (index, host) in AudioHost::ALL.into_iter().enumerate() {
        let mut lines = list::lines(host);
        if index > 0 {
            lines.insert(0, String::new());
        }
        // A host takes a while to answer; what is known is shown.
        if !print_line(lines.join("\n"))? {
            break;
        }
    }
    Ok(())
}
