//! `habitatd check`

use std::{io::IsTerminal, path::Path};

use crate::{exit_code::Failure, print::print_line};

/// Prints every problem of both files to standard output.
pub fn check(config: &Path) -> Result<(), Failure> {
    let color = std::io::stdout().is_terminal();
    match habitat_config::load(config) {
        Ok(loaded) => {
            if !loaded.warnings.is_empty() {
                print_line(loaded.warnings.render(color))?;
            }
            let plan = &loaded.site.plan;
            print_line(format_args!(
                "{} is good: {} zones, {} microphones, {} loudspeakers",
                config.display(),
                plan.zones.len(),
                plan.microphones.len(),
                plan.loudspeakers.len()
            ))?;
            Ok(())
        }
        Err(problems) => {
            print_line(problems.render(color))?;
            Err(Failure::Usage(format!("{} cannot be used", config.display())))
        }
    }
}
