//! The reference cloud tenant: takes in what controllers report, keeps each event once, and answers questions about it.
//!
//! [`TenantService`] is the state (store, tokens, limits), [`router`] the API over it, [`serve`] the server around a
//! router. They are separate so that a caller can put a layer of its own between them, and so that the listener and the
//! shutdown stay in the caller's hands. Events reach the store only through [`habitat_events::Event`], hence nothing is
//! kept that is not in the closed set of what may leave a building.

mod batch;
mod certificate;
mod clock;
mod dashboard;
mod database;
mod export;
mod housekeeping;
mod http;
mod ids;
mod places;
mod register;
mod serve;
mod service;
mod store;
mod tls;
mod tokens;

pub use certificate::{CertificateError, CertificateKey, KeyError, PublicKey, verify};
pub use clock::Clock;
pub use database::{Database, DatabaseError};
pub use export::{ExportError, Exported};
pub use housekeeping::Kept;
pub use http::{AccountsApi, router};
pub use ids::{SiteId, TenantId};
pub use register::{
    Administrator, AdministratorEntry, Basis, CertificateEntry, ControllerEntry, Correction, DecimalSign, ERASURE_DAYS_DEFAULT,
    ERASURE_DAYS_MAX, Invitation, Language, LengthUnit, LogEntry, NewToken, Preferences, Register, RegisterError, Restriction,
    RestrictionEntry, Retention, Role, Scope, SiteEntry, TenantEntry, TerminationEntry, TokenEntry,
};
pub use serve::{ServeError, ServeOptions, serve};
pub use service::{Limits, TenantService};
pub use store::StoreError;
pub use tls::{Fingerprint, Tls, TlsError};
pub use tokens::{TokenError, Tokens};
