//! What can be wrong with a store.

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, opened or created.
    #[error("cannot open the database {database}: {reason}")]
    Unavailable {
        /// Which one.
        database: String,
        /// What the database said.
        reason: String,
    },
    /// It is a database of another program, or a file that is no database at all.
    #[error("{database} is not a database of this program ({reason}); name another one, or one that is new and empty")]
    Foreign {
        /// Which one.
        database: String,
        /// How that shows.
        reason: String,
    },
    /// It was written by a later version.
    #[error("the database {database} has schema version {found}, this program knows up to {known}; use a newer program")]
    Newer {
        /// Which one.
        database: String,
        /// Its version.
        found: i64,
        /// Highest version that this program knows.
        known: i64,
    },
    /// It is damaged.
    #[error("the database {database} is damaged ({reason}); restore a backup, or move it aside to begin a new one")]
    Damaged {
        /// Which one.
        database: String,
        /// Where.
        reason: String,
    },
    /// The database refused an operation; nothing of it was stored.
    #[error("the database failed to {operation}: {reason}")]
    Failed {
        /// What it was about to do.
        operation: &'static str,
        /// What it said.
        reason: String,
    },
    /// Too many requests wait already.
    #[error("too many requests wait for the database")]
    Busy,
    /// The store has been closed.
    #[error("the database is closed")]
    Closed,
}
