//! `habitat-tenant admin`: the register from the command line. Lists are JSON, one object per line, so that no name can
//! pass for something else on a terminal or in a script.

use std::io::Write;

use clap::{Args, Subcommand};
use habitat_tenant::{Administrator, Database, NewToken, Register, RegisterError, Scope, SiteId, TenantId};
use jiff::SignedDuration;
use serde::Serialize;

use crate::failure::{Failure, internal, unavailable, usage};

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
    database: String,
    /// Who does it, for the access log
    #[arg(long = "as", value_name = "NAME", default_value_t = who())]
    actor: String,
    #[command(subcommand)]
    object: Object,
}

/// What it is about.
#[derive(Subcommand)]
enum Object {
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

#[derive(Subcommand)]
enum TenantCommand {
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

#[derive(Subcommand)]
enum SiteCommand {
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

#[derive(Subcommand)]
enum AdministratorCommand {
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

#[derive(Subcommand)]
enum TokenCommand {
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

/// Does it.
pub fn run(arguments: Admin) -> Result<(), Failure> {
    let database: Database = arguments.database.parse().map_err(usage)?;
    let runtime = tokio::runtime::Runtime::new().map_err(internal)?;
    runtime.block_on(async {
        let register = Register::open(&database, &arguments.actor).await.map_err(explain)?;
        let done = work(&register, arguments.object).await;
        register.close().await;
        done
    })
}

async fn work(register: &Register, object: Object) -> Result<(), Failure> {
    match object {
        Object::Tenant(TenantCommand::Add {
            tenant,
            company,
            time_zone,
        }) => register.add_tenant(&tenant, &company, &time_zone).await.map_err(explain),
        Object::Tenant(TenantCommand::List) => print(register.tenants().await),
        Object::Site(SiteCommand::Add { tenant, site, name }) => register.add_site(&tenant, &site, &name).await.map_err(explain),
        Object::Site(SiteCommand::List { tenant }) => print(register.sites(&tenant).await),
        Object::Administrator(AdministratorCommand::Add {
            tenant,
            first_name,
            last_name,
            email,
            address,
            phone,
        }) => {
            let administrator = Administrator {
                first_name,
                last_name,
                address,
                phone,
                email,
            };
            register.add_administrator(&tenant, &administrator).await.map_err(explain)
        }
        Object::Administrator(AdministratorCommand::List { tenant }) => print(register.administrators(&tenant).await),
        Object::Token(command) => work_on_tokens(register, command).await,
        Object::Log { tenant } => print(register.access_log(&tenant).await),
    }
}

async fn work_on_tokens(register: &Register, command: TokenCommand) -> Result<(), Failure> {
    let days = |days: Option<u32>| days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    match command {
        TokenCommand::Create {
            tenant,
            site,
            every_site,
            days: lifetime,
        } => {
            let scope = if every_site { Scope::EverySite } else { Scope::Sites(site) };
            hand_over(register.create_token(&tenant, &scope, days(lifetime)).await)
        }
        TokenCommand::List { tenant } => print(register.tokens(&tenant).await),
        TokenCommand::Revoke { tenant, token } => register.revoke_token(&tenant, &token).await.map_err(explain),
        TokenCommand::Rotate {
            tenant,
            token,
            overlap_hours,
            days: lifetime,
        } => {
            let overlap = SignedDuration::from_hours(i64::from(overlap_hours));
            hand_over(register.rotate_token(&tenant, &token, overlap, days(lifetime)).await)
        }
    }
}

/// Prints a new token alone, so that it can go straight into a file.
fn hand_over(token: Result<NewToken, RegisterError>) -> Result<(), Failure> {
    let token = token.map_err(explain)?;
    tracing::info!(
        "made the token {}; it is not kept in clear and cannot be shown again",
        token.id
    );
    writeln!(std::io::stdout(), "{}", token.secret).map_err(internal)
}

fn print<T: Serialize>(entries: Result<Vec<T>, RegisterError>) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    for entry in entries.map_err(explain)? {
        let line = serde_json::to_string(&entry).map_err(internal)?;
        writeln!(output, "{line}").map_err(internal)?;
    }
    Ok(())
}

fn explain(error: RegisterError) -> Failure {
    match error {
        RegisterError::Wrong(_) => usage(error),
        RegisterError::Store(_) => unavailable(error),
    }
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
