//! What the weeks have taught: a row per zone and quarter hour, each written by itself.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Database, failed_to};
use crate::store::{LearnedRecord, Saved, StoreError};

impl Database {
    /// Keeps these, all or none of them; others stay as they are.
    pub fn save_learned(&mut self, records: impl Iterator<Item = LearnedRecord>) -> Result<(), StoreError> {
        self.try_save_learned(records).map_err(failed_to("save what was learnt"))
    }

    fn try_save_learned(&mut self, records: impl Iterator<Item = LearnedRecord>) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO learned VALUES (?1, ?2, ?3, ?4)")?;
        for record in records {
            let slot = i64::try_from(record.slot).unwrap_or(i64::MAX);
            insert.execute(params![record.zone, slot, record.week, record.level_db])?;
        }
        drop(insert);
        transaction.commit()
    }

    /// Forgets all of it.
    pub fn erase_learned(&mut self) -> Result<(), StoreError> {
        let erased = self.connection.execute("DELETE FROM learned", []);
        erased.map(drop).map_err(failed_to("erase what was learnt"))
    }
}

/// Adds what is there to what was saved.
pub(super) fn read(connection: &Connection, saved: &mut Saved) -> Result<(), rusqlite::Error> {
    let mut query = connection.prepare("SELECT zone, slot, week, level_db FROM learned")?;
    let rows = query.query_map([], |row| {
        Ok(LearnedRecord {
            zone: row.get(0)?,
            slot: row.get::<_, i64>(1)?.unsigned_abs() as usize,
            week: row.get(2)?,
            level_db: row.get(3)?,
        })
    })?;
    for row in rows {
        saved.put_learned(row?);
    }
    Ok(())
}
