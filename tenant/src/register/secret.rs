//! Secrets that the program draws: `<prefix><tenant>_<256 random bits>`. The tenant stands in it, so that its digest is looked
//! for among that tenant's only; so many random bits are why a plain digest keeps it.

use rustls::crypto::aws_lc_rs;
use sha2::{Digest, Sha256};

use super::RegisterError;
use crate::ids::TenantId;

const SECRET_BYTES: usize = 32;

/// A secret that has just been drawn.
pub(super) struct Secret {
    /// What is handed over, once.
    pub text: String,
    /// What is kept.
    pub digest: String,
}

impl Secret {
    /// Draws one.
    pub fn draw(prefix: &str, tenant: &TenantId) -> Result<Self, RegisterError> {
        let text = format!("{prefix}{tenant}_{}", hex(&random::<SECRET_BYTES>()?));
        let digest = digest(&text);
        Ok(Secret { text, digest })
    }
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], RegisterError> {
    let mut bytes = [0; N];
    let drawn = aws_lc_rs::default_provider().secure_random.fill(&mut bytes);
    drawn.map_err(|_| RegisterError::Wrong("this machine gives no random numbers".to_owned()))?;
    Ok(bytes)
}

/// The tenant that stands in a secret; `None` when it cannot be one of ours.
pub(super) fn tenant_of(prefix: &str, text: &str) -> Option<TenantId> {
    let (tenant, secret) = text.strip_prefix(prefix)?.split_once('_')?;
    let whole = secret.len() == 2 * SECRET_BYTES && secret.bytes().all(|b| b.is_ascii_hexdigit());
    TenantId::parse(tenant).filter(|_| whole)
}

/// SHA-256 as hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
