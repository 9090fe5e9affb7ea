//! One process per state folder: two would send everything twice and replace each other's files.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use super::StoreError;

/// Name of the file inside the state folder. It stays; the lock on it goes with the process, however that ends.
const FILE_NAME: &str = "habitat.lock";

/// Makes the folder, for us alone, and takes the lock. It is held until the file is dropped.
pub(super) fn take(state_dir: &Path) -> Result<File, StoreError> {
    let failed = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::Folder { doing, path, source }
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state_dir)
        .map_err(failed("create", state_dir))?;
    let path = state_dir.join(FILE_NAME);
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .map_err(failed("write to", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: state_dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
    }
}
