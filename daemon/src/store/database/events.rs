//! Events: in, out, done, pruned. The counts follow each commit, so that asking for them reads nothing.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Database, failed_to, schema};
use crate::store::{Pending, StoreError, unsaved::Row};

/// Rows that are pruned at a time: about a megabyte, so that pruning is rare and short.
const PRUNE_ROWS: i64 = 1000;

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

    /// The oldest rows that wait for the tenant.
    pub fn pending(&self, max_events: usize) -> Result<Vec<Pending>, StoreError> {
        self.try_pending(max_events).map_err(failed_to("read the outbox"))
    }

    fn try_pending(&self, max_events: usize) -> Result<Vec<Pending>, rusqlite::Error> {
        self.connection
            .prepare_cached("SELECT seq, json FROM events WHERE state = ?1 ORDER BY seq LIMIT ?2")?
            .query_map(
                params![schema::PENDING, i64::try_from(max_events).unwrap_or(i64::MAX)],
                |row| {
                    Ok(Pending {
                        seq: row.get(0)?,
                        json: row.get(1)?,
                    })
                },
            )?
            .collect()
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
            // The plus sign keeps SQLite off the index, through which it would sort all finished events to find the oldest.
            let mut delete = transaction.prepare_cached(
                "DELETE FROM events WHERE seq IN
                     (SELECT seq FROM events WHERE +state IN (?1, ?2) ORDER BY seq LIMIT ?3)
                 RETURNING state",
            )?;
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
