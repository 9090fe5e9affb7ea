//! Administrators log in with a password and get a session.
//!
//! Whether a tenant or an account exists cannot be told from the answers: they say the same, take as long, and are limited
//! alike. Where somebody logged in from is not kept: what the log is for, who did what when, does not need it.

use jiff::SignedDuration;

use super::{
    Register, RegisterError, Role, freely, password,
    secret::{self, Secret},
    sql, step,
};
use crate::{
    ids::TenantId,
    store::{Refusal, Statement, Value},
};

/// What sessions begin with.
const PREFIX: &str = "habitat-session_";
/// A working day; after it one logs in again.
const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// Wrong passwords for an account within [`WINDOW`]. NIST SP 800-63B allows 100 in a row.
const ATTEMPTS_MAX: i64 = 10;
/// After so long the count begins anew.
pub(crate) const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Where attempts at accounts that do not exist are counted, so that they cannot fill the log.
const NOBODY: &str = "nobody";

/// A session that has just begun.
pub(crate) struct NewSession {
    /// What to show with each request.
    pub secret: String,
    /// Whose it is.
    pub administrator: String,
    /// When it ends, microseconds since 1970.
    pub expires_us: i64,
}

/// A session in force.
#[derive(Clone, Debug)]
pub(crate) struct SessionEntry {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose.
    pub administrator: String,
    /// What they may do.
    pub role: Role,
    /// When it ends, microseconds since 1970.
    pub expires_us: i64,
    digest: String,
}

/// Why nobody is logged in.
#[derive(Debug)]
pub(crate) enum LogInError {
    /// There is no such account, or the password is another one.
    Wrong,
    /// There were too many wrong passwords.
    TooMany,
    /// The register failed.
    Register(RegisterError),
}

impl<E: Into<RegisterError>> From<E> for LogInError {
    fn from(error: E) -> Self {
        LogInError::Register(error.into())
    }
}

impl Register {
    /// Logs somebody in.
    pub(crate) async fn log_in(&self, tenant: &str, email: &str, password: &str) -> Result<NewSession, LogInError> {
        let email = email.trim().to_lowercase();
        let known = TenantId::parse(tenant).filter(|_| !email.chars().any(char::is_control));
        let Some(tenant) = known else {
            password::is_right(password, "").await?;
            return Err(LogInError::Wrong);
        };
        let account = secret::digest(&format!("{tenant} {email}"));
        if !self.attempt(&tenant, &account).await? {
            return Err(LogInError::TooMany);
        }
        let values = vec![tenant.as_str().into(), email.as_str().into()];
        let rows = self.store.query(Statement::new(sql::PASSWORD, values)).await?;
        let (id, kept) = match rows.into_iter().next().map(<[Value; 2]>::try_from) {
            Some(Ok([Value::Text(id), Value::Text(kept)])) => (Some(id), kept),
            _ => (None, String::new()),
        };
        let right = password::is_right(password, &kept).await?;
        match id {
            Some(id) if right => self.begin_session(&tenant, &id, &account).await,
            Some(id) => {
                self.as_actor(&id).change(&tenant, "log in refused", "", Vec::new()).await?;
                Err(LogInError::Wrong)
            }
            None => {
                if self.attempt(&tenant, NOBODY).await? {
                    let known = vec![super::exists(&tenant)];
                    // A tenant that does not exist has no log.
                    match self.as_actor(NOBODY).change(&tenant, "log in refused", "", known).await {
                        Ok(()) | Err(RegisterError::Missing(_)) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(LogInError::Wrong)
            }
        }
    }

    async fn begin_session(&self, tenant: &TenantId, id: &str, account: &str) -> Result<NewSession, LogInError> {
        let Secret { text, digest } = Secret::draw(PREFIX, tenant)?;
        let now_us = self.now_us();
        let expires_us = now_us + us(LIFETIME);
        let values = vec![
            digest.as_str().into(),
            now_us.into(),
            expires_us.into(),
            tenant.as_str().into(),
            id.into(),
        ];
        let gone = Refusal::Missing("this administrator is no more, or the tenant is being erased".to_owned());
        let steps = vec![
            step(sql::BEGIN_SESSION, values, gone),
            freely(sql::FORGET_ATTEMPTS, vec![tenant.as_str().into(), account.into()]),
        ];
        self.as_actor(id).change(tenant, "log in", "", steps).await?;
        Ok(NewSession {
            secret: text,
            administrator: id.to_owned(),
            expires_us,
        })
    }

    /// Counts an attempt before it is made, so that many at once are counted, too; false when there were too many.
    async fn attempt(&self, tenant: &TenantId, account: &str) -> Result<bool, RegisterError> {
        let now_us = self.now_us();
        let values = vec![
            tenant.as_str().into(),
            account.into(),
            now_us.into(),
            (now_us - us(WINDOW)).into(),
            ATTEMPTS_MAX.into(),
        ];
        let counted = step(sql::ATTEMPT, values, Refusal::Conflict(String::new()));
        Ok(self.store.change(vec![counted]).await?.is_ok())
    }

    /// The session of a secret, when it is in force.
    pub(crate) async fn session(&self, text: &str) -> Result<Option<SessionEntry>, RegisterError> {
        let Some(tenant) = secret::tenant_of(PREFIX, text) else {
            return Ok(None);
        };
        let digest = secret::digest(text);
        let values = vec![tenant.as_str().into(), digest.as_str().into(), self.now_us().into()];
        let rows = self.store.query(Statement::new(sql::SESSION, values)).await?;
        let row = rows.into_iter().next().map(<[Value; 3]>::try_from);
        let Some(Ok([Value::Text(administrator), Value::Text(role), Value::Number(Some(expires_us))])) = row else {
            return Ok(None);
        };
        Ok(role.parse().ok().map(|role| SessionEntry {
            tenant,
            administrator,
            role,
            expires_us,
            digest,
        }))
    }

    /// Logs out.
    pub(crate) async fn log_out(&self, session: &SessionEntry) -> Result<(), RegisterError> {
        let values = vec![session.tenant.as_str().into(), session.digest.as_str().into()];
        self.change(&session.tenant, "log out", "", vec![freely(sql::END_SESSION, values)])
            .await
    }

    /// Sets another password in place of the one that is given.
    pub(crate) async fn change_password(&self, session: &SessionEntry, current: &str, new: &str) -> Result<(), LogInError> {
        let tenant = &session.tenant;
        let account = secret::digest(&format!("{tenant} {}", session.administrator));
        if !self.attempt(tenant, &account).await? {
            return Err(LogInError::TooMany);
        }
        let values = vec![tenant.as_str().into(), session.administrator.as_str().into()];
        let rows = self.store.query(Statement::new(sql::OWN_PASSWORD, values)).await?;
        let Some([Value::Text(kept)]) = rows.first().map(Vec::as_slice) else {
            return Err(LogInError::Wrong);
        };
        if !password::is_right(current, kept).await? {
            return Err(LogInError::Wrong);
        }
        self.set_password(tenant, &session.administrator, new).await?;
        Ok(())
    }
}

fn us(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
