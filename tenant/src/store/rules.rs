//! What must not be stored, looked up in the transaction that stores: a batch that comes in while somebody forbids it is
//! either stored before that, or not at all.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Record;
use crate::ids::TenantId;

/// In place of a site or a type: all of them.
pub(crate) const EVERY: &str = "*";
/// No type of event is called so.
const TERMINATED: &str = "terminated";

/// The types that are not to be stored for a tenant ($1) at a site ($2), among them `terminated` when nothing is: the tenant
/// is to be erased, or one whose digest is $3 was erased and there is no other of that name.
pub(super) const RULES: &str = "SELECT type FROM restriction WHERE tenant_id = $1 AND site_id IN ('*', $2)
     UNION ALL SELECT 'terminated' FROM termination WHERE tenant_id = $1
     UNION ALL SELECT 'terminated' FROM certificate
         WHERE tenant_sha256 = $3 AND NOT EXISTS (SELECT 1 FROM tenant WHERE tenant_id = $1)";

/// Counts what was discarded ($1) of a type ($4).
pub(super) const DISCARDED: &str = "UPDATE restriction SET discarded = discarded + $1
     WHERE tenant_id = $2 AND site_id IN ('*', $3) AND type IN ('*', $4)";

/// What remains of a tenant's id after it was erased.
pub(crate) fn digest_of(tenant: &TenantId) -> String {
    let digest = Sha256::digest(format!("habitat tenant {tenant}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`RULES`] found.
pub(super) struct Rules(pub Vec<String>);

impl Rules {
    /// Whether nothing at all is accepted.
    pub fn terminated(&self) -> bool {
        self.0.iter().any(|rule| rule == TERMINATED)
    }

    /// What may be stored, in its order, and how many of each other type there are.
    pub fn sort(&self, records: Vec<Record>) -> (Vec<Record>, BTreeMap<&'static str, usize>) {
        let mut discarded = BTreeMap::new();
        let mut kept = records;
        kept.retain(|record| {
            let restricted = self.0.iter().any(|rule| rule == EVERY || rule == record.event_type);
            if restricted {
                *discarded.entry(record.event_type).or_insert(0) += 1;
            }
            !restricted
        });
        (kept, discarded)
    }
}

/// A controller that a batch is from.
pub(super) struct Seen {
    /// Its version and since when, if the batch says so.
    pub version: Option<(String, i64)>,
}

/// The controllers of a batch by their source.
pub(super) fn controllers(records: &[Record]) -> BTreeMap<String, Seen> {
    let mut controllers: BTreeMap<String, Seen> = BTreeMap::new();
    for record in records {
        let seen = match controllers.get_mut(&record.source) {
            Some(seen) => seen,
            None => controllers.entry(record.source.clone()).or_insert(Seen { version: None }),
        };
        if let Some(version) = &record.controller_version
            && seen.version.as_ref().is_none_or(|(_, time_us)| *time_us <= record.time_us)
        {
            seen.version = Some((version.clone(), record.time_us));
        }
    }
    controllers
}
