//! What gives way when too much waits for the tenant.
//!
//! Measurements give way first, and not all of them: of the oldest, one minute in ten stays, then one in an hour, and only then the
//! rest goes. Then what the controller says of itself, of settings and of the layout; last what accounts for the sound, which is adaptation, devices
//! and mutes. Whatever goes is counted in the same transaction.

use habitat_events::{Data, DroppedEvents};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{Database, failed_to, layout_told, schema};
use crate::store::{OutboxBounds, StoreError};

/// Rows that are given up at a time: about a megabyte, so that it is rare and short.
const ROWS: i64 = 1000;

/// What gives way, in this order, as a condition on a row. Kinds are indices into [`Data::TYPES`].
const STEPS: [&str; 5] = [
    "kind = 0 AND time_us / 60000000 % 10 <> 0",
    "kind = 0 AND time_us / 60000000 % 60 <> 0",
    "kind = 0",
    "kind IN (2, 5, 6)",
    "kind IN (1, 3, 4)",
];

/// The kind of layout events: one that is given up is told again at the next start.
const LAYOUT: i64 = 6;

impl Database {
    /// Events given up so far, over all restarts.
    pub fn dropped(&self) -> DroppedEvents {
        self.dropped
    }

    /// Gives events up until what is left is within the bounds. `now` is `None` while the clock cannot be believed.
    pub fn bound_outbox(&mut self, bounds: OutboxBounds, now: Option<Timestamp>) -> Result<(), StoreError> {
        self.try_bound(bounds, now).map_err(failed_to("make room in the outbox"))
    }

    fn try_bound(&mut self, bounds: OutboxBounds, now: Option<Timestamp>) -> Result<(), rusqlite::Error> {
        if let Some((age, now)) = bounds.age.zip(now) {
            let oldest_us = now.as_microsecond().saturating_sub(age.as_micros() as i64);
            let too_old = format!("time_us < {oldest_us}");
            while self.give_up(&too_old)? > 0 {}
        }
        let mut steps = STEPS.iter();
        let mut step = steps.next();
        while let Some(condition) = step
            && self.used_bytes()? > bounds.bytes
        {
            if self.give_up(condition)? == 0 {
                step = steps.next();
            }
        }
        Ok(())
    }

    /// Gives up the oldest rows of those that wait and that a condition holds for; says how many.
    fn give_up(&mut self, condition: &str) -> Result<u64, rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut delete = transaction.prepare_cached(&format!(
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE state = ?1 AND {condition} ORDER BY seq LIMIT ?2)
             RETURNING kind"
        ))?;
        let kinds = delete.query_map(params![schema::PENDING, ROWS], |row| row.get(0))?;
        let kinds = kinds.collect::<Result<Vec<i64>, _>>()?;
        drop(delete);
        let mut dropped = self.dropped;
        kinds.iter().for_each(|kind| *count_of(&mut dropped, *kind) += 1);
        write(&transaction, &mut dropped)?;
        if kinds.contains(&LAYOUT) {
            layout_told::forget(&transaction)?;
        }
        transaction.commit()?;
        self.dropped = dropped;
        let given_up = kinds.len() as u64;
        self.counts.pending = self.counts.pending.saturating_sub(given_up);
        Ok(given_up)
    }
}

/// The counter of a kind.
fn count_of(dropped: &mut DroppedEvents, kind: i64) -> &mut u64 {
    match kind {
        0 => &mut dropped.measurement,
        1 => &mut dropped.adaptation,
        2 => &mut dropped.preferences,
        3 => &mut dropped.device,
        4 => &mut dropped.mute,
        5 => &mut dropped.controller,
        _ => &mut dropped.layout,
    }
}

fn write(transaction: &Transaction, dropped: &mut DroppedEvents) -> Result<(), rusqlite::Error> {
    let mut write = transaction.prepare_cached("INSERT OR REPLACE INTO dropped (kind, events) VALUES (?1, ?2)")?;
    for kind in 0..Data::TYPES.len() as i64 {
        write.execute(params![kind, count_of(dropped, kind).cast_signed()])?;
    }
    Ok(())
}

