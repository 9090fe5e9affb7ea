//! `habitat-tenant admin`: the register from the command line. Lists are JSON, one object per line, so that no name can
//! pass for something else on a terminal or in a script.

mod administrators;
mod arguments;
mod rights;

use std::{io::Write, path::Path};

use habitat_tenant::{
    CertificateKey, Database, Fingerprint, Limits, NewToken, Register, RegisterError, Retention, Scope, TenantService, Tokens,
};
use jiff::SignedDuration;
use serde::Serialize;

use crate::failure::{Failure, internal, unavailable, usage};
pub use arguments::Admin;
use arguments::{Object, SiteCommand, TenantCommand, TokenCommand};

/// Does it.
pub fn run(arguments: Admin) -> Result<(), Failure> {
    let database: Database = arguments.database.parse().map_err(usage)?;
    let runtime = tokio::runtime::Runtime::new().map_err(internal)?;
    runtime.block_on(async {
        if let Object::KeepHouse { certificate_key } = &arguments.object {
            return keep_house(&database, certificate_key.as_deref()).await;
        }
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
        Object::Tenant(TenantCommand::Correct {
            tenant,
            company,
            time_zone,
        }) => {
            let corrected = register.correct_tenant(&tenant, company.as_deref(), time_zone.as_deref());
            corrected.await.map_err(explain)
        }
        Object::Tenant(TenantCommand::Retention {
            tenant,
            measurement_days,
            other_days,
        }) => {
            let retention = Retention {
                measurement_days,
                other_days,
            };
            register.set_retention(&tenant, retention).await.map_err(explain)
        }
        Object::Tenant(TenantCommand::List) => print(register.tenants().await),
        Object::Site(SiteCommand::Add { tenant, site, name }) => register.add_site(&tenant, &site, &name).await.map_err(explain),
        Object::Site(SiteCommand::List { tenant }) => print(register.sites(&tenant).await),
        Object::Site(SiteCommand::Rename { tenant, site, name }) => {
            register.rename_site(&tenant, &site, &name).await.map_err(explain)
        }
        Object::Administrator(command) => administrators::work(register, command).await,
        Object::Controllers { tenant } => print(register.controllers(&tenant).await),
        Object::Restriction(command) => rights::restrict(register, command).await,
        Object::Termination(command) => rights::terminate(register, command).await,
        Object::Certificate(command) => rights::certificates(register, command).await,
        Object::Export { tenant, file } => rights::export(register, &tenant, &file).await,
        // Done before, as it takes more than the register.
        Object::KeepHouse { .. } => Ok(()),
        Object::Token(command) => work_on_tokens(register, command).await,
        Object::Log { tenant } => print(register.access_log(&tenant).await),
    }
}

async fn keep_house(database: &Database, key: Option<&Path>) -> Result<(), Failure> {
    let key = key.map(CertificateKey::read).transpose().map_err(usage)?;
    let service = TenantService::connect(database, Tokens::none(), Limits::default()).await;
    let mut service = service.map_err(unavailable)?;
    if let Some(key) = key {
        service = service.with_certificate_key(key);
    }
    let kept = service.keep_house_once().await.map_err(explain);
    service.close().await;
    let kept = kept?;
    tracing::info!(
        tenants_erased = kept.tenants_erased,
        events_retired = kept.events_retired,
        certificates_signed = kept.certificates_signed,
        "kept house"
    );
    Ok(())
}

async fn work_on_tokens(register: &Register, command: TokenCommand) -> Result<(), Failure> {
    let days = |days: Option<u32>| days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    match command {
        TokenCommand::Create {
            tenant,
            site,
            every_site,
            days: lifetime,
            certificate,
        } => {
            let scope = if every_site { Scope::EverySite } else { Scope::Sites(site) };
            let Some(file) = certificate else {
                return hand_over(register.create_token(&tenant, &scope, days(lifetime)).await);
            };
            let certificate = Fingerprint::read(&file).map_err(usage)?;
            let admitted = register
                .admit_certificate(&tenant, &certificate, &scope, days(lifetime))
                .await;
            writeln!(std::io::stdout(), "{}", admitted.map_err(explain)?).map_err(internal)
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
        RegisterError::Wrong(_) | RegisterError::Missing(_) | RegisterError::Conflict(_) => usage(error),
        RegisterError::Store(_) => unavailable(error),
    }
}
