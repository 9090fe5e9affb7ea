//! What is registered, as it is shown.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Retention, Role};

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantEntry {
    /// Its id.
    pub tenant: String,
    /// The company's name.
    pub company: String,
    /// IANA name.
    pub time_zone: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// How long its data are kept.
    pub retention: Retention,
    /// When the last archive of everything was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub exported: Option<Timestamp>,
    /// SHA-256 of that archive; empty when there was none.
    pub export_sha256: String,
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteEntry {
    /// Its id.
    pub site: String,
    /// Its name.
    pub name: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A controller that has sent something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControllerEntry {
    /// CloudEvents source.
    pub source: String,
    /// Its site.
    pub site: String,
    /// Version of its latest `habitat.controller.v1`; empty when there was none.
    pub version: String,
    /// When it first sent something.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// When it last sent something.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// Something that is not processed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestrictionEntry {
    /// Site; `*` for every one.
    pub site: String,
    /// Type of event; `*` for every one.
    #[serde(rename = "type")]
    pub event_type: String,
    /// `restriction` or `objection`.
    pub basis: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Events that came in since and were not stored.
    pub discarded: i64,
}

/// A termination that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminationEntry {
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested: Timestamp,
    /// When everything is erased.
    #[schema(value_type = String, format = DateTime)]
    pub erasure: Timestamp,
    /// Id of the certificate that there will be then, at `/v1/certificates/{certificate}`.
    pub certificate: String,
    /// When the erasure began; it cannot be cancelled since.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub begun: Option<Timestamp>,
}

/// An administrator.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdministratorEntry {
    /// Id, which stands in the access log.
    pub id: String,
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
    /// What they may do.
    pub role: Role,
    /// Whether they have set a password.
    pub can_log_in: bool,
    /// When they were registered.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenEntry {
    /// Its name in lists and logs.
    pub token: String,
    /// The sites it is for; `*` for every one.
    pub sites: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When its time is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked: Option<Timestamp>,
}

/// An entry of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogEntry {
    /// Its id.
    pub entry: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// Who: id of an administrator, name given to the program, `system` or `nobody`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub detail: String,
}
