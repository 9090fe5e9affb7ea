//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use habitat_config::exchange::Origin;
use habitat_layout::prediction::USUAL_BACKGROUND_DB;
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
    /// Predict from the layout alone who understands whom: without masking, with fixed and with adaptive masking.
    #[command(
        after_help = "Example:\n  habitatd plan --config habitat.toml --html plan.html --svg plan.svg\n  then open plan.html in a browser, or print it"
    )]
    Plan(Plan),
    /// Make a layout file of a floor plan in GeoJSON or IMDF; prints it.
    #[command(
        after_help = "Example:\n  habitatd import venue.imdf.zip > layout.toml\n  habitatd import plan.geojson > layout.toml\n  habitatd check --config habitat.toml"
    )]
    Import(Import),
    /// Print the local history of events.
    #[command(
        after_help = "Example:\n  habitatd events --config habitat.toml --zone north-east --since 2026-01-05T08:00:00+02:00 --format csv"
    )]
    Events(Events),
    /// Hand over, or erase, everything that is stored about the site.
    #[command(
        subcommand,
        after_help = "Example:\n  habitatd data export --config habitat.toml --output hq-3.zip"
    )]
    Data(Data),
    /// Print what waits for the cloud tenant, what it refused, and what was given up.
    #[command(after_help = "Example:\n  habitatd outbox --config habitat.toml --format json")]
    Outbox(OutboxOptions),
    /// Print every field that can leave the building: what, why, where to, how often, how long kept.
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

/// Options of `plan`.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Write a drawing of all floors with maps of the STI.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write a page to show or to print, with maps and tables; it needs no other file and no network.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the plan as GeoJSON, which `import` reads.
    #[arg(long, value_name = "FILE")]
    pub geojson: Option<PathBuf>,
    /// Where on the globe (0, 0) of the layout is, for GeoJSON: longitude,latitude in degrees.
    #[arg(long, value_name = "LON,LAT", value_parser = origin, default_value = "0,0", allow_hyphen_values = true)]
    pub origin: Origin,
    /// Background noise without masking, dB(A): ventilation, traffic.
    #[arg(long, value_name = "DB", value_parser = background, default_value_t = USUAL_BACKGROUND_DB)]
    pub background_db: f64,
}

/// Options of `import`.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// A GeoJSON file or an IMDF archive.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Degrees as longitude,latitude.
fn origin(text: &str) -> Result<Origin, String> {
    let degrees = |text: &str, limit: f64| text.trim().parse().ok().filter(|degrees: &f64| degrees.abs() <= limit);
    let place = text.split_once(',').and_then(|(longitude, latitude)| {
        Some(Origin {
            longitude: degrees(longitude, 180.0)?,
            latitude: degrees(latitude, FARTHEST_LATITUDE)?,
        })
    });
    place.ok_or_else(|| "write longitude and latitude in degrees, such as 24.938,60.170".into())
}

/// Nearer to a pole no building needs a map with north up.
const FARTHEST_LATITUDE: f64 = 85.0;

/// A level that a background can have.
fn background(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|level| BACKGROUNDS_DB.contains(level));
    level.ok_or_else(|| "write a level in dB(A) from 15 to 70; quiet offices have 30 to 40".into())
}

/// From a recording studio to a workshop.
const BACKGROUNDS_DB: std::ops::RangeInclusive<f64> = 15.0..=70.0;

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

/// What is done with the stored data.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Write everything that is stored about the site into one archive.
    #[command(after_help = "Example:\n  habitatd data export --config habitat.toml --output hq-3.zip")]
    Export(DataExport),
    /// Erase everything that is stored about the site, and print a receipt. The daemon has to be stopped.
    #[command(after_help = "Example:\n  habitatd data erase --config habitat.toml --yes --receipt erased.json")]
    Erase(DataErase),
}

/// Options of `data export`.
#[derive(Debug, clap::Args)]
pub struct DataExport {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The archive to make; it must not exist yet.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `data erase`.
#[derive(Debug, clap::Args)]
pub struct DataErase {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Erase; without it only what would be erased is printed.
    #[arg(long)]
    pub yes: bool,
    /// Write the receipt into this file too; it must not exist yet.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// Options of `outbox`.
#[derive(Debug, clap::Args)]
pub struct OutboxOptions {
    /// The site's habitat.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = OutboxFormat::Text)]
    pub format: OutboxFormat,
}

/// How the outbox is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutboxFormat {
    /// For people.
    Text,
    /// For programs; refused events are whole.
    Json,
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
    /// A page to show or to print; it needs no other file.
    Html,
    /// What docs/privacy.md is made of.
    Markdown,
}
