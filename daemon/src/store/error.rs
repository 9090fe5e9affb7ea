//! What can go wrong with the store, for people.

use std::{io, path::PathBuf};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or a file in it cannot be made or used. Permanent until somebody helps.
    #[error("cannot {doing} {}: {source}; `state_dir` has to be a folder that habitatd may write to", path.display())]
    Folder {
        /// What was tried, as in "create".
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the same state folder. Permanent while that one runs.
    #[error("{} is in use by another habitatd; stop that one, or give this one a `state_dir` of its own", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The file was written by a later version. Permanent.
    #[error(
        "the database has format {found} and this habitatd knows formats up to {known}; install the newer version again, \
         or move habitat.db away to begin a new one"
    )]
    Newer {
        /// Format of the file.
        found: i64,
        /// Latest format of this program.
        known: i64,
    },
    /// There is no database to read.
    #[error("there is no history in {}: no habitatd has run with this `state_dir` yet", path.display())]
    NoHistory {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The file is not, or no longer, a sound database. The store replaces it by itself.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The disk has no room. Worth another try.
    #[error("cannot {doing}: the disk is full; free some space on it")]
    DiskFull {
        /// What was tried, as in "save events".
        doing: &'static str,
    },
    /// The database refused. Worth another try.
    #[error("cannot {doing}: {message}")]
    Database {
        /// What was tried, as in "save events".
        doing: &'static str,
        /// What SQLite said.
        message: String,
    },
    /// The store's thread has ended. Permanent.
    #[error("the storage thread has ended; restart habitatd")]
    Closed,
}
