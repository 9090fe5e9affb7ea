//! The register: which tenants there are, their sites, their administrators and their tokens. Every change goes into the
//! access log in the transaction that makes it.

mod lists;
mod sql;
mod token;
mod token_changes;

use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use crate::{
    database::Database,
    ids::{SiteId, TenantId},
    store::{Statement, Step, Store, StoreError, Value},
};
pub use token::NewToken;
pub(crate) use token::{TokenStanding, standing};

/// Longest name, address or number, in characters.
const TEXT_MAX_CHARS: usize = 200;

/// Why the register cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What was asked is wrong in itself, or contradicts what is registered.
    #[error("{0}")]
    Wrong(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which sites a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All sites that the tenant has and will have.
    EverySite,
    /// These.
    Sites(Vec<SiteId>),
}

/// Somebody who looks after a tenant.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Postal address, may be empty.
    pub address: String,
    /// Telephone number, may be empty.
    pub phone: String,
    /// E-mail address; there is one administrator for each.
    pub email: String,
}

/// The register of a database, and who changes it.
#[derive(Debug)]
pub struct Register {
    store: Store,
    actor: String,
}

impl Register {
    /// Opens the database; what is changed is written down as done by the actor.
    ///
    /// # Errors
    /// [`StoreError`], when it cannot be reached or opened, is damaged, or belongs to something else.
    pub async fn open(database: &Database, actor: &str) -> Result<Self, RegisterError> {
        let actor = checked("the name of who does it", actor)?;
        let store = Store::open(database).await?;
        Ok(Register { store, actor })
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// Registers a tenant.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when it is registered already, or the time zone is none.
    pub async fn add_tenant(&self, tenant: &TenantId, company: &str, time_zone: &str) -> Result<(), RegisterError> {
        let company = checked("the company's name", company)?;
        if TimeZone::get(time_zone).is_err() {
            return Err(RegisterError::Wrong(format!(
                "{time_zone:?} is no time zone; right would be a name such as Europe/Helsinki"
            )));
        }
        let values = vec![
            tenant.as_str().into(),
            company.as_str().into(),
            time_zone.into(),
            now_us().into(),
        ];
        let add = step(sql::ADD_TENANT, values, format!("there is a tenant {tenant} already"));
        self.change(tenant, "add tenant", &company, vec![add]).await
    }

    /// Registers a site of a tenant.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when there is no such tenant, or it has the site already.
    pub async fn add_site(&self, tenant: &TenantId, site: &SiteId, name: &str) -> Result<(), RegisterError> {
        let name = checked("the site's name", name)?;
        let values = vec![
            tenant.as_str().into(),
            site.as_str().into(),
            name.as_str().into(),
            now_us().into(),
        ];
        let add = step(sql::ADD_SITE, values, format!("{tenant} has a site {site} already"));
        self.change(tenant, "add site", site.as_str(), vec![exists(tenant), add])
            .await
    }

    /// Registers an administrator of a tenant.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`], when there is no such tenant, or an administrator with this e-mail address, or a name is missing.
    pub async fn add_administrator(&self, tenant: &TenantId, administrator: &Administrator) -> Result<(), RegisterError> {
        let email = checked("the e-mail address", &administrator.email)?;
        if !email.contains('@') {
            return Err(RegisterError::Wrong(format!(
                "{email:?} is no e-mail address; right would be name@example.org"
            )));
        }
        let values = vec![
            tenant.as_str().into(),
            email.as_str().into(),
            checked("the first name", &administrator.first_name)?.as_str().into(),
            checked("the last name", &administrator.last_name)?.as_str().into(),
            limited("the address", &administrator.address)?.as_str().into(),
            limited("the telephone number", &administrator.phone)?.as_str().into(),
            now_us().into(),
        ];
        let refusal = format!("{tenant} has an administrator {email} already");
        let add = step(sql::ADD_ADMINISTRATOR, values, refusal);
        // The log says that somebody was added, and leaves the person's data to the one place where they can be erased.
        self.change(tenant, "add administrator", "", vec![exists(tenant), add]).await
    }

    async fn change(&self, tenant: &TenantId, action: &str, detail: &str, mut steps: Vec<Step>) -> Result<(), RegisterError> {
        let values = vec![
            tenant.as_str().into(),
            now_us().into(),
            Uuid::new_v4().to_string().as_str().into(),
            self.actor.as_str().into(),
            action.into(),
            detail.into(),
        ];
        steps.push(freely(sql::LOG, values));
        self.store.change(steps).await?.map_err(RegisterError::Wrong)
    }
}

fn step(sql: &'static str, values: Vec<Value>, refusal: String) -> Step {
    Step {
        statement: Statement { sql, values },
        or_refuse: Some(refusal),
    }
}

fn freely(sql: &'static str, values: Vec<Value>) -> Step {
    Step {
        statement: Statement { sql, values },
        or_refuse: None,
    }
}

/// Refuses when there is no such tenant, and lets nobody else change it meanwhile.
fn exists(tenant: &TenantId) -> Step {
    step(
        sql::LOCK_TENANT,
        vec![tenant.as_str().into()],
        format!("there is no tenant {tenant}"),
    )
}

fn now_us() -> i64 {
    Timestamp::now().as_microsecond()
}

/// Text that is there and that every store and terminal can hold.
fn checked(what: &str, text: &str) -> Result<String, RegisterError> {
    if text.trim().is_empty() {
        return Err(RegisterError::Wrong(format!("{what} is missing")));
    }
    limited(what, text)
}

fn limited(what: &str, text: &str) -> Result<String, RegisterError> {
    let text = text.trim();
    if text.chars().count() > TEXT_MAX_CHARS || text.chars().any(char::is_control) {
        return Err(RegisterError::Wrong(format!(
            "{what} has more than {TEXT_MAX_CHARS} characters or control characters; right would be one line of text"
        )));
    }
    Ok(text.to_owned())
}
