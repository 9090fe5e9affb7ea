//! What can be asked of `habitat-tenant admin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use habitat_tenant::{SiteId, TenantId};

/// Arguments of the command.
#[derive(Args)]
#[command(after_help = "Examples:
  habitat-tenant admin --database tenant.db tenant add acme --company 'Acme Oy' --time-zone Europe/Helsinki
  habitat-tenant admin --database tenant.db site add acme hq-3 --name 'Head office, floor 3'
  habitat-tenant admin --database tenant.db token create acme --site hq-3 --days 365 > token

Lists are JSON, one object per line. `--as` says who does it; the access log keeps that.")]
pub struct Admin {
    /// SQLite file or PostgreSQL URL, that of `serve`
    #[arg(long, value_name = "FILE|URL")]
    pub database: String,
    /// Who does it, for the access log
    #[arg(long = "as", value_name = "NAME", default_value_t = who())]
    pub actor: String,
    #[command(subcommand)]
    pub object: Object,
}

/// What it is about.
#[derive(Subcommand)]
pub enum Object {
    /// Companies
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Their sites
    #[command(subcommand)]
    Site(SiteCommand),
    /// The people who look after them
    #[command(subcommand)]
    Administrator(AdministratorCommand),
    /// What controllers and dashboards show to get in
    #[command(subcommand)]
    Token(TokenCommand),
    /// What was changed about a tenant, by whom
    Log {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// `admin tenant`.
#[derive(Subcommand)]
pub enum TenantCommand {
    /// Register one
    Add {
        /// 1 to 64 of a-z, 0-9, -
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// The company's name
        #[arg(long)]
        company: String,
        /// Such as Europe/Helsinki
        #[arg(long)]
        time_zone: String,
    },
    /// Show all
    List,
}

/// `admin site`.
#[derive(Subcommand)]
pub enum SiteCommand {
    /// Register one
    Add {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// The `[site] id` of its controllers
        #[arg(value_parser = site)]
        site: SiteId,
        /// Its name
        #[arg(long)]
        name: String,
    },
    /// Show those of a tenant
    List {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// `admin administrator`.
#[derive(Subcommand)]
pub enum AdministratorCommand {
    /// Register one
    Add {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// First name
        #[arg(long)]
        first_name: String,
        /// Last name
        #[arg(long)]
        last_name: String,
        /// E-mail address
        #[arg(long)]
        email: String,
        /// Postal address
        #[arg(long, default_value = "")]
        address: String,
        /// Telephone number
        #[arg(long, default_value = "")]
        phone: String,
    },
    /// Show those of a tenant
    List {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// `admin token`.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make one and print it, this once
    Create {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// A site that it opens; may be given several times
        #[arg(long, value_parser = site, required_unless_present = "every_site")]
        site: Vec<SiteId>,
        /// Opens all sites of the tenant, also those to come
        #[arg(long, conflicts_with = "site")]
        every_site: bool,
        /// How long it lasts; without, until it is revoked
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
        /// Make none, but let in whoever has the key of this PEM certificate; prints what it is called in lists
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Show those of a tenant, without their secrets
    List {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
    /// End one now
    Revoke {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// As `list` shows it
        token: String,
    },
    /// Make one for the same sites and print it, this once; the old one ends a while later
    Rotate {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// As `list` shows it
        token: String,
        /// How long the old one goes on
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=8_760))]
        overlap_hours: u32,
        /// How long the new one lasts; without, until it is revoked
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
    },
}

fn tenant(text: &str) -> Result<TenantId, &'static str> {
    TenantId::parse(text).ok_or("right would be 1 to 64 of a-z, 0-9, -")
}

fn site(text: &str) -> Result<SiteId, &'static str> {
    SiteId::parse(text).ok_or("right would be 1 to 64 of a-z, 0-9, -")
}

/// The user of the operating system.
fn who() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    user.unwrap_or_else(|| "unknown".to_owned())
}
