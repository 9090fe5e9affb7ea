//! Events: in, out, done, pruned. The counts follow each commit, so that asking for them reads nothing.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Database, failed_to, schema};
use crate::store::{Lane, Pending, StoreError, unsaved::Row};

/// Rows that are pruned at a time: about a megabyte, so that pruning is rare and short.
const PRUNE_ROWS: i64 = 1000;

/// The oldest rows of a stretch that wait for the tenant.
const PENDING_OF_LANE: &str = "SELECT seq, json FROM events WHERE state = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT ?4";

/// The newest row that waits for the tenant.
const NEWEST_PENDING: &str = "SELECT max(seq) FROM events WHERE state = ?1";

/// Deletes the oldest rows of two states. Each come off the index by state, however much waits for the tenant before, between or behind
/// them; with both states in one condition SQLite would sort all finished events, or read the whole table.
const OLDEST_FINISHED: &str = "DELETE FROM events WHERE seq IN (
         SELECT seq FROM (
             SELECT * FROM (SELECT seq FROM events WHERE state = ?1 ORDER BY seq LIMIT ?3)
             UNION ALL
             SELECT * FROM (SELECT seq FROM events WHERE state = ?2 ORDER BY seq LIMIT ?3)
         ) ORDER BY seq LIMIT ?3)
     RETURNING state";

/// How many events are in which state.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct Counts {
    /// Waiting for the tenant.
    pub pending: u64,
    /// At the tenant.
    pub sent: u64,
    /// Refused by the tenant.
    pub set_aside: u64,
}

impl Counts {
    pub(super) fn read(connection: &Connection) -> Result<Self, rusqlite::Error> {
        let mut query = connection.prepare("SELECT count(*) FROM events WHERE state = ?1")?;
        let mut count = |state: i64| query.query_row([state], |row| row.get(0).map(i64::unsigned_abs));
        Ok(Counts {
            pending: count(schema::PENDING)?,
            sent: count(schema::SENT)?,
            set_aside: count(schema::SET_ASIDE)?,
        })
    }
}

impl Database {
    /// How many events are in which state.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Keeps rows, all or none of them; those that are known already stay as they are.
    pub fn insert<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, local: bool) -> Result<(), StoreError> {
        let new = self.try_insert(rows, local).map_err(failed_to("save events"))?;
        if !local {
            self.counts.pending += new;
        }
        Ok(())
    }

    fn try_insert<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, local: bool) -> Result<u64, rusqlite::Error> {
        let state = if local { schema::LOCAL } else { schema::PENDING };
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO events (source, id, subject, time_us, state, json, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (source, id) DO NOTHING",
        )?;
        let mut new = 0;
        for row in rows {
            let id = row.id.as_bytes().as_slice();
            new += insert.execute(params![
                row.source,
                id,
                row.subject,
                row.time.as_microsecond(),
                state,
                row.json,
                row.kind
            ])? as u64;
        }
        drop(insert);
        transaction.commit()?;
        Ok(new)
    }

    /// The oldest rows of a lane that wait for the tenant.
    pub fn pending(&self, lane: Lane, max_events: usize) -> Result<Vec<Pending>, StoreError> {
        self.try_pending(lane, max_events).map_err(failed_to("read the outbox"))
    }

    fn try_pending(&self, lane: Lane, max_events: usize) -> Result<Vec<Pending>, rusqlite::Error> {
        let (first, last) = lane.bounds();
        let max_events = i64::try_from(max_events).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(PENDING_OF_LANE)?
            .query_map(params![schema::PENDING, first, last, max_events], |row| {
                Ok(Pending {
                    seq: row.get(0)?,
                    json: row.get(1)?,
                })
            })?
            .collect()
    }

    /// The newest row that waits for the tenant.
    pub fn newest_pending(&self) -> Result<Option<i64>, StoreError> {
        let newest = self
            .connection
            .prepare_cached(NEWEST_PENDING)
            .and_then(|mut query| query.query_row([schema::PENDING], |row| row.get(0)));
        newest.map_err(failed_to("read the outbox"))
    }

    /// The tenant has these.
    pub fn mark_sent(&mut self, seqs: &[i64]) -> Result<(), StoreError> {
        let done = seqs.iter().map(|seq| (*seq, None));
        self.counts.sent += self
            .leave_outbox(done, schema::SENT)
            .map_err(failed_to("mark events as sent"))?;
        Ok(())
    }

    /// The tenant refuses these.
    pub fn set_aside(&mut self, refused: &[(i64, String)]) -> Result<(), StoreError> {
        let done = refused.iter().map(|(seq, reason)| (*seq, Some(reason.as_str())));
        self.counts.set_aside += self
            .leave_outbox(done, schema::SET_ASIDE)
            .map_err(failed_to("set events aside"))?;
        Ok(())
    }

    /// Moves rows that wait to another state; says how many really did.
    fn leave_outbox<'a>(
        &mut self,
        rows: impl Iterator<Item = (i64, Option<&'a str>)>,
        state: i64,
    ) -> Result<u64, rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut update = transaction.prepare_cached("UPDATE events SET state = ?1, reason = ?2 WHERE seq = ?3 AND state = ?4")?;
        let mut moved = 0;
        for (seq, reason) in rows {
            moved += update.execute(params![state, reason, seq, schema::PENDING])? as u64;
        }
        drop(update);
        transaction.commit()?;
        self.counts.pending = self.counts.pending.saturating_sub(moved);
        Ok(moved)
    }

    /// Deletes the oldest finished events while the file holds more than `max_bytes`. What the tenant has not confirmed,
    /// or has refused, stays.
    pub fn prune(&mut self, max_bytes: i64) -> Result<(), StoreError> {
        self.try_prune(max_bytes).map_err(failed_to("prune the local history"))
    }

    fn try_prune(&mut self, max_bytes: i64) -> Result<(), rusqlite::Error> {
        while self.used_bytes()? > max_bytes {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut delete = transaction.prepare_cached(OLDEST_FINISHED)?;
            let states = delete
                .query_map(params![schema::SENT, schema::LOCAL, PRUNE_ROWS], |row| row.get(0))?
                .collect::<Result<Vec<i64>, _>>()?;
            drop(delete);
            transaction.commit()?;
            if states.is_empty() {
                break;
            }
            let sent = states.iter().filter(|state| **state == schema::SENT).count() as u64;
            self.counts.sent = self.counts.sent.saturating_sub(sent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weeks may wait for the tenant: whatever is done at each commit must find its rows without reading all of that.
    #[test]
    fn no_query_reads_the_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("habitat.db")).unwrap();
        for query in [OLDEST_FINISHED, PENDING_OF_LANE, NEWEST_PENDING] {
            let mut explain = database.connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let mut rows = explain.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                steps.push(row.get::<_, String>(3).unwrap());
            }
            assert!(steps.iter().any(|step| step.contains("SEARCH events USING")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("SCAN events")), "{steps:?}");
        }
    }
}
