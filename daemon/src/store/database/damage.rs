//! A damaged file is moved out of the way, so that the daemon goes on and somebody can look into it later.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::Database;
use crate::store::{Saved, StoreError};

/// Sets a damaged file aside and begins a new one with what has to outlive restarts. Also says where the old one is.
pub(in crate::store) fn replace(path: &Path, saved: &Saved) -> Result<(Database, PathBuf), StoreError> {
    let aside = move_aside(path, Timestamp::now()).map_err(|source| StoreError::Folder {
        doing: "set aside",
        path: path.to_owned(),
        source,
    })?;
    let mut database = Database::open(path)?;
    database.save_all(saved)?;
    database.save_places(saved.places.iter().map(|place| (place.zone.as_str(), Some(place))))?;
    database.save_learned(saved.learned())?;
    Ok((database, aside))
}

/// `habitat.db` → `habitat.db.corrupt-20260105T060000.000Z`, with its write-ahead log.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let aside = with_suffix(path, &format!(".corrupt-{}", now.strftime("%Y%m%dT%H%M%S%.3fZ")));
    // The log first: a new file beside an old log would take the log for its own.
    ignore_missing(fs::rename(with_suffix(path, "-wal"), with_suffix(&aside, "-wal")))?;
    ignore_missing(fs::remove_file(with_suffix(path, "-shm")))?;
    ignore_missing(fs::rename(path, &aside))?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
