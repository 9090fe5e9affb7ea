//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

/// Adaptive sound masking for open-plan offices: listens, adapts, masks, and sends metadata only, never audio.
#[derive(Debug, Parser)]
#[command(
    name = "habitatd",
    version,
    after_help = "Example:\n  habitatd demo\n  habitatd check --config /etc/habitat/habitat.toml"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon.
    #[command(after_help = "Example:\n  habitatd run --config /etc/habitat/habitat.toml")]
    Run(ConfigFile),
    /// Run the whole system on this machine with nothing else installed: a virtual office, a broker, a tenant, the console.
    #[command(after_help = "Example:\n  habitatd demo --port 8480\n  then open http://127.0.0.1:8480/ in a browser")]
    Demo(Demo),
    /// Check the configuration and the layout; prints all problems at once.
    #[command(after_help = "Example:\n  habitatd check --config habitat.toml")]
    Check(ConfigFile),
    /// List audio devices with channels and rates, as TOML to paste.
    #[command(after_help = "Example:\n  habitatd devices")]
    Devices,
    /// Print the local history of events.
    #[command(
        after_help = "Example:\n  habitatd events --config habitat.toml --zone north-east --since 2026-01-05T08:00:00+02:00 --format csv"
    )]
    Events(Events),
    /// Print every field that can leave the building: what, where to, how often, why.
    #[command(after_help = "Example:\n  habitatd privacy --format json")]
    Privacy(Privacy),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub struct ConfigFile {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Port of the console.
    #[arg(long, default_value_t = 8480)]
    pub port: u16,
}

/// Options of `events`.
#[derive(Debug, clap::Args)]
pub struct Events {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Only this zone or device.
    #[arg(long)]
    pub zone: Option<String>,
    /// Only events from this time on (RFC 3339).
    #[arg(long)]
    pub since: Option<Timestamp>,
    /// Go on printing events as they come.
    #[arg(long)]
    pub follow: bool,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = EventFormat::Jsonl)]
    pub format: EventFormat,
}

/// How events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventFormat {
    /// One CloudEvents document per line.
    Jsonl,
    /// Time, type, subject and data, comma-separated.
    Csv,
}

/// Options of `privacy`.
#[derive(Debug, clap::Args)]
pub struct Privacy {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = PrivacyFormat::Text)]
    pub format: PrivacyFormat,
}

/// How the privacy inventory is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrivacyFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}
