//! What can be asked of `habitat-tenant admin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use habitat_tenant::{SiteId, TenantId};

use super::{administrators::AdministratorCommand, rights};

/// Arguments of the command.
#[derive(Args)]
#[command(after_help = "Examples:
  habitat-tenant admin --database tenant.db tenant add acme --company 'Acme Oy' --time-zone Europe/Helsinki
  habitat-tenant admin --database tenant.db site add acme hq-3 --name 'Head office, floor 3'
  habitat-tenant admin --database tenant.db administrator add acme --first-name Ada --last-name Lovelace \\
      --email ada@acme.example --role owner
  habitat-tenant admin --database tenant.db administrator invite acme ada@acme.example
  habitat-tenant admin --database tenant.db token create acme --site hq-3 --days 365 > token
  habitat-tenant admin --database tenant.db export acme acme.zip

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
    /// Controllers that have sent something
    Controllers {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
    /// What is not to be stored
    #[command(subcommand)]
    Restriction(rights::RestrictionCommand),
    /// The end of a tenant
    #[command(subcommand)]
    Termination(rights::TerminationCommand),
    /// What remains of tenants: certificates of destruction
    #[command(subcommand)]
    Certificate(rights::CertificateCommand),
    /// Everything of a tenant as a zip archive
    Export {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// A new file
        file: PathBuf,
    },
    /// Do now what `serve` does by itself: erase what is due, sign certificates
    KeepHouse {
        /// Ed25519 key that signs certificates of destruction (PKCS #8 PEM)
        #[arg(long, value_name = "FILE")]
        certificate_key: Option<PathBuf>,
    },
    /// Log-ins at a tenant and changes of it, and whose
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
    /// Correct its name or time zone
    Correct {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// The company's name
        #[arg(long, required_unless_present = "time_zone")]
        company: Option<String>,
        /// Such as Europe/Helsinki
        #[arg(long)]
        time_zone: Option<String>,
    },
    /// Set how long its data are kept; what is not given: while the account is active
    Retention {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// Days for measurements of zones
        #[arg(long)]
        measurement_days: Option<u32>,
        /// Days for all other events and the access log
        #[arg(long)]
        other_days: Option<u32>,
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
    /// Give one another name
    Rename {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// Its id
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

pub(super) fn tenant(text: &str) -> Result<TenantId, &'static str> {
    TenantId::parse(text).ok_or("right would be 1 to 64 of a-z, 0-9, -")
}

pub(super) fn site(text: &str) -> Result<SiteId, &'static str> {
    SiteId::parse(text).ok_or("right would be 1 to 64 of a-z, 0-9, -")
}

/// The user of the operating system.
fn who() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    user.unwrap_or_else(|| "unknown".to_owned())
}
