//! What a client shows of itself on an encrypted connection. Certificates are pinned: any is taken whose key the client has, and what
//! it opens stands in the register or the token file under its digest. So there is no authority that could make another like it, and
//! a certificate ends when the register says so, not by its own date.

use std::{fmt, path::Path, sync::Arc};

use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use sha2::{Digest, Sha256};

use super::{TlsError, pem_error};

/// What digests of certificates begin with, so that no token can have one of them.
pub(crate) const PREFIX: &str = "certificate:";

/// A certificate as it is registered: the SHA-256 digest of its DER form, which `openssl x509 -fingerprint -sha256` shows as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of the first certificate of a PEM file.
    ///
    /// # Errors
    /// [`TlsError`], when it has none.
    pub fn read(certificate: &Path) -> Result<Self, TlsError> {
        let read = CertificateDer::from_pem_file(certificate);
        read.map(|certificate| Self::of(&certificate))
            .map_err(|error| pem_error("a certificate", certificate, error.to_string()))
    }

    /// Of a certificate in its DER form.
    pub(crate) fn of(certificate: &[u8]) -> Self {
        let digest = Sha256::digest(certificate);
        Fingerprint(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// From text: `certificate:` and 64 hexadecimal digits, with or without colons between.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?.replace(':', "").to_ascii_lowercase();
        let whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        whole.then_some(Fingerprint(digits))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

/// Asks for a certificate, and takes any whose key the client has; without one a token is needed.
#[derive(Debug)]
pub(super) struct AnyWithItsKey(Arc<CryptoProvider>);

impl AnyWithItsKey {
    pub(super) fn verifier(provider: Arc<CryptoProvider>) -> Arc<dyn ClientCertVerifier> {
        Arc::new(AnyWithItsKey(provider))
    }
}

impl ClientCertVerifier for AnyWithItsKey {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // What it opens is looked up by its digest.
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_openssl_and_we_ourselves_write_it() {
        let digits = "0A".repeat(32);
        let with_colons = format!("certificate:{}", vec!["0A"; 32].join(":"));
        let read = Fingerprint::parse(&with_colons).expect("well-formed");
        assert_eq!(Some(read.clone()), Fingerprint::parse(&format!("certificate:{digits}")));
        assert_eq!(read.to_string(), format!("certificate:{}", "0a".repeat(32)));
        for wrong in [
            "",
            "certificate:",
            &digits,
            "certificate:0a",
            &format!("certificate:{}", "0g".repeat(32)),
        ] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
