//! One command, one file; here they are only told apart.

mod check;
mod csv;
mod data;
mod demo;
mod devices;
mod events;
mod import;
mod outbox;
mod plan;
mod privacy;
mod run;

use crate::{cli::Command, exit_code::Failure};

/// Does what the command line says.
///
/// # Errors
/// Why it could not be done.
pub fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(file) => run::run(&file.config),
        Command::Demo(options) => demo::demo(options.port),
        Command::Check(file) => check::check(&file.config),
        Command::Devices => devices::devices(),
        Command::Plan(options) => plan::plan(&options),
        Command::Import(options) => import::import(&options.file),
        Command::Events(options) => events::events(&options),
        Command::Data(what) => data::data(&what),
        Command::Outbox(options) => outbox::outbox(&options),
        Command::Privacy(options) => privacy::privacy(options.format),
    }
}
