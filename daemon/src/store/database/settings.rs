//! Settings, mutes and the first start: a few rows, written all at once. And everything that outlives a restart, read when the daemon
//! starts.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params, types::Type};

use super::{Database, failed_to, layout_told, learned, places::places};
use crate::store::{Saved, SettingsRecord, StoreError};

impl Database {
    /// Everything that outlives a restart.
    pub fn saved(&self) -> Result<Saved, StoreError> {
        saved(&self.connection).map_err(failed_to("read the saved settings"))
    }

    /// Keeps exactly these settings, mutes and first start.
    pub fn save_all(&mut self, saved: &Saved) -> Result<(), StoreError> {
        self.try_save_all(saved).map_err(failed_to("save settings and mutes"))
    }

    fn try_save_all(&mut self, saved: &Saved) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch("DELETE FROM settings; DELETE FROM mutes; DELETE FROM first_start;")?;
        for SettingsRecord {
            zone,
            settings_json,
            expires,
        } in &saved.settings
        {
            let expires = expires.map(|time| time.to_string());
            transaction.execute(
                "INSERT INTO settings VALUES (?1, ?2, ?3)",
                params![zone, settings_json, expires],
            )?;
        }
        for zone in &saved.mutes {
            transaction.execute("INSERT INTO mutes VALUES (?1)", [zone.as_deref().unwrap_or_default()])?;
        }
        if let Some(time) = saved.first_start {
            transaction.execute("INSERT INTO first_start VALUES (?1)", [time.to_string()])?;
        }
        transaction.commit()
    }
}

/// Everything that outlives a restart.
pub(super) fn saved(connection: &Connection) -> Result<Saved, rusqlite::Error> {
    let mut saved = Saved {
        settings: settings(connection)?,
        mutes: mutes(connection)?,
        places: places(connection)?,
        first_start: first_start(connection)?,
        layout_told: layout_told::read(connection)?,
        ..Saved::default()
    };
    learned::read(connection, &mut saved)?;
    Ok(saved)
}

/// Reads everything that outlives a restart on a disk that has no room for opening the database as usual: in exclusive
/// mode SQLite keeps the index of its log in memory instead of a file, <https://sqlite.org/wal.html#noshm>.
pub(in crate::store) fn read_without_room(path: &Path) -> Result<Saved, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
        let mut saved = Saved {
            settings: settings(&connection)?,
            mutes: mutes(&connection)?,
            // A file of an earlier format does not have these, and what cannot be read here is still in the file.
            places: places(&connection).unwrap_or_default(),
            first_start: first_start(&connection).unwrap_or_default(),
            layout_told: layout_told::read(&connection).unwrap_or_default(),
            ..Saved::default()
        };
        let _ = learned::read(&connection, &mut saved);
        Ok(saved)
    };
    read().map_err(failed_to("read the saved settings"))
}

/// What can still be read of a damaged file. Opens it on its own, because it may not open otherwise.
pub(in crate::store) fn salvage(path: &Path) -> Saved {
    let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Saved::default();
    };
    let mut saved = Saved {
        settings: settings(&connection).unwrap_or_default(),
        mutes: mutes(&connection).unwrap_or_default(),
        places: places(&connection).unwrap_or_default(),
        first_start: first_start(&connection).unwrap_or_default(),
        ..Saved::default()
    };
    // What was read before the damaged place counts.
    let _ = learned::read(&connection, &mut saved);
    saved
}

fn first_start(connection: &Connection) -> Result<Option<Timestamp>, rusqlite::Error> {
    let mut rows = connection.prepare("SELECT time FROM first_start")?;
    let texts = rows.query_map([], |row| row.get::<_, String>(0))?;
    let times = texts.map(|text| time_of(0, &text?));
    times.last().transpose()
}

fn time_of(column: usize, text: &str) -> Result<Timestamp, rusqlite::Error> {
    text.parse()
        .map_err(|error: jiff::Error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn settings(connection: &Connection) -> Result<Vec<SettingsRecord>, rusqlite::Error> {
    connection
        .prepare("SELECT zone, settings_json, expires FROM settings ORDER BY zone")?
        .query_map([], |row| {
            let expires: Option<String> = row.get(2)?;
            let expires = expires.map(|text| time_of(2, &text)).transpose()?;
            Ok(SettingsRecord {
                zone: row.get(0)?,
                settings_json: row.get(1)?,
                expires,
            })
        })?
        .collect()
}

fn mutes(connection: &Connection) -> Result<Vec<Option<String>>, rusqlite::Error> {
    connection
        .prepare("SELECT scope FROM mutes ORDER BY scope")?
        .query_map([], |row| {
            row.get::<_, String>(0).map(|scope| (!scope.is_empty()).then_some(scope))
        })?
        .collect()
}
