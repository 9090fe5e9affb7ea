//! `habitatd`: reads the command line, does what it says, and ends with the right code.

use std::process::ExitCode;

use clap::Parser;
use habitatd::{cli::Cli, commands, logging};

/// In a debug build, an allocation on the engine thread aborts the program.
#[cfg(debug_assertions)]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // What is asked for goes to standard output, what is wrong to standard error; nobody reading it changes nothing.
            let _ = message.print();
            return ExitCode::from(if message.use_stderr() { 64 } else { 0 });
        }
    };
    logging::start();
    match commands::dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("habitatd: {failure}");
            failure.code()
        }
    }
}
