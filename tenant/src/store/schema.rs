//! The shape of the SQLite database, as a list of steps; `PRAGMA user_version` counts those done. Steps are only ever added.

/// Marks the file as ours (`PRAGMA application_id`): "HbTn".
pub(super) const APPLICATION_ID: i64 = 0x4862_546e;

/// The steps from an empty file to today's shape.
pub(super) const MIGRATIONS: [&str; 1] = ["
    -- AUTOINCREMENT: a cursor must never point to a number that was deleted and given again.
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        site TEXT NOT NULL,
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        zone TEXT NOT NULL,
        time_us INTEGER NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (source, id)
    ) STRICT;
    CREATE INDEX events_by_arrival ON events (site, seq);
    CREATE INDEX events_by_zone ON events (site, zone, seq);
    CREATE INDEX events_by_time ON events (site, time_us);
"];
