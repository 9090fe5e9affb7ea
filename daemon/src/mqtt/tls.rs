//! Whom to trust when the connection is encrypted.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

/// TLS 1.2 and 1.3, trusting the given authority or, without one, the system's. Blocks for as long as the disk takes.
///
/// # Errors
/// A sentence that says what to correct.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let roots = match ca_file {
        Some(path) => own_authority(path)?,
        None => system_authorities()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn own_authority(path: &Path) -> Result<RootCertStore, String> {
    let problem = |what: String| format!("the certificate authority {} (`mqtt.ca_file`) {what}", path.display());
    let pem = std::fs::read(path).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| problem(format!("is not PEM: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| problem(format!("is not usable: {error}")))?;
    }
    if roots.is_empty() {
        return Err(problem(
            "holds no certificate; it has to have at least one block `-----BEGIN CERTIFICATE-----`".into(),
        ));
    }
    Ok(roots)
}

fn system_authorities() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Systems carry odd certificates that nobody uses; what cannot be read is left out.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(
            "this system has no certificate authorities; install the package ca-certificates or set `mqtt.ca_file`".into(),
        );
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_that_cannot_be_used_is_named_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let missing = client_config(Some(&path)).unwrap_err();
        assert!(missing.contains("cannot be read") && missing.contains("ca.pem"), "{missing}");
        std::fs::write(&path, "not a certificate\n").unwrap();
        assert!(client_config(Some(&path)).unwrap_err().contains("holds no certificate"));
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n").unwrap();
        assert!(client_config(Some(&path)).unwrap_err().contains("is not usable"));
    }
}
