//! Which layout was last told: one row at most.
//!
//! It is not among what is carried over from a damaged file: events that told it may have been in there.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{Database, failed_to};
use crate::store::StoreError;

impl Database {
    /// Keeps the digest of the layout that was told.
    pub fn save_layout_told(&mut self, digest: u64) -> Result<(), StoreError> {
        self.try_save_layout_told(digest)
            .map_err(failed_to("save which layout was told"))
    }

    fn try_save_layout_told(&mut self, digest: u64) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        forget(&transaction)?;
        transaction.execute("INSERT INTO layout_told VALUES (?1)", [digest.cast_signed()])?;
        transaction.commit()
    }
}

/// The layout has to be told again.
pub(super) fn forget(transaction: &Transaction) -> Result<(), rusqlite::Error> {
    transaction.execute("DELETE FROM layout_told", []).map(drop)
}

/// The digest of the layout that was last told.
pub(super) fn read(connection: &Connection) -> Result<Option<u64>, rusqlite::Error> {
    let digest = connection.query_row("SELECT digest FROM layout_told", [], |row| row.get(0));
    Ok(digest.optional()?.map(i64::cast_unsigned))
}
