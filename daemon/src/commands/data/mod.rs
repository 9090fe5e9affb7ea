//! `habitatd data`: everything that is stored about the site, to hand over or to erase.

mod erase;
mod export;

use crate::{cli::Data, exit_code::Failure};

/// Does what is asked for.
pub fn data(what: &Data) -> Result<(), Failure> {
    match what {
        Data::Export(options) => export::export(options),
        Data::Erase(options) => erase::erase(options),
    }
}

/// A file of our own that nobody else can read, and that does not exist yet.
fn new_file(path: &std::path::Path) -> Result<std::fs::File, Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.map_err(|error| Failure::unavailable(format!("{} cannot be made", path.display()), error))
}