/// What the file says was given up.
pub(super) fn read_dropped(connection: &Connection) -> Result<DroppedEvents, rusqlite::Error> {
    let mut dropped = DroppedEvents::default();
    let mut query = connection.prepare("SELECT kind, events FROM dropped")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (kind, events): (i64, i64) = row?;
        *count_of(&mut dropped, kind) = events.cast_unsigned();
    }
    Ok(dropped)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;
    use crate::store::unsaved::Row;

    const MEASUREMENTS: i64 = 3000;
    const OTHERS: i64 = 30;

    fn minute(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    /// A measurement in each minute, and now and then a change of a setting and one of the masking.
    fn outbox() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(&folder.path().join("habitat.db")).unwrap();
        let rows: Vec<Row> = (0..MEASUREMENTS)
            .flat_map(|at| {
                let row = move |kind: i64| Row {
                    source: "s".into(),
                    id: Uuid::from_u128((10 * at + kind) as u128),
                    subject: "zone".into(),
                    time: minute(at),
                    json: format!("{kind} {}", "x".repeat(600)),
                    kind,
                };
                let others = if at % (MEASUREMENTS / OTHERS) == 0 {
                    vec![1, 2]
                } else {
                    Vec::new()
                };
                core::iter::once(0).chain(others).map(row)
            })
            .collect();
        database.insert(rows.iter(), false).unwrap();
        (folder, database)
    }

    /// Minutes of what waits, by kind.
    fn waiting(database: &Database, kind: i64) -> Vec<i64> {
        let mut query = database
            .connection
            .prepare("SELECT time_us / 60000000 FROM events WHERE state = 0 AND kind = ?1 ORDER BY seq")
            .unwrap();
        let minutes = query.query_map([kind], |row| row.get(0)).unwrap();
        minutes.map(Result::unwrap).collect()
    }

    fn bound_to(database: &mut Database, share: f64) {
        let bytes = (database.used_bytes().unwrap() as f64 * share) as i64;
        database.bound_outbox(OutboxBounds { bytes, age: None }, None).unwrap();
        assert!(database.used_bytes().unwrap() <= bytes);
    }

    #[test]
    fn what_is_within_the_bounds_stays() {
        let (_folder, mut database) = outbox();
        database
            .bound_outbox(OutboxBounds::default(), Some(minute(1_000_000)))
            .unwrap();
        bound_to(&mut database, 1.0);
        assert_eq!(waiting(&database, 0).len(), MEASUREMENTS as usize);
        assert_eq!(database.dropped(), DroppedEvents::default());
    }

    #[test]
    fn of_the_oldest_measurements_one_in_ten_minutes_stays_then_one_in_an_hour() {
        let (_folder, mut database) = outbox();
        bound_to(&mut database, 0.7);
        let minutes = waiting(&database, 0);
        let whole_from = minutes.windows(2).position(|pair| pair[1] - pair[0] == 1).unwrap();
        let (thinned, whole) = minutes.split_at(whole_from);
        assert!(
            thinned.len() > 50 && thinned.iter().all(|minute| minute % 10 == 0),
            "{thinned:?}"
        );
        assert!(whole.windows(2).all(|pair| pair[1] - pair[0] == 1), "the newest stay whole");
        assert_eq!(whole.last(), Some(&(MEASUREMENTS - 1)));
        bound_to(&mut database, 0.2);
        let minutes = waiting(&database, 0);
        assert!(
            minutes.iter().all(|minute| minute % 10 == 0) && minutes.len() >= 50,
            "{minutes:?}"
        );
        assert!(minutes.iter().take(10).all(|minute| minute % 60 == 0), "{minutes:?}");
        assert_eq!((waiting(&database, 1).len(), waiting(&database, 2).len()), (30, 30));
    }

    #[test]
    fn what_accounts_for_the_sound_goes_last_and_everything_that_goes_is_counted() {
        let (folder, mut database) = outbox();
        let total = database.counts().pending;
        while waiting(&database, 2).len() == 30 {
            bound_to(&mut database, 0.9);
        }
        assert!(waiting(&database, 0).is_empty(), "measurements go before settings");
        assert_eq!(waiting(&database, 1).len(), 30, "and settings before adaptation");
        drop(database);
        let mut database = Database::open(&folder.path().join("habitat.db")).unwrap();
        assert_eq!(database.dropped().measurement, MEASUREMENTS as u64, "counted over restarts");
        let nothing = OutboxBounds { bytes: 1, age: None };
        database.bound_outbox(nothing, None).unwrap();
        assert_eq!((database.counts().pending, database.dropped().total()), (0, total));
        assert_eq!((database.dropped().preferences, database.dropped().adaptation), (30, 30));
    }

    #[test]
    fn what_is_too_old_goes_whatever_it_is_unless_the_clock_is_not_believed() {
        let (_folder, mut database) = outbox();
        let bounds = OutboxBounds {
            age: Some(SignedDuration::from_mins(1000)),
            ..OutboxBounds::default()
        };
        database.bound_outbox(bounds, None).unwrap();
        assert_eq!(waiting(&database, 0).len(), MEASUREMENTS as usize);
        database.bound_outbox(bounds, Some(minute(MEASUREMENTS))).unwrap();
        assert_eq!(
            waiting(&database, 0),
            (MEASUREMENTS - 1000..MEASUREMENTS).collect::<Vec<i64>>()
        );
        assert_eq!(waiting(&database, 1).len(), 10);
    }

    #[test]
    fn a_layout_that_is_given_up_is_told_again() {
        let (_folder, mut database) = outbox();
        let floor = |number: u128, time| Row {
            source: "s".into(),
            id: Uuid::from_u128(1_000_000 + number),
            subject: "floor".into(),
            time,
            json: "{}".into(),
            kind: LAYOUT,
        };
        database.insert([floor(0, minute(0))].iter(), false).unwrap();
        database.save_layout_told(u64::MAX).unwrap();
        let measurements_only = OutboxBounds {
            bytes: database.used_bytes().unwrap() / 2,
            age: None,
        };
        database.bound_outbox(measurements_only, None).unwrap();
        assert_eq!(database.saved().unwrap().layout_told, Some(u64::MAX));
        let bounds = OutboxBounds {
            age: Some(SignedDuration::from_mins(1000)),
            ..OutboxBounds::default()
        };
        database.bound_outbox(bounds, Some(minute(MEASUREMENTS))).unwrap();
        assert_eq!((database.dropped().layout, database.saved().unwrap().layout_told), (1, None));
    }
}
