//! What is registered, row by row.

use jiff::Timestamp;

use super::{
    AdministratorEntry, ControllerEntry, LogEntry, Register, RegisterError, RestrictionEntry, Retention, Role, SiteEntry,
    TenantEntry, TokenEntry, sql,
};
use crate::{
    ids::TenantId,
    store::{Row, Statement, Value},
};

impl Register {
    /// The tenants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants(&self) -> Result<Vec<TenantEntry>, RegisterError> {
        let rows = self.rows(sql::TENANTS, None).await?;
        Ok(rows.into_iter().map(tenant_entry).collect())
    }

    /// A tenant.
    ///
    /// # Errors
    /// [`RegisterError::Missing`], when there is none.
    pub async fn tenant(&self, tenant: &TenantId) -> Result<TenantEntry, RegisterError> {
        let rows = self.rows(sql::TENANT, Some(tenant)).await?;
        let missing = || RegisterError::Missing(format!("there is no tenant {tenant}"));
        rows.into_iter().next().map(tenant_entry).ok_or_else(missing)
    }

    /// The controllers of a tenant that have sent something.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn controllers(&self, tenant: &TenantId) -> Result<Vec<ControllerEntry>, RegisterError> {
        let rows = self.rows(sql::CONTROLLERS, Some(tenant)).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| ControllerEntry {
                source: row.text(),
                site: row.text(),
                version: row.text(),
                first_seen: row.time(),
                last_seen: row.time(),
            })
            .collect())
    }

    /// What is not processed of a tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restrictions(&self, tenant: &TenantId) -> Result<Vec<RestrictionEntry>, RegisterError> {
        let rows = self.rows(sql::RESTRICTIONS, Some(tenant)).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| RestrictionEntry {
                site: row.text(),
                event_type: row.text(),
                basis: row.text(),
                since: row.time(),
                discarded: row.number().unwrap_or(0),
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
                id: row.text(),
                email: row.text(),
                first_name: row.text(),
                last_name: row.text(),
                address: row.text(),
                phone: row.text(),
                role: row.text().parse().unwrap_or(Role::Viewer),
                can_log_in: row.text() == "yes",
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
        Ok(rows.into_iter().map(log_entry).collect())
    }

    /// A page of that, newest first, from a position on.
    pub(crate) async fn access_log_page(
        &self,
        tenant: &TenantId,
        before: &LogPosition,
        limit: usize,
    ) -> Result<Vec<LogEntry>, RegisterError> {
        let values = vec![
            tenant.as_str().into(),
            before.time_us.into(),
            before.entry.as_str().into(),
            i64::try_from(limit).unwrap_or(i64::MAX).into(),
        ];
        let rows = self.store.query(Statement::new(sql::ACCESS_LOG_PAGE, values)).await?;
        Ok(rows.into_iter().map(Columns::of).map(log_entry).collect())
    }

    async fn rows(&self, sql: &'static str, tenant: Option<&TenantId>) -> Result<Vec<Columns>, RegisterError> {
        let values = tenant.map(|tenant| tenant.as_str().into()).into_iter().collect();
        let rows = self.store.query(Statement::new(sql, values)).await?;
        Ok(rows.into_iter().map(Columns::of).collect())
    }
}

/// Where a page of the access log begins.
pub(crate) struct LogPosition {
    /// Microseconds since 1970.
    pub time_us: i64,
    /// Id of the entry.
    pub entry: String,
}

fn tenant_entry(mut row: Columns) -> TenantEntry {
    TenantEntry {
        tenant: row.text(),
        company: row.text(),
        time_zone: row.text(),
        created: row.time(),
        retention: Retention {
            measurement_days: row.days(),
            other_days: row.days(),
        },
        exported: row.some_time(),
        export_sha256: row.text(),
    }
}

fn log_entry(mut row: Columns) -> LogEntry {
    LogEntry {
        entry: row.text(),
        time: row.time(),
        actor: row.text(),
        action: row.text(),
        detail: row.text(),
    }
}

/// A row, column by column. The tables say what each column is, so nothing else is ever found there.
pub(super) struct Columns(<Row as IntoIterator>::IntoIter);

impl Columns {
    pub fn of(row: Row) -> Self {
        Columns(row.into_iter())
    }

    pub fn text(&mut self) -> String {
        match self.0.next() {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    pub fn number(&mut self) -> Option<i64> {
        match self.0.next() {
            Some(Value::Number(number)) => number,
            _ => None,
        }
    }

    pub fn days(&mut self) -> Option<u32> {
        self.number().and_then(|days| u32::try_from(days).ok())
    }

    pub fn some_time(&mut self) -> Option<Timestamp> {
        self.number().and_then(|us| Timestamp::from_microsecond(us).ok())
    }

    pub fn time(&mut self) -> Timestamp {
        self.some_time().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
