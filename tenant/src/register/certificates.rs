//! Certificates of destruction, which outlive their tenants.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Register, RegisterError, freely, lists::Columns, sql};
use crate::{
    certificate::{ALGORITHM, CertificateKey},
    store::Statement,
};

/// A certificate in a list.
#[derive(Debug, Serialize)]
pub struct CertificateEntry {
    /// Its id.
    pub certificate: String,
    /// When the tenant was erased.
    pub erased: Timestamp,
    /// Whether it is signed.
    pub signed: bool,
}

impl Register {
    /// All certificates.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificates(&self) -> Result<Vec<CertificateEntry>, RegisterError> {
        let rows = self.store.query(Statement::new(sql::CERTIFICATES, Vec::new())).await?;
        Ok(rows
            .into_iter()
            .map(Columns::of)
            .map(|mut row| CertificateEntry {
                certificate: row.text(),
                erased: row.time(),
                signed: !row.text().is_empty(),
            })
            .collect())
    }

    /// A certificate as it is handed over; its signature is null while no instance has a key.
    ///
    /// # Errors
    /// [`RegisterError::Missing`], when there is none of this id.
    pub async fn certificate(&self, id: &str) -> Result<Value, RegisterError> {
        let rows = self.store.query(Statement::new(sql::CERTIFICATE, vec![id.into()])).await?;
        let Some(row) = rows.into_iter().next() else {
            return Err(RegisterError::Missing(format!("there is no certificate {id:?}")));
        };
        let mut row = Columns::of(row);
        let document: Value = serde_json::from_str(&row.text()).unwrap_or_default();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let (public_key, signature) = (some(row.text()), some(row.text()));
        Ok(json!({
            "certificate": document,
            "algorithm": ALGORITHM,
            "public_key": public_key,
            "signature": signature,
        }))
    }

    /// Signs the certificates that have no signature yet.
    pub(crate) async fn sign_certificates(&self, key: &CertificateKey) -> Result<usize, RegisterError> {
        let rows = self.store.query(Statement::new(sql::UNSIGNED, Vec::new())).await?;
        let mut signed = 0;
        for row in rows {
            let mut row = Columns::of(row);
            let (id, document) = (row.text(), row.text());
            let broken = |error: String| RegisterError::Wrong(format!("the certificate {id} cannot be signed: {error}"));
            let document: Value = serde_json::from_str(&document).map_err(|error| broken(error.to_string()))?;
            let signature = key.sign(&document).map_err(|error| broken(error.to_string()))?;
            let values = vec![
                key.public_hex().as_str().into(),
                signature.as_str().into(),
                id.as_str().into(),
            ];
            self.store.change(vec![freely(sql::SIGN, values)]).await??;
            signed += 1;
        }
        Ok(signed)
    }
}
