//! What places teach: a row per zone, each written by itself, because it changes every quarter of an hour.

use rusqlite::{Connection, TransactionBehavior, params, types::Type};

use super::{Database, failed_to};
use crate::store::{PlaceRecord, StoreError};

impl Database {
    /// Keeps what is known of some zones; `None` erases what is kept.
    pub fn save_places<'a>(
        &mut self,
        places: impl Iterator<Item = (&'a str, Option<&'a PlaceRecord>)>,
    ) -> Result<(), StoreError> {
        self.try_save_places(places)
            .map_err(failed_to("save what is known of the places"))
    }

    fn try_save_places<'a>(
        &mut self,
        places: impl Iterator<Item = (&'a str, Option<&'a PlaceRecord>)>,
    ) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (zone, place) in places {
            match place {
                Some(PlaceRecord {
                    zone,
                    known_s,
                    shares_json,
                    updated,
                }) => transaction.execute(
                    "INSERT OR REPLACE INTO places VALUES (?1, ?2, ?3, ?4)",
                    params![zone, known_s, shares_json, updated.to_string()],
                )?,
                None => transaction.execute("DELETE FROM places WHERE zone = ?1", [zone])?,
            };
        }
        transaction.commit()
    }
}

/// Everything that is known.
pub(super) fn places(connection: &Connection) -> Result<Vec<PlaceRecord>, rusqlite::Error> {
    connection
        .prepare("SELECT zone, known_s, shares_json, updated FROM places ORDER BY zone")?
        .query_map([], |row| {
            let updated: String = row.get(3)?;
            let updated = updated
                .parse()
                .map_err(|error: jiff::Error| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(error)))?;
            Ok(PlaceRecord {
                zone: row.get(0)?,
                known_s: row.get(1)?,
                shares_json: row.get(2)?,
                updated,
            })
        })?
        .collect()
}
