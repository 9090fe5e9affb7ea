//! `habitat-tenant`: the tenant as a program. Exit codes: 0 done, 64 bad arguments or files, 69 the database or the
//! address is unavailable, 70 internal fault.

mod command;
mod failure;

use std::{io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use command::{admin, certificate, serve};
use failure::{EXIT_USAGE, Failure};

/// The reference cloud tenant: receives events from controllers, keeps each once, answers questions about them.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  habitat-tenant serve --listen 127.0.0.1:8490 --database tenant.db --token-file tokens"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Receive and answer until SIGTERM or SIGINT.
    Serve(serve::Serve),
    /// Register tenants, sites, administrators and tokens, and see to their rights.
    // Boxed, as it is far larger than the others.
    Admin(Box<admin::Admin>),
    /// Make the key that signs certificates of destruction, and verify them.
    Certificate(certificate::Certificate),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { EXIT_USAGE } else { 0 });
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let done = match cli.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Admin(arguments) => admin::run(*arguments),
        Command::Certificate(arguments) => certificate::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, message)) => {
            tracing::error!("{message}");
            ExitCode::from(code)
        }
    }
}
