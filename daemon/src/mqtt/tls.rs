//! Whom to trust when the connection is encrypted.

use std::{path::Path, sync::Arc};

use habitat_config::site::Mqtt;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// TLS 1.2 and 1.3, trusting the given authority or, without one, the system's. Blocks for as long as the disk takes.
///
/// # Errors
/// A sentence that says what to correct.
pub(super) fn client_config(mqtt: &Mqtt) -> Result<ClientConfig, String> {
    let roots = match mqtt.ca_file.as_deref() {
        Some(path) => own_authority(path)?,
        None => system_authorities()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?;
    let builder = builder.with_root_certificates(roots);
    let (Some(certificate), Some(key)) = (mqtt.certificate_file.as_deref(), mqtt.key_file.as_deref()) else {
        return Ok(builder.with_no_client_auth());
    };
    let (chain, key) = own_certificate(certificate, key)?;
    builder.with_client_auth_cert(chain, key).map_err(|error| {
        format!(
            "the certificate {} (`mqtt.certificate_file`) cannot be used with its key: {error}",
            certificate.display()
        )
    })
}

/// What we show the broker, and the key to it.
fn own_certificate(certificate: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let problem = |what: String| format!("the certificate {} (`mqtt.certificate_file`) {what}", certificate.display());
    let pem = std::fs::read(certificate).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| problem(format!("is not PEM: {error}")))?;
    if chain.is_empty() {
        return Err(problem("holds no block `-----BEGIN CERTIFICATE-----`".into()));
    }
    let problem = |what: String| format!("the key {} (`mqtt.key_file`) {what}", key.display());
    let pem = std::fs::read(key).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| problem(format!("holds no private key in PEM: {error}")))?;
    Ok((chain, key))
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
    use crate::mqtt::to_broker;

    fn mqtt() -> Mqtt {
        Mqtt {
            tls: true,
            ..to_broker("broker.example")
        }
    }

    #[test]
    fn an_authority_that_cannot_be_used_is_named_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let mqtt = Mqtt {
            ca_file: Some(path.clone()),
            ..mqtt()
        };
        let missing = client_config(&mqtt).unwrap_err();
        assert!(missing.contains("cannot be read") && missing.contains("ca.pem"), "{missing}");
        std::fs::write(&path, "not a certificate\n").unwrap();
        assert!(client_config(&mqtt).unwrap_err().contains("holds no certificate"));
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n").unwrap();
        assert!(client_config(&mqtt).unwrap_err().contains("is not usable"));
    }

    #[test]
    fn a_certificate_or_key_of_our_own_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["habitat-hq".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("own.pem"), folder.path().join("own.key"));
        let mqtt = Mqtt {
            certificate_file: Some(certificate.clone()),
            key_file: Some(key.clone()),
            ..mqtt()
        };
        assert!(client_config(&mqtt).unwrap_err().contains("own.pem"));
        std::fs::write(&certificate, made.signing_key.serialize_pem()).unwrap();
        assert!(client_config(&mqtt).unwrap_err().contains("no block"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        assert!(client_config(&mqtt).unwrap_err().contains("own.key"));
        std::fs::write(&key, made.cert.pem()).unwrap();
        assert!(client_config(&mqtt).unwrap_err().contains("holds no private key"));
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        assert!(client_config(&mqtt).is_ok());
    }
}
