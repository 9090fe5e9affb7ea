//! What is registered, row by row, to be shown.

use jiff::Timestamp;
use serde::Serialize;

use super::{Register, RegisterError, sql};
use crate::{
    ids::TenantId,
    store::{Row, Statement, Value},
};

/// A tenant.
#[derive(Debug, Serialize)]
pub struct TenantEntry {
    /// Its id.
    pub tenant: String,
    /// The company's name.
    pub company: String,
    /// IANA name.
    pub time_zone: String,
    /// When it was registered.
    pub created: Timestamp,
}

/// A site.
#[derive(Debug, Serialize)]
pub struct SiteEntry {
    /// Its id.
    pub site: String,
    /// Its name.
    pub name: String,
    /// When it was registered.
    pub created: Timestamp,
}

/// An administrator.
#[derive(Debug, Serialize)]
pub struct AdministratorEntry {
    /// E-mail address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Postal address.
    pub address: String,
    /// Telephone number.
    pub phone: String,
    /// When they were registered.
    pub created: Timestamp,
}

/// A token, without its secret.
#[derive(Debug, Serialize)]
pub struct TokenEntry {
    /// Its name in lists and logs.
    pub token: String,
    /// The sites it is for; `*` for every one.
    pub sites: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When its time is over.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// An entry of the access log.
#[derive(Debug, Serialize)]
pub struct LogEntry {
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub detail: String,
}

impl Register {
    /// The tenants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants(&self) -> Result<Vec<TenantEntry>, RegisterError> {
        let rows = self.rows(sql::TENANTS, None).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| TenantEntry {
                tenant: row.text(),
                company: row.text(),
                time_zone: row.text(),
                created: row.time(),
            })
            .collect())
    }

    /// The sites of a tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sites(&self, tenant: &TenantId) -> Result<Vec<SiteEntry>, RegisterError> {
        let rows = self.rows(sql::SITES, Some(tenant)).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| SiteEntry {
                site: row.text(),
                name: row.text(),
                created: row.time(),
            })
            .collect())
    }

    /// The administrators of a tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn administrators(&self, tenant: &TenantId) -> Result<Vec<AdministratorEntry>, RegisterError> {
        let rows = self.rows(sql::ADMINISTRATORS, Some(tenant)).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| AdministratorEntry {
                email: row.text(),
                first_name: row.text(),
                last_name: row.text(),
                address: row.text(),
                phone: row.text(),
                created: row.time(),
            })
            .collect())
    }

    /// The tokens of a tenant, those that are over included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens(&self, tenant: &TenantId) -> Result<Vec<TokenEntry>, RegisterError> {
        let mut tokens: Vec<TokenEntry> = Vec::new();
        for mut row in self.rows(sql::TOKENS, Some(tenant)).await? {
            let (token, scope, site) = (row.text(), row.text(), row.text());
            if let Some(last) = tokens.last_mut().filter(|last| last.token == token) {
                last.sites.push(site);
                continue;
            }
            tokens.push(TokenEntry {
                token,
                sites: vec![if scope == "every-site" { "*".to_owned() } else { site }],
                created: row.time(),
                expires: row.some_time(),
                revoked: row.some_time(),
            });
        }
        Ok(tokens)
    }

    /// What was changed about a tenant, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn access_log(&self, tenant: &TenantId) -> Result<Vec<LogEntry>, RegisterError> {
        let rows = self.rows(sql::ACCESS_LOG, Some(tenant)).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| LogEntry {
                time: row.time(),
                actor: row.text(),
                action: row.text(),
                detail: row.text(),
            })
            .collect())
    }

    async fn rows(&self, sql: &'static str, tenant: Option<&TenantId>) -> Result<Vec<Columns>, RegisterError> {
        let values = tenant.map(|tenant| tenant.as_str().into()).into_iter().collect();
        let rows = self.store.query(Statement { sql, values }).await?;
        Ok(rows.into_iter().map(|row| Columns(row.into_iter())).collect())
    }
}

/// A row, column by column. The tables say what each column is, so nothing else is ever found there.
struct Columns(<Row as IntoIterator>::IntoIter);

impl Columns {
    fn text(&mut self) -> String {
        match self.0.next() {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    fn some_time(&mut self) -> Option<Timestamp> {
        match self.0.next() {
            Some(Value::Number(Some(us))) => Timestamp::from_microsecond(us).ok(),
            _ => None,
        }
    }

    fn time(&mut self) -> Timestamp {
        self.some_time().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
