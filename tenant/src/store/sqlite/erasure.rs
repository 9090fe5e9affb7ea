//! Events leave an SQLite file, and nothing of them stays in it.

use rusqlite::{TransactionBehavior, params};

use super::{
    super::{Erased, Kind, Portion, erasure::MEASUREMENT},
    file::Sqlite,
};

/// The names of the tables that have something of a tenant.
pub(in crate::store) const TABLES_OF_TENANTS: &str = "SELECT tables.name FROM sqlite_schema AS tables
     JOIN pragma_table_info(tables.name) AS columns ON columns.name = 'tenant_id'
     WHERE tables.type = 'table' ORDER BY tables.name";

impl Sqlite {
    /// Erases a portion of events in one transaction.
    pub fn erase(&mut self, portion: &Portion) -> rusqlite::Result<Erased> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (after_us, after_seq) = portion.after;
        let limit = i64::try_from(portion.limit).unwrap_or(i64::MAX);
        let values = params![
            portion.tenant.as_str(),
            portion.site.as_str(),
            portion.before_us,
            after_us,
            after_seq,
            limit
        ];
        let looked_at: Vec<(i64, i64, bool)> = transaction
            .prepare_cached(
                "SELECT time_us, seq, type FROM event
                 WHERE tenant_id = ?1 AND site_id = ?2 AND time_us < ?3 AND time_us >= ?4 AND (time_us, seq) > (?4, ?5)
                 ORDER BY time_us, seq LIMIT ?6",
            )?
            .query_map(values, |row| {
                let event_type: String = row.get(2)?;
                let wanted = match portion.kind {
                    Kind::All => true,
                    Kind::Measurements => event_type == MEASUREMENT,
                    Kind::Others => event_type != MEASUREMENT,
                };
                Ok((row.get(0)?, row.get(1)?, wanted))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut events = 0;
        {
            let mut delete = transaction.prepare_cached("DELETE FROM event WHERE seq = ?1")?;
            for (_, seq, _) in looked_at.iter().filter(|(.., wanted)| *wanted) {
                events += delete.execute([seq])?;
            }
        }
        transaction.commit()?;
        let next = looked_at.last().map(|(time_us, seq, _)| (*time_us, *seq));
        Ok(Erased {
            events,
            next: next.filter(|_| looked_at.len() == portion.limit),
        })
    }

    /// The log of writes still has what was deleted from the file, until it is written back and cut.
    pub fn scrub(&mut self) -> rusqlite::Result<()> {
        self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}
