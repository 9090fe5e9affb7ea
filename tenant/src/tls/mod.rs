//! The server's certificate and key. The crypto provider is named here and installed nowhere, so that a program that
//! embeds the tenant keeps its own choice.

mod client_certificate;

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use client_certificate::AnyWithItsKey;
pub use client_certificate::Fingerprint;
pub(crate) use client_certificate::PREFIX;

/// Why a certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("cannot read {what} from {path}: {reason}; right would be a PEM file")]
    Pem {
        /// Certificate or key.
        what: &'static str,
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The certificate and the key cannot be used together.
    #[error("the certificate {certificate} and the key {key} cannot be used: {source}")]
    Unusable {
        /// The certificate file.
        certificate: String,
        /// The key file.
        key: String,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// A certificate chain with its key, ready to serve.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a PEM certificate chain (the server's own first) and its PEM key.
    ///
    /// # Errors
    /// [`TlsError`], when a file is not PEM or the two do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
            .map_err(|error| pem_error("a certificate", certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(pem_error("a certificate", certificate, "there is none in it".to_owned()));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| pem_error("a private key", key, error.to_string()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let clients = AnyWithItsKey::verifier(provider.clone());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_client_cert_verifier(clients).with_single_cert(chain, private))
            .map_err(|source| TlsError::Unusable {
                certificate: certificate.display().to_string(),
                key: key.display().to_string(),
                source,
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls(Arc::new(config)))
    }

    /// What the server takes.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.0.clone()
    }
}

fn pem_error(what: &'static str, path: &Path, reason: String) -> TlsError {
    TlsError::Pem {
        what,
        path: path.display().to_string(),
        reason,
    }
}
