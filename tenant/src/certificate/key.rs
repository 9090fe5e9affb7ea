//! The operator's key that signs certificates, in the files that OpenSSL writes, too: PKCS #8 and SubjectPublicKeyInfo as PEM.

use std::{fmt, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde_json::Value;

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file.
    #[error("cannot use the key file {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The library refuses.
    #[error("the key cannot be used: {0}")]
    Refused(String),
}

/// Signs.
#[derive(Clone)]
pub struct CertificateKey {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<[u8]>,
}

impl CertificateKey {
    /// Draws a key.
    ///
    /// # Errors
    /// When this machine gives no random numbers.
    pub fn draw() -> Result<Self, KeyError> {
        let drawn = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new());
        let pkcs8 = drawn.map_err(|error| KeyError::Refused(error.to_string()))?;
        Self::of(pkcs8.as_ref()).map_err(KeyError::Refused)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`], when the file cannot be read or has no Ed25519 key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let pkcs8 = contents(path, PRIVATE)?;
        Self::of(&pkcs8).map_err(|reason| file_error(path, &reason))
    }

    /// Writes it into a new file that only its owner can read.
    ///
    /// # Errors
    /// [`KeyError`], when there is such a file already, or it cannot be made.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        let made = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let text = pem::encode(&pem::Pem::new(PRIVATE, self.pkcs8.to_vec()));
        made.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(|error| file_error(path, &error.to_string()))
    }

    /// What verifies.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key().as_ref().to_vec())
    }

    pub(crate) fn public_hex(&self) -> String {
        hex(&self.public().0)
    }

    /// Signs a document in its canonical form.
    pub(crate) fn sign(&self, document: &Value) -> Result<String, KeyError> {
        let bytes = serde_json_canonicalizer::to_vec(document).map_err(|error| KeyError::Refused(error.to_string()))?;
        Ok(hex(self.pair.sign(&bytes).as_ref()))
    }

    fn of(pkcs8: &[u8]) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|error| format!("it is no Ed25519 key ({error})"))?;
        Ok(CertificateKey {
            pair: Arc::new(pair),
            pkcs8: pkcs8.into(),
        })
    }
}

/// Without the key.
impl fmt::Debug for CertificateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateKey({})", self.public_hex())
    }
}

/// Verifies.
#[derive(Clone, Debug)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Bytes of a bare key.
    const BYTES: usize = 32;

    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`], when the file cannot be read or has no Ed25519 key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let info = contents(path, PUBLIC)?;
        // SubjectPublicKeyInfo of an Ed25519 key has the key as its last bytes (RFC 8410).
        let bare = info.len().checked_sub(Self::BYTES).and_then(|start| info.get(start..));
        let key = PublicKey(bare.unwrap_or_default().to_vec());
        if key.to_info() != info {
            return Err(file_error(path, "it is no Ed25519 key"));
        }
        Ok(key)
    }

    /// The text of its file.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(&pem::Pem::new(PUBLIC, self.to_info()))
    }

    pub(crate) fn verifies(&self, document: &Value, signature: &str) -> bool {
        let (Ok(bytes), Some(signature)) = (serde_json_canonicalizer::to_vec(document), from_hex(signature)) else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, &self.0).verify(&bytes, &signature).is_ok()
    }

    /// SubjectPublicKeyInfo (RFC 8410).
    fn to_info(&self) -> Vec<u8> {
        const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        [&HEAD, self.0.as_slice()].concat()
    }
}

fn contents(path: &Path, tag: &str) -> Result<Vec<u8>, KeyError> {
    let text = std::fs::read(path).map_err(|error| file_error(path, &error.to_string()))?;
    match pem::parse(text) {
        Ok(pem) if pem.tag() == tag => Ok(pem.into_contents()),
        Ok(pem) => Err(file_error(path, &format!("it has a {}, right would be a {tag}", pem.tag()))),
        Err(error) => Err(file_error(path, &format!("{error}; right would be a PEM file with a {tag}"))),
    }
}

fn file_error(path: &Path, reason: &str) -> KeyError {
    KeyError::File {
        path: path.display().to_string(),
        reason: reason.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}
