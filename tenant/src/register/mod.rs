//! The register: which tenants there are, their sites, their administrators and their tokens, and what they want done with
//! their data. Every change goes into the access log in the transaction that makes it.

mod administrators;
mod certificates;
mod entries;
mod lists;
mod password;
mod preferences;
mod restriction;
mod retention;
mod role;
mod secret;
mod session;
mod sql;
mod tenants;
mod termination;
mod token;
mod token_changes;
mod upkeep;

use uuid::Uuid;

use crate::{
    clock::Clock,
    database::Database,
    ids::{SiteId, TenantId},
    store::{Refusal, Statement, Step, Store, StoreError, Value},
};
pub use administrators::{Correction, Invitation};
pub use certificates::CertificateEntry;
pub use entries::{
    AdministratorEntry, ControllerEntry, LogEntry, RestrictionEntry, SiteEntry, TenantEntry, TerminationEntry, TokenEntry,
};
pub(crate) use lists::LogPosition;
pub use preferences::{DecimalSign, Language, LengthUnit, Preferences};
pub use restriction::{Basis, Restriction};
pub use retention::Retention;
pub use role::Role;
pub(crate) use session::{LogInError, SessionEntry};
pub use termination::{ERASURE_DAYS_DEFAULT, ERASURE_DAYS_MAX};
pub use token::NewToken;
pub(crate) use token::{TokenStanding, standing};
pub(crate) use upkeep::{Counts, Due, Retaining};

/// Longest name, address or number, in characters.
const TEXT_MAX_CHARS: usize = 200;
/// Who does what nobody does.
pub(crate) const SYSTEM: &str = "system";

/// Why the register cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What was asked is wrong in itself.
    #[error("{0}")]
    Wrong(String),
    /// What it is about is not registered.
    #[error("{0}")]
    Missing(String),
    /// It contradicts what is registered.
    #[error("{0}")]
    Conflict(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for RegisterError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing(reason) => RegisterError::Missing(reason),
            Refusal::Conflict(reason) => RegisterError::Conflict(reason),
        }
    }
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
#[derive(Clone, Debug)]
pub struct Register {
    pub(crate) store: Store,
    actor: String,
    clock: Clock,
}

impl Register {
    /// Opens the database; what is changed is written down as done by the actor.
    ///
    /// # Errors
    /// [`StoreError`], when it cannot be reached or opened, is damaged, or belongs to something else.
    pub async fn open(database: &Database, actor: &str) -> Result<Self, RegisterError> {
        let actor = checked("the name of who does it", actor)?;
        let store = Store::open(database).await?;
        Ok(Self::over(store, &actor, Clock::system()))
    }

    /// The register of an open database.
    pub(crate) fn over(store: Store, actor: &str, clock: Clock) -> Self {
        Register {
            store,
            actor: actor.to_owned(),
            clock,
        }
    }

    /// The same, changed by somebody else.
    pub(crate) fn as_actor(&self, actor: &str) -> Self {
        Register {
            actor: actor.to_owned(),
            ..self.clone()
        }
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    async fn change(&self, tenant: &TenantId, action: &str, detail: &str, mut steps: Vec<Step>) -> Result<(), RegisterError> {
        steps.push(self.log(tenant, action, detail));
        Ok(self.store.change(steps).await??)
    }

    /// The same, while no batch of the tenant is being stored.
    async fn change_rules(
        &self,
        tenant: &TenantId,
        action: &str,
        detail: &str,
        mut steps: Vec<Step>,
    ) -> Result<(), RegisterError> {
        steps.push(self.log(tenant, action, detail));
        Ok(self.store.change_rules(tenant, steps).await??)
    }

    fn log(&self, tenant: &TenantId, action: &str, detail: &str) -> Step {
        let values = vec![
            tenant.as_str().into(),
            self.now_us().into(),
            Uuid::new_v4().to_string().as_str().into(),
            self.actor.as_str().into(),
            action.into(),
            detail.into(),
        ];
        freely(sql::LOG, values)
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    pub(crate) fn now_us(&self) -> i64 {
        self.clock.now_us()
    }
}

fn step(sql: &'static str, values: Vec<Value>, refusal: Refusal) -> Step {
    Step {
        statement: Statement::new(sql, values),
        or_refuse: Some(refusal),
    }
}

fn freely(sql: &'static str, values: Vec<Value>) -> Step {
    Step {
        statement: Statement::new(sql, values),
        or_refuse: None,
    }
}

/// Refuses when there is no such tenant, and lets nobody else change it meanwhile.
fn exists(tenant: &TenantId) -> Step {
    let refusal = Refusal::Missing(format!("there is no tenant {tenant}"));
    step(sql::LOCK_TENANT, vec![tenant.as_str().into()], refusal)
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

/// A time zone of the IANA database.
fn time_zone(name: &str) -> Result<&str, RegisterError> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name),
        Err(_) => Err(RegisterError::Wrong(format!(
            "{name:?} is no time zone; right would be a name such as Europe/Helsinki"
        ))),
    }
}
