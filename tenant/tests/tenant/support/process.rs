//! The real program on a test's database.

use std::{path::Path, process::Command};

pub use super::program::Program;
use super::{Place, client::Client, program, token_file};

/// The program with the `serve` arguments for a place.
pub fn serve_command(place: &Place) -> Command {
    serve_on(place.folder(), &place.argument())
}

/// The program with the `serve` arguments for a database, and a folder for its tokens.
pub fn serve_on(folder: &Path, database: &str) -> Command {
    let token_path = folder.join("tokens");
    std::fs::write(&token_path, token_file()).expect("the token file is written");
    program::serve(Path::new(env!("CARGO_BIN_EXE_habitat-tenant")), database, &token_path)
}

impl Program {
    pub fn client(&self) -> Client {
        Client::new(self.base())
    }
}
