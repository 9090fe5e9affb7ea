//! What we show at the other end of an encrypted link: a certificate and its key, both or none.

use std::path::{Path, PathBuf};

use crate::read::{Reading, Table, file_path, secret_file};

/// The certificate, its place in the file, and the key.
pub(super) struct OwnCertificate {
    pub certificate: Reading<PathBuf>,
    pub key: Option<PathBuf>,
}

/// Reads `certificate_file` and `key_file` of a section. `credential` is the name of the key among those of systemd.
pub(super) fn read(table: &Table, credential: &str, folder: &Path) -> OwnCertificate {
    let certificate = table.read("certificate_file", file_path);
    let key_file = table.read("key_file", file_path);
    // A credential that is there for another site does not ask for a certificate.
    let key = secret_file(credential, key_file.clone(), folder).filter(|_| certificate.span().is_some());
    if let (Some(span), None, false) = (certificate.span(), &key, key_file.is_wrong()) {
        let message = "`certificate_file` without `key_file`: a certificate is only good with its key";
        table
            .notes()
            .error(span, message, "add key_file = \"…\", or remove certificate_file");
    }
    if let (Some(span), None, false) = (key_file.span(), certificate.span(), certificate.is_wrong()) {
        let message = "`key_file` without `certificate_file`: a key is only good with its certificate";
        table
            .notes()
            .error(span, message, "add certificate_file = \"…\", or remove key_file");
    }
    OwnCertificate { certificate, key }
}
