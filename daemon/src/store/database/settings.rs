//! Settings and mutes: a few rows, written all at once. And everything that outlives a restart, read when the daemon starts.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params, types::Type};

use super::{Database, failed_to, places::places};
use crate::store::{Saved, SettingsRecord, StoreError};

impl Database {
    /// Everything that outlives a restart.
    pub fn saved(&self) -> Result<Saved, StoreError> {
        let saved = || {
            Ok(Saved {
                settings: settings(&self.connection)?,
                mutes: mutes(&self.connection)?,
                places: places(&self.connection)?,
            })
        };
        saved().map_err(failed_to("read the saved settings"))
    }

    /// Keeps exactly these settings and mutes.
    pub fn save_settings_and_mutes(&mut self, saved: &Saved) -> Result<(), StoreError> {
        self.try_save_settings_and_mutes(saved)
            .map_err(failed_to("save settings and mutes"))
    }

    fn try_save_settings_and_mutes(&mut self, saved: &Saved) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch("DELETE FROM settings; DELETE FROM mutes;")?;
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
        transaction.commit()
    }
}

/// Reads everything that outlives a restart on a disk that has no room for opening the database as usual: in exclusive
/// mode SQLite keeps the index of its log in memory instead of a file, <https://sqlite.org/wal.html#noshm>.
pub(in crate::store) fn read_without_room(path: &Path) -> Result<Saved, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
        Ok(Saved {
            settings: settings(&connection)?,
            mutes: mutes(&connection)?,
            // A file of an earlier format has no such table, and what cannot be read here is still in the file.
            places: places(&connection).unwrap_or_default(),
        })
    };
    read().map_err(failed_to("read the saved settings"))
}

/// What can still be read of a damaged file. Opens it on its own, because it may not open otherwise.
pub(in crate::store) fn salvage(path: &Path) -> Saved {
    let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Saved::default();
    };
    Saved {
        settings: settings(&connection).unwrap_or_default(),
        mutes: mutes(&connection).unwrap_or_default(),
        places: places(&connection).unwrap_or_default(),
    }
}

fn settings(connection: &Connection) -> Result<Vec<SettingsRecord>, rusqlite::Error> {
    connection
        .prepare("SELECT zone, settings_json, expires FROM settings ORDER BY zone")?
        .query_map([], |row| {
            let expires: Option<String> = row.get(2)?;
            let expires = expires
                .map(|text| text.parse())
                .transpose()
                .map_err(|error: jiff::Error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error)))?;
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
