//! The shape of the SQLite database, as a list of steps; `PRAGMA user_version` counts those done. Steps are only ever added.

/// Marks the file as ours (`PRAGMA application_id`): "HbTn".
pub(super) const APPLICATION_ID: i64 = 0x4862_546e;

/// The steps from an empty file to today's shape.
pub(super) const MIGRATIONS: [&str; 6] = [
    include_str!("../../../migrations/sqlite/0001_events.sql"),
    include_str!("../../../migrations/sqlite/0002_tenants.sql"),
    include_str!("../../../migrations/register.sql"),
    include_str!("../../../migrations/0010_accounts.sql"),
    include_str!("../../../migrations/0020_dashboards.sql"),
    include_str!("../../../migrations/sqlite/0021_dashboards.sql"),
];
