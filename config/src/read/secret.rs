//! Files with secrets: where the configuration says, or a systemd credential.

use std::path::{Path, PathBuf};

use super::Reading;

/// Where systemd puts what `LoadCredential=` names (systemd.exec(5)).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The file of a secret: the one that is written, else the credential that has the name of table and key, such as `mqtt.password_file`.
pub(crate) fn secret_file(name: &str, written: Reading<PathBuf>, folder: &Path) -> Option<PathBuf> {
    match written {
        Reading::Absent => credential(std::env::var_os(CREDENTIALS).as_deref().map(Path::new), name),
        written => written.written().map(|path| folder.join(path)),
    }
}

fn credential(credentials: Option<&Path>, name: &str) -> Option<PathBuf> {
    credentials.map(|folder| folder.join(name)).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_counts_if_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mqtt.password_file");
        assert_eq!(credential(Some(folder.path()), "mqtt.password_file"), None);
        std::fs::write(&path, "secret").unwrap();
        assert_eq!(credential(Some(folder.path()), "mqtt.password_file"), Some(path));
        assert_eq!(credential(None, "mqtt.password_file"), None);
    }
}
