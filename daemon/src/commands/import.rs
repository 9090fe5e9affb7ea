//! `habitatd import`

use std::{
    io::{IsTerminal, stderr},
    path::Path,
};

use crate::{exit_code::Failure, print::print_line};

/// Prints a layout file; what a person should know about it goes to standard error.
pub fn import(file: &Path) -> Result<(), Failure> {
    let imported = habitat_config::exchange::import(file).map_err(|error| Failure::Usage(error.to_string()))?;
    print_line(imported.layout.trim_end())?;
    for remark in &imported.remarks {
        eprintln!("note: {remark}");
    }
    if !imported.problems.is_empty() {
        eprintln!("{}", imported.problems.render(stderr().is_terminal()));
        eprintln!("note: save the layout as layout.toml, put this right, and run `habitatd check`");
    }
    Ok(())
}
