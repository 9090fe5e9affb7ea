//! `habitat-tenant admin restriction`, `termination`, `certificate` and `export`: rights over data.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use clap::{Subcommand, ValueEnum};
use habitat_tenant::{Basis, ERASURE_DAYS_DEFAULT, ERASURE_DAYS_MAX, ExportError, Register, Restriction, SiteId, TenantId};

use super::{
    arguments::{site, tenant},
    explain, print,
};
use crate::failure::{Failure, internal, unavailable};

/// `admin restriction`.
#[derive(Subcommand)]
pub enum RestrictionCommand {
    /// Store no more of this
    Add {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// A site; without, every one
        #[arg(long, value_parser = site)]
        site: Option<SiteId>,
        /// A type of event, such as habitat.mute.v1; without, every one
        #[arg(long = "type")]
        event_type: Option<String>,
        /// Which right it is
        #[arg(long, value_enum)]
        basis: WhichRight,
    },
    /// Store this again
    Lift {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// As it was given to `add`
        #[arg(long, value_parser = site)]
        site: Option<SiteId>,
        /// As it was given to `add`
        #[arg(long = "type")]
        event_type: Option<String>,
    },
    /// Show those of a tenant
    List {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// GDPR article 18 or 21.
#[derive(Clone, Copy, ValueEnum)]
pub enum WhichRight {
    /// Until a question is settled (GDPR article 18)
    Restriction,
    /// For good (GDPR article 21)
    Objection,
}

/// `admin termination`.
#[derive(Subcommand)]
pub enum TerminationCommand {
    /// Accept nothing from now on, and erase everything some days later
    Start {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
        /// The company's name, repeated for certainty
        #[arg(long)]
        company: String,
        /// Days until the erasure
        #[arg(long, default_value_t = ERASURE_DAYS_DEFAULT,
            value_parser = clap::value_parser!(u32).range(0..=i64::from(ERASURE_DAYS_MAX)))]
        days: u32,
        /// Erase when house is kept next; cannot be cancelled
        #[arg(long, conflicts_with = "days")]
        at_once: bool,
    },
    /// Take it back, while the erasure has not begun
    Cancel {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
    /// Show what is under way
    Show {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// `admin certificate`.
#[derive(Subcommand)]
pub enum CertificateCommand {
    /// Show all
    List,
    /// Print one, to be handed over
    Show {
        /// Its id
        id: String,
    },
}

/// Does it.
pub async fn restrict(register: &Register, command: RestrictionCommand) -> Result<(), Failure> {
    match command {
        RestrictionCommand::Add {
            tenant,
            site,
            event_type,
            basis,
        } => {
            let basis = match basis {
                WhichRight::Restriction => Basis::Restriction,
                WhichRight::Objection => Basis::Objection,
            };
            let what = Restriction { site, event_type };
            register.restrict(&tenant, &what, basis).await.map_err(explain)
        }
        RestrictionCommand::Lift {
            tenant,
            site,
            event_type,
        } => {
            let what = Restriction { site, event_type };
            register.lift_restriction(&tenant, &what).await.map_err(explain)
        }
        RestrictionCommand::List { tenant } => print(register.restrictions(&tenant).await),
    }
}

/// Does it.
pub async fn terminate(register: &Register, command: TerminationCommand) -> Result<(), Failure> {
    match command {
        TerminationCommand::Start {
            tenant,
            company,
            days,
            at_once,
        } => {
            let days = if at_once { 0 } else { days };
            print(register.terminate(&tenant, &company, days).await.map(|entry| vec![entry]))
        }
        TerminationCommand::Cancel { tenant } => register.cancel_termination(&tenant).await.map_err(explain),
        TerminationCommand::Show { tenant } => print(register.termination(&tenant).await.map(Vec::from_iter)),
    }
}

/// Does it.
pub async fn certificates(register: &Register, command: CertificateCommand) -> Result<(), Failure> {
    match command {
        CertificateCommand::List => print(register.certificates().await),
        CertificateCommand::Show { id } => {
            let certificate = register.certificate(&id).await.map_err(explain)?;
            writeln!(std::io::stdout(), "{certificate:#}").map_err(internal)
        }
    }
}

/// Does it.
pub async fn export(register: &Register, tenant: &TenantId, path: &Path) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    let named = |error: &dyn std::fmt::Display| format!("the archive {} cannot be made: {error}", path.display());
    let file = options.open(path).map_err(|error| unavailable(named(&error)))?;
    let exported = register.export(tenant, file).await.map_err(|error| {
        // Half an archive would pass for a whole one.
        let _ = std::fs::remove_file(path);
        match error {
            ExportError::Register(error) => explain(error),
            other => unavailable(named(&other)),
        }
    })?;
    tracing::info!(events = exported.events, sha256 = exported.sha256, "{}", path.display());
    Ok(())
}
