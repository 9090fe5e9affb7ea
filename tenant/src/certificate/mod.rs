//! Certificates of destruction: what was destroyed, when, by which version; signed, and without a word about anybody.
//!
//! What is signed is the member `certificate` in the canonical form of RFC 8785, so that neither spaces nor the order of
//! members matter, and other programs can verify it, too.

mod key;

use serde_json::{Value, json};

pub use key::{CertificateKey, KeyError, PublicKey};

use crate::register::{Counts, Due};

/// How certificates are signed.
pub(crate) const ALGORITHM: &str = "Ed25519";
/// Tables whose rows stay, without anybody's name.
const ANONYMISED: &str = "access_log";

/// What is wrong with a certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It is not one.
    #[error("this is no certificate of destruction: {0}")]
    Malformed(&'static str),
    /// It has not been signed yet.
    #[error("the certificate is not signed; fetch it again after the tenant was started with --certificate-key")]
    Unsigned,
    /// It was changed, or another key signed it.
    #[error("the signature is not of this key, or the certificate was changed after it was signed")]
    Forged,
}

/// What a certificate says.
pub(crate) fn document(due: &Due, counts: &Counts, times: &Times, tenant_digest: &str, export: &str) -> Value {
    let of = |kept: bool| -> Value {
        let tables = counts.iter().filter(|(table, _)| (table.as_str() == ANONYMISED) == kept);
        tables
            .map(|(table, rows)| (table.clone(), json!(rows)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "id": due.certificate,
        "statement": "All data of this tenant were deleted, except the entries of its access log, from which every name and \
                      id was removed.",
        "program": concat!("habitat-tenant ", env!("CARGO_PKG_VERSION")),
        "tenant_sha256": tenant_digest,
        "requested": times.requested,
        "begun": times.begun,
        "completed": times.completed,
        "deleted_rows": of(false),
        "anonymised_rows": of(true),
        "export_sha256": Some(export).filter(|digest| !digest.is_empty()),
    })
}

/// When, RFC 3339.
pub(crate) struct Times {
    /// It was asked for.
    pub requested: String,
    /// The erasure began.
    pub begun: String,
    /// The erasure was complete.
    pub completed: String,
}

/// Checks a certificate as it was handed over, and gives what it says.
///
/// # Errors
/// [`CertificateError`], when it is none, is not signed, or not by this key or not as it is now.
pub fn verify(handed_over: &Value, key: &PublicKey) -> Result<Value, CertificateError> {
    let document = handed_over
        .get("certificate")
        .filter(|document| document.is_object())
        .ok_or(CertificateError::Malformed("there is no member `certificate`"))?;
    if handed_over.get("algorithm").and_then(Value::as_str) != Some(ALGORITHM) {
        return Err(CertificateError::Malformed("`algorithm` is not Ed25519"));
    }
    let signature = match handed_over.get("signature") {
        Some(Value::String(signature)) => signature,
        Some(Value::Null) => return Err(CertificateError::Unsigned),
        _ => return Err(CertificateError::Malformed("`signature` is missing")),
    };
    if key.verifies(document, signature) {
        Ok(document.clone())
    } else {
        Err(CertificateError::Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed_over(key: &CertificateKey) -> Value {
        let document = json!({ "id": "c", "deleted_rows": { "site": 2, "event": 7 } });
        let signature = key.sign(&document).expect("signed");
        json!({ "certificate": document, "algorithm": ALGORITHM, "public_key": key.public_hex(), "signature": signature })
    }

    #[test]
    fn a_certificate_is_valid_as_it_was_signed_whatever_its_spaces_and_order() {
        let key = CertificateKey::draw().expect("a key");
        let good = handed_over(&key);
        assert!(verify(&good, &key.public()).is_ok());
        let reordered = format!(
            "{{ \"signature\": {}, \"algorithm\": \"Ed25519\",\n \"certificate\": {{\"deleted_rows\": {{\"event\": 7, \"site\": 2}}, \"id\": \"c\"}}}}",
            good["signature"]
        );
        let reordered = serde_json::from_str(&reordered).expect("JSON");
        assert!(verify(&reordered, &key.public()).is_ok());
    }

    #[test]
    fn a_certificate_that_was_changed_or_is_of_another_key_is_not() {
        let (key, other) = (CertificateKey::draw().expect("a key"), CertificateKey::draw().expect("a key"));
        let good = handed_over(&key);
        assert!(matches!(verify(&good, &other.public()), Err(CertificateError::Forged)));
        for (path, value) in [
            ("/certificate/deleted_rows/event", json!(6)),
            ("/certificate/id", json!("d")),
            ("/signature", json!("00".repeat(64))),
            ("/signature", json!("no hex")),
        ] {
            let mut changed = good.clone();
            *changed.pointer_mut(path).expect("it is there") = value;
            assert!(
                matches!(verify(&changed, &key.public()), Err(CertificateError::Forged)),
                "{path}"
            );
        }
        let mut unsigned = good.clone();
        unsigned["signature"] = Value::Null;
        assert!(matches!(verify(&unsigned, &key.public()), Err(CertificateError::Unsigned)));
        for wrong in [
            json!(null),
            json!([]),
            json!({ "certificate": 1 }),
            json!({ "certificate": {} }),
        ] {
            assert!(
                matches!(verify(&wrong, &key.public()), Err(CertificateError::Malformed(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn keys_survive_their_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let (private, public) = (folder.path().join("key.pem"), folder.path().join("public.pem"));
        let key = CertificateKey::draw().expect("a key");
        key.write(&private).expect("written");
        std::fs::write(&public, key.public().to_pem()).expect("written");
        let read = CertificateKey::read(&private).expect("read");
        let public = PublicKey::read(&public).expect("read");
        assert!(verify(&handed_over(&read), &public).is_ok());
        assert!(key.write(&private).is_err(), "a key is never written over");
        assert!(CertificateKey::read(&folder.path().join("public.pem")).is_err());
        assert!(PublicKey::read(&private).is_err());
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}
