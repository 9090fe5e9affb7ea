//! Erasing what is stored, while no daemon runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Saved, StoreError, database, lock};

/// Something that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedFile {
    /// Where it was.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// What became of a state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Files that are gone.
    pub files: Vec<ErasedFile>,
    /// What stays muted: zones, and `None` for the whole site. Silence does not end because a file is erased.
    pub still_muted: Vec<Option<String>>,
}

/// The files of a state folder that hold something about the site: the database with its side files, and damaged ones that were set
/// aside.
///
/// # Errors
/// [`StoreError::Folder`] when the folder cannot be read; one that is not there holds nothing.
pub fn files(state_dir: &Path) -> Result<Vec<ErasedFile>, StoreError> {
    let failed = |source| StoreError::Folder {
        doing: "read",
        path: state_dir.to_owned(),
        source,
    };
    let entries = match fs::read_dir(state_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(database::FILE_NAME) {
            files.push(ErasedFile {
                path: entry.path(),
                bytes: entry.metadata().map_err(failed)?.len(),
            });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// Erases the state folder and these other files. What is muted stays muted.
///
/// # Errors
/// [`StoreError::InUse`] while a daemon runs, [`StoreError::Folder`] when a file cannot be removed: what was removed before is gone.
pub fn erase(state_dir: &Path, others: &[&Path]) -> Result<Erased, StoreError> {
    let _lock = lock::take(state_dir)?;
    let still_muted = match super::kept(state_dir) {
        Ok(saved) => saved.mutes,
        Err(StoreError::NoHistory { .. }) => Vec::new(),
        Err(_) => database::settings::salvage(&database::path_in(state_dir)).mutes,
    };
    let mut files = files(state_dir)?;
    for path in others {
        if let Ok(file) = fs::metadata(path) {
            let path = path.to_path_buf();
            files.push(ErasedFile { path, bytes: file.len() });
        }
    }
    for file in &files {
        remove(&file.path)?;
    }
    if !still_muted.is_empty() {
        let mut database = database::Database::open(&database::path_in(state_dir))?;
        database.save_all(&Saved {
            mutes: still_muted.clone(),
            ..Saved::default()
        })?;
    }
    Ok(Erased { files, still_muted })
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        // SQLite takes its side files away when the last reader leaves.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::Folder {
            doing: "erase",
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}
