//! `habitat-tenant admin administrator`: the people who look after a tenant.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use habitat_tenant::{Administrator, Correction, Register, Role, TenantId};

use super::{arguments::tenant, explain, print};
use crate::failure::{Failure, internal, usage};

/// No password is longer.
const PASSWORD_FILE_MAX: u64 = 4096;

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
        /// What they may do: owner, manager or viewer
        #[arg(long, default_value = "viewer")]
        role: Role,
    },
    /// Correct what is kept about one
    Correct {
        #[command(flatten)]
        who: Who,
        /// First name
        #[arg(long)]
        first_name: Option<String>,
        /// Last name
        #[arg(long)]
        last_name: Option<String>,
        /// Another e-mail address
        #[arg(long)]
        new_email: Option<String>,
        /// Postal address
        #[arg(long)]
        address: Option<String>,
        /// Telephone number
        #[arg(long)]
        phone: Option<String>,
        /// What they may do: owner, manager or viewer
        #[arg(long)]
        role: Option<Role>,
    },
    /// Erase one; the last owner stays
    Remove {
        #[command(flatten)]
        who: Who,
    },
    /// Set the password of one, read from a file or from standard input
    Password {
        #[command(flatten)]
        who: Who,
        /// Where the password stands, in one line; without, on standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print an invitation with which one sets a password, once, within seven days
    Invite {
        #[command(flatten)]
        who: Who,
    },
    /// Show those of a tenant
    List {
        /// Tenant
        #[arg(value_parser = tenant)]
        tenant: TenantId,
    },
}

/// An administrator.
#[derive(Args)]
pub struct Who {
    /// Tenant
    #[arg(value_parser = tenant)]
    tenant: TenantId,
    /// E-mail address
    email: String,
}

impl Who {
    async fn id(&self, register: &Register) -> Result<String, Failure> {
        register.administrator_with(&self.tenant, &self.email).await.map_err(explain)
    }
}

/// Does it.
pub async fn work(register: &Register, command: AdministratorCommand) -> Result<(), Failure> {
    match command {
        AdministratorCommand::Add {
            tenant,
            first_name,
            last_name,
            email,
            address,
            phone,
            role,
        } => {
            let administrator = Administrator {
                first_name,
                last_name,
                address,
                phone,
                email,
            };
            let added = register.add_administrator(&tenant, &administrator, role).await;
            added.map(|_| ()).map_err(explain)
        }
        AdministratorCommand::Correct {
            who,
            first_name,
            last_name,
            new_email,
            address,
            phone,
            role,
        } => {
            let correction = Correction {
                first_name,
                last_name,
                address,
                phone,
                email: new_email,
                role,
            };
            let id = who.id(register).await?;
            register
                .correct_administrator(&who.tenant, &id, &correction)
                .await
                .map_err(explain)
        }
        AdministratorCommand::Remove { who } => {
            let id = who.id(register).await?;
            register.remove_administrator(&who.tenant, &id).await.map_err(explain)
        }
        AdministratorCommand::Password { who, file } => {
            let password = read_password(file)?;
            let id = who.id(register).await?;
            register.set_password(&who.tenant, &id, &password).await.map_err(explain)
        }
        AdministratorCommand::Invite { who } => {
            let id = who.id(register).await?;
            let invitation = register.invite(&who.tenant, &id).await.map_err(explain)?;
            tracing::info!("the invitation is good once, for seven days; it cannot be shown again");
            writeln!(std::io::stdout(), "{}", invitation.secret).map_err(internal)
        }
        AdministratorCommand::List { tenant } => print(register.administrators(&tenant).await),
    }
}

/// The first line; never an argument, which others on the machine could see.
fn read_password(file: Option<PathBuf>) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match &file {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(PASSWORD_FILE_MAX).read_to_string(&mut text)),
        None => std::io::stdin().take(PASSWORD_FILE_MAX).read_to_string(&mut text),
    };
    read.map_err(|error| usage(format!("cannot read the password: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
